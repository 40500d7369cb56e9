//! The endpoints that move and replace the whole state: snapshots, and the reset.
//!
//! What takes long among many objects runs on a thread of its own, so that requests are served meanwhile.
//!
//! Depends on `snapshot`, `http::app_state`, `http::body` and `http::response`. Begin with [`Transfer`] and [`Change`].

use std::{io, pin::pin, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{Method, StatusCode, Uri};
use kandy_sys::{ApiFault, Status};
use serde_json::json;
use tokio::task;

use super::objects;
use crate::{
    http::{app_state::AppState, body::TimedBody, response::HttpResponse, route::admin_endpoint},
    limits,
    protocol::refusal::Refusal,
    snapshot::NameError,
    state::{SharedState, SnapshotError, SnapshotWriter},
};

/// A request whose body, or the body of its response, is a snapshot. It has any length, and is streamed.
pub(crate) enum Transfer {
    Download,
    Upload,
}

impl Transfer {
    /// The transfer that a request below `/_emulator` asks for, if it does.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        if !admin_endpoint(path).eq_ignore_ascii_case("snapshot") {
            return None;
        }
        match *method {
            Method::GET => Some(Self::Download),
            Method::PUT => Some(Self::Upload),
            _ => None,
        }
    }

    /// Runs it. A body that is returned replaces that of the response.
    pub(crate) async fn run(self, app: &Arc<AppState>, body: TimedBody) -> (HttpResponse, Option<Body>) {
        match self {
            Self::Download => {
                let writer = begin(&app.state).await;
                (HttpResponse::lines(), Some(Body::from_stream(chunks(Arc::clone(&app.state), writer))))
            }
            Self::Upload => (upload(app, body).await.unwrap_or_else(HttpResponse::from), None),
        }
    }
}

async fn begin(state: &Arc<SharedState>) -> SnapshotWriter {
    loop {
        match SnapshotWriter::begin(state) {
            Some(writer) => return writer,
            None => state.yield_to_waiters().await,
        }
    }
}

/// The chunks of a snapshot, at the pace of the client. An error breaks the connection off.
fn chunks(state: Arc<SharedState>, writer: SnapshotWriter) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::unfold(Some(writer), move |writer| {
        let state = Arc::clone(&state);
        async move {
            let mut writer = writer?;
            state.yield_to_waiters().await;
            match writer.next_chunk() {
                Ok(chunk) => chunk.map(|chunk| (Ok(chunk.into()), Some(writer))),
                Err(lost) => Some((Err(io::Error::other(lost)), None)),
            }
        }
    })
}

/// Reads a snapshot, checks all of it, and then replaces the state.
async fn upload(app: &Arc<AppState>, body: TimedBody) -> Result<HttpResponse, Refusal> {
    let mut loader = Some(app.state().loader());
    let (mut refused, mut drained) = (None, 0);
    let mut chunks = pin!(body.into_stream());
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if loader.is_none() {
            drained += chunk.len();
            if drained > limits::DRAINED_BODY {
                break;
            }
        }
        if let Some(Err(error)) = loader.as_mut().map(|loader| loader.feed(&chunk)) {
            // A bounded rest is read, so that a client that is still writing reads the response.
            refused = Some(error);
            discard(loader.take());
        }
        // The body may be there already, and reading it then never waits.
        task::yield_now().await;
    }
    if let Some(error) = refused {
        return Err(invalid(&error));
    }
    let app = Arc::clone(app);
    let replace = move || {
        let Some(loader) = loader else { return Ok(()) };
        loader.finish().map(|state| app.replace(state))
    };
    match task::spawn_blocking(replace).await {
        Ok(Ok(())) => Ok(HttpResponse::json(&json!({"status": "ok"}))),
        Ok(Err(error)) => Err(invalid(&error)),
        Err(_) => Err(Refusal::unreadable("the state was not replaced")),
    }
}

/// Frees many objects on another thread.
fn discard<T: Send + 'static>(value: T) {
    drop(task::spawn_blocking(move || drop(value)));
}

fn invalid(error: &SnapshotError) -> Refusal {
    Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, format!("{error}; the state is unchanged")))
}

/// A request that replaces the state by a known one, concerns named snapshots, or searches among all objects.
pub(crate) enum Change {
    Objects(Option<String>),
    Reset { is_empty: bool },
    List,
    Take(String),
    Restore(String),
    Delete(String),
    OtherMethod,
    Query,
}

impl Change {
    /// The change that a request below `/_emulator` asks for, if it does.
    pub(crate) fn of(method: &Method, uri: &Uri) -> Option<Self> {
        let endpoint = admin_endpoint(uri.path());
        let (first, rest) = endpoint.split_once('/').map_or((endpoint, None), |(first, rest)| (first, Some(rest)));
        let (get, post, delete) = (method == Method::GET, method == Method::POST, method == Method::DELETE);
        Some(match (&*first.to_ascii_lowercase(), rest) {
            ("reset", None) if post => match uri.query().unwrap_or_default() {
                "" => Self::Reset { is_empty: false },
                "empty" | "empty=" | "empty=true" => Self::Reset { is_empty: true },
                // A typing error must not decide what is lost.
                _ => Self::Query,
            },
            ("objects", None) if get => Self::Objects(uri.query().map(str::to_owned)),
            ("snapshots", None) if get => Self::List,
            ("snapshots", Some(rest)) => match rest.split_once('/') {
                None if post => Self::Take(rest.to_owned()),
                None if delete => Self::Delete(rest.to_owned()),
                Some((name, "restore")) if post => Self::Restore(name.to_owned()),
                None | Some((_, "restore")) => Self::OtherMethod,
                Some(_) => return None,
            },
            ("reset" | "snapshots" | "snapshot", None) => Self::OtherMethod,
            _ => return None,
        })
    }

    /// Makes the change, or the list of objects.
    pub(crate) async fn run(self, app: &Arc<AppState>) -> HttpResponse {
        let app = Arc::clone(app);
        let change = move || match self {
            Self::Objects(query) => objects::list(&app.state, query.as_deref())
                .map(|page| HttpResponse::json(&page))
                .map_err(Refusal::bad_request),
            Self::Reset { is_empty } => app.reset(is_empty).map(|()| done()).map_err(|error| failed(&error)),
            Self::List => Ok(HttpResponse::written(app.snapshots.list())),
            Self::Take(name) => app.snapshots.take(&name, &app.state).map(HttpResponse::written).map_err(refuse),
            Self::Restore(name) => {
                let snapshot = app.snapshots.get(&name).map_err(refuse)?;
                app.restore(&snapshot).map(|()| done()).map_err(|error| failed(&error))
            }
            Self::Delete(name) => app.snapshots.remove(&name).map(|()| done()).map_err(refuse),
            Self::OtherMethod => Err(Refusal::method_not_allowed()),
            Self::Query => {
                let message = "query is not as documented: a reset takes ?empty or nothing";
                Err(Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, message)))
            }
        };
        match task::spawn_blocking(change).await {
            Ok(Ok(response)) => response,
            Ok(Err(refusal)) => refusal.into(),
            Err(_) => Refusal::unreadable("the request was not carried out").into(),
        }
    }
}

fn done() -> HttpResponse {
    HttpResponse::json(&json!({"status": "ok"}))
}

fn refuse(error: NameError) -> Refusal {
    let (http, status) = match error {
        NameError::Unknown => (StatusCode::NOT_FOUND, Status::DOES_NOT_EXIST),
        NameError::Invalid => (StatusCode::BAD_REQUEST, Status::INVALID_PARAMETER_VALUE),
        NameError::TooMany | NameError::TooLarge => (StatusCode::BAD_REQUEST, Status::USAGE_QUOTA_EXCEEDED),
        NameError::Interrupted => (StatusCode::CONFLICT, Status::VALIDATION_FAILED),
    };
    Refusal { http, fault: ApiFault::new(status, error.to_string()) }
}

/// A snapshot in memory was written from a valid state, so this is not expected.
fn failed(error: &io::Error) -> Refusal {
    Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, format!("{error}; the state is unchanged")))
}
