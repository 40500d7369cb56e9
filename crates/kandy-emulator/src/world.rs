//! The way of one request, from HTTP to HTTP.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts};
use kandy_sys::{Operation, operation};
use tokio::{task, time};

use crate::{
    answer::{Answer, Reply},
    body::{BodyError, Timed},
    dispatch,
    failure::{Failure, Failures, Reading},
    limits,
    reception::Visit,
    refusal::Refusal,
    request::{self, Call, Pairs},
    request_log::{LoggedRequest, RequestLog},
    route::{self, Route},
    state::State,
    thumbnail::Thumbnails,
    tools, upload,
};

/// Is told of every request.
pub(crate) type Observer = Box<dyn Fn(&LoggedRequest) + Send + Sync>;

/// The state, and what was asked of it.
pub(crate) struct World {
    state: Mutex<State>,
    /// How many wait for the state.
    waiting: AtomicUsize,
    log: Mutex<RequestLog>,
    failures: Mutex<Failures>,
    observer: Option<Observer>,
    pub(crate) read_timeout: Duration,
    thumbnails: Thumbnails,
}

impl World {
    pub(crate) fn new(state: State, observer: Option<Observer>, read_timeout: Duration) -> Self {
        let (state, waiting, thumbnails) = (Mutex::new(state), AtomicUsize::new(0), Thumbnails::default());
        Self { state, waiting, log: Mutex::default(), failures: Mutex::default(), observer, read_timeout, thumbnails }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves no half-made state that matters to a test that goes on.
        match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.waiting.fetch_add(1, Ordering::Relaxed);
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                state
            }
        }
    }

    /// Lets others go first, between the parts of something long. Whoever gives the state back and takes it again at
    /// once would always be faster than those who have to wake up for it.
    pub(crate) async fn let_others_go_first(&self) {
        const MOMENT: Duration = Duration::from_millis(1);
        /// There may always be others, and the long thing has to come to its end.
        const AT_MOST: usize = 10;
        task::yield_now().await;
        for _ in 0..AT_MOST {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                break;
            }
            time::sleep(MOMENT).await;
        }
    }

    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.log().all()
    }

    pub(crate) fn reset(&self) {
        // What is forgotten is dropped when nobody waits for the state any more.
        let forgotten = self.state().reset();
        drop(forgotten);
        self.log().clear();
        self.failures().clear();
    }

    pub(crate) fn failures(&self) -> MutexGuard<'_, Failures> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, RequestLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers a request.
pub(crate) async fn handle(visit: &Visit, request: Request<Body>) -> Response<Body> {
    let world = &visit.world;
    let (parts, body) = request.into_parts();
    let (method, path) = (&parts.method, parts.uri.path());
    let route = route::find(method, path);
    let operation = match route {
        Route::Operation(operation) => Some(operation),
        _ => None,
    };
    let needs_time = operation.is_some() && world.failures().has_rate_limit();
    let now = if needs_time { world.state().clock.now() } else { 0 };
    let failure = operation.and_then(|operation| world.failures().strike(operation, now));
    let body = Timed::new(body, world.read_timeout);
    let body = match failure.as_ref().map_or(Reading::Everything, Failure::reading) {
        Reading::Everything => match operation.map(|operation| operation.body) {
            Some(operation::Body::File(part)) => {
                upload::read(&parts.headers, body, part).await.map(request::Body::File)
            }
            _ => read(body).await.map(request::Body::Bytes),
        },
        Reading::FirstPart => {
            drop(pin!(body.into_stream()).next().await);
            Ok(Bytes::new().into())
        }
        Reading::Nothing => Ok(Bytes::new().into()),
    };
    let query = Pairs::decode(parts.uri.query().unwrap_or_default());
    let logged = LoggedRequest::new(operation, method, path, query.as_ref());

    let mut answer = match (operation, &failure) {
        (Some(operation), Some(failure)) if !failure.is_carried_out() => Failure::pretended(operation),
        _ => answer(world, &parts, route, query, body).await,
    };
    if let Some(failure) = &failure {
        answer = failure.spoil(answer.collected(world).await);
    }
    let mut logged = logged.answered(&answer);
    if let Some(failure) = &failure {
        logged = logged.injected(failure);
    }
    if let Some(observer) = &world.observer {
        observer(&logged);
    }
    if !matches!(route, Route::Tools) {
        let oldest = world.log().add(logged);
        drop(oldest);
    }
    let Some(failure) = failure else { return with_headers(answer.into_response(world), route, &parts.headers) };
    let mut line = visit.line.clone();
    tokio::select! {
        () = time::sleep(failure.lateness()) => {}
        // Whoever stops it does not wait for that.
        () = line.stopping() => {}
    }
    let mut response = failure.delivery().send(answer, line).await;
    failure.add_headers(response.headers_mut(), world.state().clock.now());
    with_headers(response, route, &parts.headers)
}

async fn answer(
    world: &Arc<World>,
    parts: &Parts,
    route: Route,
    query: Option<Pairs>,
    body: Result<request::Body, Refusal>,
) -> Answer {
    let body = match body {
        Ok(body) => body,
        Err(refusal) => return refusal.into(),
    };
    match route {
        Route::Operation(operation) => operate(world, operation, &parts.headers, query, body).await,
        Route::OtherMethods(_) => Refusal::method_not_allowed().into(),
        Route::Preflight(_) => Answer::empty(),
        Route::Tools => match body {
            request::Body::Bytes(body) => tools::answer(world, &parts.method, parts.uri.path(), &body),
            request::Body::File(_) => Refusal::unreadable("request body cannot be read").into(),
        },
        Route::Unknown => Refusal::unknown_request().into(),
    }
}

async fn operate(
    world: &Arc<World>,
    operation: &'static Operation,
    headers: &HeaderMap,
    query: Option<Pairs>,
    body: request::Body,
) -> Answer {
    let Some(query) = query else { return Refusal::unreadable("query cannot be read").into() };
    let call = Call::new(operation, query, headers, body);
    let (outcome, leaves_remains) = {
        let mut state = world.state();
        let before = state.count_remains();
        (dispatch::answer(&mut state, &call), state.count_remains() > before)
    };
    if leaves_remains {
        // As a task of its own, so that it comes to its end when the client leaves.
        drop(tokio::spawn(clear_away(Arc::clone(world))).await);
    }
    match outcome {
        Ok(Reply { thumbnail: Some(thumbnail), .. }) => world.thumbnails.make(thumbnail).await.into(),
        outcome => outcome.into(),
    }
}

/// Removes what deleted domains left behind, in between the calls of others.
async fn clear_away(world: Arc<World>) {
    while world.state().clear_away() {
        world.let_others_go_first().await;
    }
}

/// Reads a body up to its limit, and a bounded part of what is beyond it.
async fn read(body: Timed) -> Result<Bytes, Refusal> {
    let mut chunks = pin!(body.into_stream());
    let mut read = BytesMut::new();
    let mut length = 0_usize;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| match error {
            BodyError::Stalled => Refusal::timed_out(),
            BodyError::Unreadable => Refusal::unreadable("request body cannot be read"),
        })?;
        length = length.saturating_add(chunk.len());
        if length <= limits::BODY {
            read.extend_from_slice(&chunk);
        } else if length > limits::DRAINED_BODY {
            break;
        }
    }
    if length <= limits::BODY { Ok(read.freeze()) } else { Err(Refusal::too_large()) }
}

/// Browsers may call the API from any page, as they may call the service.
fn with_headers(mut response: Response<Body>, route: Route, request: &HeaderMap) -> Response<Body> {
    let headers = response.headers_mut();
    if !matches!(route, Route::Tools) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    let (Route::OtherMethods(operations) | Route::Preflight(operations)) = route else { return response };
    let Ok(methods) = HeaderValue::try_from(route::methods(operations)) else { return response };
    headers.insert(header::ALLOW, methods.clone());
    if matches!(route, Route::Preflight(_)) {
        let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
        let allowed = asked.unwrap_or_else(|| HeaderValue::from_static("accept, content-type"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
