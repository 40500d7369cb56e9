//! Handles a request: finds its route, runs its operation, and makes the response.
//!
//! Begin with [`handle`].

use std::{sync::Arc, time::Instant};

use axum::body::Body;
use http::{Request, Response, request::Parts};
use kandy_sys::Operation;

use super::{
    admin_handler,
    app_state::AppState,
    body::TimedBody,
    context::ConnectionContext,
    cors, fault_handler, operate,
    request_log::{self, LoggedOutcome, NewExchange, NewRequest},
    response::HttpResponse,
    route::{self, Route},
    websocket,
};
use crate::{channel, faults::InjectedFault, protocol::refusal::Refusal, spidr};

/// Handles a request.
///
/// The future of a request is allocated and moved as a whole, so what few requests need is boxed.
pub(crate) async fn handle(context: &ConnectionContext, request: Request<Body>) -> Response<Body> {
    let began = Instant::now();
    let app = &context.app;
    let (parts, body) = request.into_parts();
    let route = route::find(&parts.method, parts.uri.path());
    let Route::Operation(operation) = route else {
        return Box::pin(handle_other(context, route, parts, body, began)).await;
    };
    // Selected before the body is read, because some faults reset the connection instead of reading it.
    if let Some(fault) = next_fault(app, operation) {
        let mut response = Box::pin(fault_handler::handle(context, (operation, &parts), body, fault, began)).await;
        cors::add_headers(response.headers_mut(), route, &parts);
        return response;
    }
    let body = operate::read_body(operation, &parts, TimedBody::new(body, app.read_timeout)).await;
    let kept = app.keeps_exchange(began).then(|| request_log::Body::of_request(&body));
    let response = operate::run(app, operation, &parts, body).await;
    finish(app, route, &parts, response, kept, began)
}

/// Counts a request to an operation, and returns the fault that it triggers.
fn next_fault(app: &AppState, operation: &'static Operation) -> Option<InjectedFault> {
    if !app.has_faults() {
        return None;
    }
    // The time needs the state lock, so it is read only if a rate limit is armed.
    let needs_time = app.faults().has_rate_limit();
    let now = if needs_time { app.state.lock().clock.now() } else { 0 };
    app.faults().next_match(operation, now)
}

/// Logs a request without a fault, and completes its response.
fn finish(
    app: &Arc<AppState>,
    route: Route,
    parts: &Parts,
    response: HttpResponse,
    request_body: Option<request_log::Body>,
    began: Instant,
) -> Response<Body> {
    let operation = match route {
        Route::Operation(operation) => Some(operation),
        _ => None,
    };
    let outcome = LoggedOutcome::new(&response);
    let kept = request_body.map(|body| (body, request_log::Body::of_response(&response)));
    let mut response = response.into_response(&app.state);
    cors::add_headers(response.headers_mut(), route, parts);
    let (method, path, query) = (&parts.method, parts.uri.path(), parts.uri.query().unwrap_or_default());
    let exchange = kept.map(|(request, of_response)| NewExchange {
        query,
        request: (&parts.headers, request),
        response: (response.headers(), of_response),
    });
    // Before the response is sent: a client that has the response finds its request in the log.
    app.record(NewRequest { operation, method, path, query, outcome }, exchange.as_ref(), began, false);
    response
}

/// Handles a request that is none to an operation.
async fn handle_other(
    context: &ConnectionContext,
    route: Route,
    mut parts: Parts,
    body: Body,
    began: Instant,
) -> Response<Body> {
    let app = &context.app;
    match route {
        Route::Admin => return admin_handler::handle(context, parts, body, began).await,
        Route::Unknown | Route::Spidr if !websocket::is_requested(&parts.method, &parts.headers) => {}
        Route::Unknown if route::is_root(parts.uri.path()) => return channel::open(context, &mut parts),
        Route::Spidr => return spidr::notifications::open(context, &mut parts),
        _ => {}
    }
    let body = TimedBody::new(body, app.read_timeout).read().await;
    let kept = app.keeps_exchange(began).then(|| match (route, &body) {
        // Nothing tells which of its parts are credentials.
        (Route::Unknown, _) => request_log::Body::LeftOut("Bodies of unknown requests are not kept."),
        (_, Ok(bytes)) => request_log::Body::new(bytes),
        (_, Err(_)) => request_log::Body::UNREADABLE,
    });
    let response = match (route, body) {
        (_, Err(refusal)) => refusal.into(),
        (Route::OtherMethods(_), _) => Refusal::method_not_allowed().into(),
        (Route::Preflight(_), _) => HttpResponse::empty(),
        (Route::Spidr, Ok(body)) => spidr::handle(app, &parts, &body).await,
        (Route::Unknown | Route::Admin | Route::Operation(_), _) => Refusal::unknown_request().into(),
    };
    finish(app, route, &parts, response, kept, began)
}
