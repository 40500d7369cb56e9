//! The notification channel of a registration: a WebSocket on which nothing is sent, because the emulator makes no calls.
//!
//! Depends on `http::websocket` and `registration`. Begin with `open`.

use std::{sync::Arc, time::Instant};

use axum::body::Body;
use http::{Response, StatusCode, request::Parts};

use super::{
    path::{Resource, Target},
    registration,
};
use crate::{
    http::{
        app_state::AppState,
        context::ConnectionContext,
        request_log::LoggedRequest,
        websocket::{CloseReason, Frame, Upgrade, WebSocket},
    },
    protocol::{call::FormParams, refusal::Refusal},
};

const ENDED: CloseReason = CloseReason::new(1000, "the registration has ended");

/// Opens the channel of a registration, or refuses to. Its id in the path is the credential: browsers send no other with
/// a WebSocket.
pub(crate) fn open(context: &ConnectionContext, parts: &mut Parts) -> Response<Body> {
    let app = &context.app;
    let path = parts.uri.path().to_owned();
    let query = FormParams::decode(parts.uri.query().unwrap_or_default());
    let logged = LoggedRequest::new(None, &parts.method, &path, query.as_ref());
    match upgrade(app, &path, parts) {
        Ok(upgrade) => {
            let http_status = Some(StatusCode::SWITCHING_PROTOCOLS.as_u16());
            app.record(LoggedRequest { http_status, ..logged }, None, Instant::now(), false);
            let app = Arc::clone(app);
            upgrade.accept(&context.connection, |socket| async move {
                if let Some(socket) = socket {
                    run(&app, &path, socket).await;
                }
            })
        }
        Err(refusal) => context.refuse_upgrade(logged, refusal),
    }
}

fn upgrade(app: &AppState, path: &str, parts: &mut Parts) -> Result<Upgrade, Refusal> {
    check(app, path)?;
    Upgrade::read(parts)
}

/// Checks that the path is a channel of a live registration.
fn check(app: &AppState, path: &str) -> Result<(), Refusal> {
    match Target::parse(path) {
        Some(target @ Target { resource: Resource::WebSocket(id), .. }) => registration::find(app, &target, id),
        _ => Err(Refusal::unknown_request()),
    }
}

/// Reads and drops what the client sends, until either side ends the channel.
async fn run(app: &AppState, path: &str, mut socket: WebSocket) {
    let mut connection = socket.connection().clone();
    loop {
        let frame = tokio::select! {
            () = connection.stopping() => return socket.close(CloseReason::GOING_AWAY).await,
            frame = socket.next() => frame,
        };
        match frame {
            // Clients send a text every ten seconds, so that a registration that has ended is noticed without a timer.
            Frame::Text(_) | Frame::Binary | Frame::Control if check(app, path).is_ok() => {}
            Frame::Text(_) | Frame::Binary | Frame::Control => return socket.close(ENDED).await,
            Frame::Invalid(reason) => return socket.close(reason).await,
            Frame::End => return socket.confirm_close().await,
        }
    }
}
