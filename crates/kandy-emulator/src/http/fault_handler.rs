//! Handles a request to an operation that triggers an injected fault.
//!
//! Depends on `app_state`, `operate`, `fault_effects` and `delivery`. Begin with `handle`.

use std::{pin::pin, time::Instant};

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Response, header, request::Parts};
use kandy_sys::Operation;
use tokio::time;

use super::{
    body::TimedBody,
    context::ConnectionContext,
    delivery, operate,
    request_log::{self, LoggedOutcome, NewExchange, NewRequest},
};
use crate::faults::{InjectedFault, Reading};

/// Handles a request, and applies the fault. The caller adds the CORS headers.
pub(super) async fn handle(
    context: &ConnectionContext,
    (operation, parts): (&'static Operation, &Parts),
    body: Body,
    fault: InjectedFault,
    began: Instant,
) -> Response<Body> {
    let app = &context.app;
    let body = TimedBody::new(body, app.read_timeout);
    let body = match fault.reading() {
        Reading::Everything => operate::read_body(operation, parts, body).await,
        Reading::FirstChunk => {
            drop(pin!(body.into_stream()).next().await);
            Ok(Bytes::new().into())
        }
        Reading::Nothing => Ok(Bytes::new().into()),
    };
    let request_body = app.keeps_exchange(began).then(|| request_log::Body::of_request(&body));
    let response = match fault.is_applied() {
        true => operate::run(app, operation, parts, body).await,
        false => InjectedFault::example_response(operation),
    };
    // A fault can cut a response in half, so it needs the whole body.
    let response = fault.corrupt(response.collected(&app.state).await, app.refused_credential());
    let mut headers = HeaderMap::new();
    headers.extend(HeaderValue::try_from(&*response.content_type).ok().map(|value| (header::CONTENT_TYPE, value)));
    fault.add_headers(&mut headers, app.state.lock().clock.now());
    let query = parts.uri.query().unwrap_or_default();
    let exchange = request_body.map(|request| NewExchange {
        query,
        request: (&parts.headers, request),
        response: (&headers, request_log::Body::of_response(&response)),
    });
    let outcome = LoggedOutcome::new(&response).with_fault(&fault);
    let (method, path) = (&parts.method, parts.uri.path());
    // Before the delay of the fault: a client that has the response finds its request in the log.
    app.record(
        NewRequest { operation: Some(operation), method, path, query, outcome },
        exchange.as_ref(),
        began,
        false,
    );
    let mut connection = context.connection.clone();
    tokio::select! {
        () = time::sleep(fault.delay()) => {}
        // Stopping the server ends the delay (`shutdown::stalls_until_stopped`).
        () = connection.stopping() => {}
    }
    let mut response = delivery::send(fault.delivery(), response, connection).await;
    fault.add_headers(response.headers_mut(), app.state.lock().clock.now());
    response
}
