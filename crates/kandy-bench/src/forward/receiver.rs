//! The process that receives forwarded messages.
//!
//! Depends on `helper` and `load`. Begin with `run`.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::Instant,
};

use axum::{Router, http::StatusCode, routing::post};
use serde::{Deserialize, Serialize};

use crate::{BoxError, helper, load};

/// What was received since the last time.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(super) struct Received {
    pub(super) number: u64,
    /// From the first to the last.
    pub(super) seconds: f64,
}

/// The number, and the times of the first and the last.
type State = Arc<Mutex<Option<(u64, Instant, Instant)>>>;

/// Runs the process: it prints its address, and returns `Received` for each line.
///
/// # Errors
///
/// When it cannot listen.
pub fn run() -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    helper::print_line(&listener.local_addr()?.to_string())?;
    let state = State::default();
    let receive = {
        let state = state.clone();
        // The body is read to its end before this runs.
        async move |body: bytes::Bytes| {
            drop(body);
            let (now, mut state) = (Instant::now(), state.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
            let (number, first, _) = state.unwrap_or((0, now, now));
            *state = Some((number + 1, first, now));
            StatusCode::NO_CONTENT
        }
    };
    let router = Router::new().route("/", post(receive));
    // With Nagle's algorithm responses would be delayed.
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
    runtime.spawn(async move { axum::serve(listener, router).await });
    helper::serve(|_| {
        let state = state.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let received = state.map_or(Received { number: 0, seconds: 0.0 }, |(number, first, last)| Received {
            number,
            seconds: last.duration_since(first).as_secs_f64(),
        });
        Ok(Some(serde_json::to_string(&received)?))
    })
}
