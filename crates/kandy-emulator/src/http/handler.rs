//! Handles a request: reads it, runs its operation, applies an armed fault, and makes the response.
//!
//! Begin with [`handle`].

use std::{pin::pin, sync::Arc, time::Instant};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, header, request::Parts};
use kandy_sys::{Operation, operation};
use tokio::time;

use super::{
    app_state::AppState,
    body::TimedBody,
    context::ConnectionContext,
    delivery, origin_guard,
    request_log::{self, LoggedRequest, NewExchange},
    response::HttpResponse,
    route::{self, Route},
    upload, websocket,
};
#[cfg(feature = "inspector")]
use crate::inspector;
use crate::{
    admin::{
        self, contents, events,
        snapshots::{Change, Transfer},
    },
    channel,
    faults::{InjectedFault, Reading},
    limits,
    operations::dispatch,
    protocol::{
        call::{self, Call, FormParams},
        refusal::Refusal,
        reply::Reply,
    },
    spidr::{self, path::is_spidr},
    state::SharedState,
};

/// Handles a request.
pub(crate) async fn handle(context: &ConnectionContext, request: Request<Body>) -> Response<Body> {
    let began = Instant::now();
    let app = &context.app;
    let (mut parts, body) = request.into_parts();
    let (method, path) = (&parts.method, parts.uri.path());
    let route = route::find(method, path);
    if matches!(route, Route::Unknown) && websocket::is_requested(method, &parts.headers) && route::is_root(path) {
        return channel::open(context, &mut parts);
    }
    if matches!(route, Route::Spidr) && websocket::is_requested(method, &parts.headers) {
        return spidr::notifications::open(context, &mut parts);
    }
    let operation = match route {
        Route::Operation(operation) => Some(operation),
        _ => None,
    };
    if matches!(route, Route::Admin)
        && let Err(refusal) = app.guard.check(&parts, app.is_secure)
    {
        // Before the body is read: a page must not make the emulator read anything.
        let response = HttpResponse::from(refusal);
        let query = FormParams::decode(parts.uri.query().unwrap_or_default());
        app.record(LoggedRequest::new(None, method, path, query.as_ref()).with_response(&response), None, began, true);
        return with_headers(app, response.into_response(&app.state), route, &parts);
    }
    // The time needs the state lock, so it is read only if a rate limit is armed.
    let needs_time = operation.is_some() && app.faults().has_rate_limit();
    let now = if needs_time { app.state.lock().clock.now() } else { 0 };
    // Selected before the body is read, because some faults reset the connection instead of reading it.
    let fault = operation.and_then(|operation| app.faults().next_match(operation, now));
    #[cfg(feature = "inspector")]
    if matches!(route, Route::Admin)
        && let Some(response) = inspector::respond(method, path)
    {
        return with_headers(app, response, route, &parts);
    }
    if matches!(route, Route::Admin) && events::is_requested(method, path) {
        let response = match events::Events::open(app, &parts, context.connection.clone()) {
            Ok(events) => HttpResponse::events().into_streamed(Some(events.into_body())),
            Err(refusal) => HttpResponse::from(refusal).into_response(&app.state),
        };
        return with_headers(app, response, route, &parts);
    }
    if matches!(route, Route::Admin)
        && let Some(file) = contents::requested(method, &parts.uri)
    {
        return with_headers(app, file.run(app).await, route, &parts);
    }
    let body = TimedBody::new(body, app.read_timeout);
    if matches!(route, Route::Admin)
        && let Some(transfer) = Transfer::of(method, path)
    {
        let logged = LoggedRequest::new(None, method, path, None);
        let (response, body) = transfer.run(app, body).await;
        app.record(logged.with_response(&response), None, began, true);
        return with_headers(app, response.into_streamed(body), route, &parts);
    }
    let body = match fault.as_ref().map_or(Reading::Everything, InjectedFault::reading) {
        Reading::Everything => match operation.map(|operation| operation.body) {
            Some(operation::RequestBody::File(part)) => {
                upload::read(&parts.headers, body, part).await.map(call::Body::File)
            }
            _ => read(body).await.map(call::Body::Bytes),
        },
        Reading::FirstChunk => {
            drop(pin!(body.into_stream()).next().await);
            Ok(Bytes::new().into())
        }
        Reading::Nothing => Ok(Bytes::new().into()),
    };
    let query = FormParams::decode(parts.uri.query().unwrap_or_default());
    let logged = LoggedRequest::new(operation, method, path, query.as_ref());
    let is_admin = matches!(route, Route::Admin);
    let is_kept = !is_admin && app.keeps_exchange(began);
    let request_body = is_kept.then(|| request_body(route, &body));

    let mut response = match (operation, &fault) {
        (Some(operation), Some(fault)) if !fault.is_applied() => InjectedFault::example_response(operation),
        _ => respond(app, &parts, route, query, body).await,
    };
    if let Some(fault) = &fault {
        // A fault can cut a response in half, so it needs the whole body.
        response = fault.corrupt(response.collected(&app.state).await, app.refused_credential());
    }
    let mut logged = logged.with_response(&response);
    let kept = request_body.map(|body| (body, response_body(&response)));
    let exchange = |headers| {
        let (request, response) = kept?;
        let query = parts.uri.query().unwrap_or_default();
        Some(NewExchange { query, request: (&parts.headers, request), response: (headers, response) })
    };
    // Logged before the response is sent, and before the delay of a fault: a client that has the response finds its
    // request in the log.
    let Some(fault) = fault else {
        let response = with_headers(app, response.into_response(&app.state), route, &parts);
        // What the page of the emulator reads is no news to its user.
        if !(is_admin && method == Method::GET && origin_guard::is_own_page(&parts.headers)) {
            app.record(logged, exchange(response.headers()).as_ref(), began, is_admin);
        }
        return response;
    };
    logged = logged.with_fault(&fault);
    let mut headers = HeaderMap::new();
    headers.extend(HeaderValue::try_from(&*response.content_type).ok().map(|value| (header::CONTENT_TYPE, value)));
    fault.add_headers(&mut headers, app.state.lock().clock.now());
    app.record(logged, exchange(&headers).as_ref(), began, is_admin);
    let mut connection = context.connection.clone();
    tokio::select! {
        () = time::sleep(fault.delay()) => {}
        // Stopping the server ends the delay (`shutdown::stalls_until_stopped`).
        () = connection.stopping() => {}
    }
    let mut response = delivery::send(fault.delivery(), response, connection).await;
    fault.add_headers(response.headers_mut(), app.state.lock().clock.now());
    with_headers(app, response, route, &parts)
}

/// What the log keeps of the body of a request.
fn request_body(route: Route, body: &Result<call::Body, Refusal>) -> request_log::Body {
    match body {
        // Nothing tells which of its parts are credentials.
        _ if matches!(route, Route::Unknown) => request_log::Body::LeftOut("Bodies of unknown requests are not kept."),
        Ok(call::Body::Bytes(bytes)) => request_log::Body::new(bytes),
        Ok(call::Body::File(_)) => request_log::Body::LeftOut("Files are not kept in the log."),
        Err(_) => request_log::Body::LeftOut("It could not be read."),
    }
}

/// What the log keeps of the body of a response.
fn response_body(response: &HttpResponse) -> request_log::Body {
    match response.rest {
        Some(_) => request_log::Body::LeftOut("It is a long list, of which the log keeps nothing."),
        None => request_log::Body::new(&response.body),
    }
}

/// Makes the response of a request that is read, or that could not be.
async fn respond(
    app: &Arc<AppState>,
    parts: &Parts,
    route: Route,
    query: Option<FormParams>,
    body: Result<call::Body, Refusal>,
) -> HttpResponse {
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    match route {
        Route::Operation(operation) => operate(app, operation, &parts.headers, query, body).await,
        Route::OtherMethods(_) => Refusal::method_not_allowed().into(),
        Route::Preflight(_) => HttpResponse::empty(),
        Route::Admin if origin_guard::is_preflight(&parts.method, &parts.headers) => HttpResponse::empty(),
        Route::Admin => match body {
            call::Body::Bytes(body) => match Change::of(&parts.method, &parts.uri) {
                Some(change) => change.run(app).await,
                None => admin::handle(app, &parts.method, &parts.uri, &parts.headers, &body),
            },
            call::Body::File(_) => Refusal::unreadable("request body cannot be read").into(),
        },
        Route::Spidr => match body {
            call::Body::Bytes(body) => spidr::handle(app, parts, &body).await,
            call::Body::File(_) => Refusal::unreadable("request body cannot be read").into(),
        },
        Route::Unknown => Refusal::unknown_request().into(),
    }
}

/// Runs an operation with the state locked, and what it leaves to do after the lock is released.
async fn operate(
    app: &Arc<AppState>,
    operation: &'static Operation,
    headers: &HeaderMap,
    query: Option<FormParams>,
    body: call::Body,
) -> HttpResponse {
    let Some(query) = query else { return Refusal::unreadable("query cannot be read").into() };
    let call = Call::new(operation, query, headers, app.is_secure, body);
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
        Ok(Reply { thumbnail: Some(thumbnail), .. }) => match app.thumbnails.make(thumbnail).await {
            Ok(made) => Reply::file(made.content_type.to_owned(), made.bytes.into()).into(),
            Err(fault) => fault.into(),
        },
        Err(refusal) if app.refuse_with_200 => refusal.with_http_200().into(),
        outcome => outcome.into(),
    }
}

/// Reads a body up to its limit. Of a longer one a bounded rest is read and dropped: a client that is still writing
/// when the connection closes sees a reset in place of the response.
async fn read(body: TimedBody) -> Result<Bytes, Refusal> {
    let mut chunks = pin!(body.into_stream());
    let mut read = BytesMut::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length <= limits::BODY {
            read.extend_from_slice(&chunk);
        } else if length > limits::DRAINED_BODY {
            break;
        }
    }
    if length <= limits::BODY { Ok(read.freeze()) } else { Err(Refusal::too_large()) }
}

/// Adds the CORS headers: pages of any origin may call the API, as they may call the service; those of allowed origins
/// the emulator's own endpoints.
fn with_headers(app: &AppState, mut response: Response<Body>, route: Route, request: &Parts) -> Response<Body> {
    let headers = response.headers_mut();
    if matches!(route, Route::Admin) {
        app.guard.add_headers(&request.method, &request.headers, headers);
        return response;
    }
    allow_origin(headers, route, request);
    let (Route::OtherMethods(operations) | Route::Preflight(operations)) = route else { return response };
    let Ok(methods) = HeaderValue::try_from(route::methods(operations)) else { return response };
    headers.insert(header::ALLOW, methods.clone());
    if matches!(route, Route::Preflight(_)) {
        let asked = request.headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let allowed = asked.unwrap_or_else(|| HeaderValue::from_static("accept, content-type"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}

/// Lets pages of any origin read a response. Requests to SPiDR are sent with credentials, for which browsers do not take
/// `*`. That is safe, because the emulator knows no cookies: a page has only the credentials that it was given.
fn allow_origin(headers: &mut HeaderMap, route: Route, request: &Parts) {
    let is_spidr = match route {
        Route::Spidr => true,
        // A preflight of a path that the table does not have.
        Route::Preflight([]) => is_spidr(&request.uri.path().to_ascii_lowercase()),
        _ => false,
    };
    match request.headers.get(header::ORIGIN) {
        Some(origin) if is_spidr => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        }
        _ => drop(headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"))),
    }
}
