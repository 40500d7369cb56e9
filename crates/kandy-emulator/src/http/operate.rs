//! Runs an operation: reads its body, locks the state, and makes the response.
//!
//! Depends on `app_state`, `body`, `upload` and `operations`. Begin with `run`.

use std::sync::Arc;

use http::request::Parts;
use kandy_sys::{Operation, operation::RequestBody};

use super::{app_state::AppState, body::TimedBody, response::HttpResponse, upload};
use crate::{
    operations::dispatch,
    protocol::{
        call::{Body, Call, FormParams},
        refusal::Refusal,
        reply::Reply,
    },
    state::SharedState,
};

/// Reads the body of a request to an operation.
pub(super) async fn read_body(operation: &'static Operation, parts: &Parts, body: TimedBody) -> Result<Body, Refusal> {
    match operation.body {
        // Boxed, so that the future of every other request is small.
        RequestBody::File(part) => Box::pin(upload::read(&parts.headers, body, part)).await.map(Body::File),
        _ => body.read().await.map(Body::Bytes),
    }
}

/// Runs an operation with the state locked, and what it leaves to do after the lock is released.
pub(super) async fn run(
    app: &Arc<AppState>,
    operation: &'static Operation,
    parts: &Parts,
    body: Result<Body, Refusal>,
) -> HttpResponse {
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    let query = FormParams::decode(parts.uri.query().unwrap_or_default());
    let Some(query) = query else { return Refusal::unreadable("query cannot be read").into() };
    let call = Call::new(operation, query, &parts.headers, app.is_secure, body);
    let (outcome, needs_purge) = {
        // One lock for the whole operation: checks and changes are atomic, so that of concurrent creations one wins
        // (`robustness::concurrent_creates_have_one_winner`). The guard is dropped before the first await below.
        let mut state = app.state.lock();
        let before = state.count_pending_purges();
        (dispatch::run(&mut state, &call), state.count_pending_purges() > before)
    };
    if needs_purge {
        // A task of its own: dropping this future, when the client disconnects, does not stop the purge. The response
        // waits for it, so that a client that has it finds nothing of what it deleted.
        drop(tokio::spawn(SharedState::purge(Arc::clone(&app.state))).await);
    }
    match outcome {
        Ok(Reply { thumbnail: Some(thumbnail), .. }) => match Box::pin(app.thumbnails.make(thumbnail)).await {
            Ok(made) => Reply::file(made.content_type.to_owned(), made.bytes.into()).into(),
            Err(fault) => fault.into(),
        },
        Err(refusal) if app.refuse_with_200 => refusal.with_http_200().into(),
        outcome => outcome.into(),
    }
}
