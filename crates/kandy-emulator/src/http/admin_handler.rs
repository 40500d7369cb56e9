//! Handles requests to the emulator's own endpoints.
//!
//! Depends on `app_state`, `body`, `origin_guard` and `admin`. Begin with `handle`.

use std::{sync::Arc, time::Instant};

use axum::body::Body;
use http::{Method, Response, request::Parts};

use super::{
    app_state::AppState,
    body::TimedBody,
    context::ConnectionContext,
    origin_guard,
    request_log::{LoggedOutcome, LoggedRequest, NewRequest},
    response::HttpResponse,
};
use crate::admin::{
    self, contents, events,
    snapshots::{Change, Transfer},
};
#[cfg(feature = "inspector")]
use crate::inspector;

/// Handles a request to one of the emulator's own endpoints.
pub(super) async fn handle(context: &ConnectionContext, parts: Parts, body: Body, began: Instant) -> Response<Body> {
    let app = &context.app;
    let mut response = respond(context, &parts, body, began).await;
    app.guard.add_headers(&parts.method, &parts.headers, response.headers_mut());
    response
}

async fn respond(context: &ConnectionContext, parts: &Parts, body: Body, began: Instant) -> Response<Body> {
    let app = &context.app;
    let (method, path) = (&parts.method, parts.uri.path());
    let log = |query, response: &HttpResponse| {
        let outcome = LoggedOutcome::new(response);
        app.record(NewRequest { operation: None, method, path, query, outcome }, None, began, true);
    };
    let query = parts.uri.query().unwrap_or_default();
    if let Err(refusal) = app.guard.check(parts, app.is_secure) {
        // Before the body is read: a page must not make the emulator read anything.
        let response = HttpResponse::from(refusal);
        log(query, &response);
        return response.into_response(&app.state);
    }
    #[cfg(feature = "inspector")]
    if let Some(response) = inspector::respond(method, path) {
        return response;
    }
    if events::is_requested(method, path) {
        return match events::Events::open(app, parts, context.connection.clone()) {
            Ok(events) => HttpResponse::events().into_streamed(Some(events.into_body())),
            Err(refusal) => HttpResponse::from(refusal).into_response(&app.state),
        };
    }
    if let Some(file) = contents::requested(method, &parts.uri) {
        return file.run(app).await;
    }
    let body = TimedBody::new(body, app.read_timeout);
    if let Some(transfer) = Transfer::of(method, path) {
        let (response, body) = transfer.run(app, body).await;
        app.record(LoggedRequest::new(None, method, path, None).with_response(&response), None, began, true);
        return response.into_streamed(body);
    }
    let response = run(app, parts, body).await;
    // What the page of the emulator reads is no news to its user.
    if !(method == Method::GET && origin_guard::is_own_page(&parts.headers)) {
        log(query, &response);
    }
    response.into_response(&app.state)
}

async fn run(app: &Arc<AppState>, parts: &Parts, body: TimedBody) -> HttpResponse {
    let body = match body.read().await {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    if origin_guard::is_preflight(&parts.method, &parts.headers) {
        return HttpResponse::empty();
    }
    match Change::of(&parts.method, &parts.uri) {
        Some(change) => change.run(app).await,
        None => admin::handle(app, &parts.method, &parts.uri, &parts.headers, &body),
    }
}
