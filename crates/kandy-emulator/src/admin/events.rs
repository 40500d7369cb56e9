//! The stream of events: each request as soon as it is handled, as server-sent events.
//!
//! A stream has no queue of its own. It reads the log of requests from its place on, at the pace of its client: so a slow client
//! costs nothing, and what it is too slow for is counted and left out.
//!
//! Depends on `http::app_state`, `http::request_log` and `http::connection`. Begin with [`Events`].

use std::{convert::Infallible, fmt::Write, sync::Arc, time::Duration};

use axum::body::Body;
use futures_util::stream;
use http::{Method, request::Parts};
use kandy_sys::{ApiFault, Status};
use tokio::{sync::watch, time};

use super::requests;
use crate::{
    http::{
        app_state::AppState,
        connection::ConnectionHandle,
        request_log::{LaterEntries, LogEntry},
        route::admin_endpoint,
    },
    protocol::{call::FormParams, refusal::Refusal},
};

/// How many events are written at once.
const BATCH: usize = 100;

/// How often a comment is sent while nothing happens, so that a client that is gone is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Whether a request asks for the stream.
pub(crate) fn is_requested(method: &Method, path: &str) -> bool {
    method == Method::GET && admin_endpoint(path).eq_ignore_ascii_case("events")
}

/// A stream of events.
pub(crate) struct Events {
    app: Arc<AppState>,
    connection: ConnectionHandle,
    logged: watch::Receiver<()>,
    /// The id of the last event that was sent.
    last: u64,
}

impl Events {
    /// Opens a stream: after the event that `Last-Event-ID` or the parameter `after` names, else after the last one.
    pub(crate) fn open(app: &Arc<AppState>, parts: &Parts, connection: ConnectionHandle) -> Result<Self, Refusal> {
        // A browser that connects again sends the header, and the parameter of its first request.
        let header = parts.headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().to_owned());
        let query = FormParams::decode(parts.uri.query().unwrap_or_default());
        let after = header.or_else(|| query.and_then(|query| query.get("after").map(str::to_owned)));
        // Before the log is read, so that no entry is missed.
        let logged = app.watch_log();
        let last = match after {
            None => app.log().last_id(),
            Some(id) => id.parse().map_err(|_| {
                let message = "Last-Event-ID, or the parameter after, is not the id of an event";
                Refusal::bad_request(ApiFault::new(Status::VALIDATION_FAILED, message))
            })?,
        };
        Ok(Self { app: Arc::clone(app), connection, logged, last })
    }

    /// Returns the stream as a body.
    pub(crate) fn into_body(self) -> Body {
        Body::from_stream(stream::unfold((self, true), |(mut events, is_first)| async move {
            // The head is sent at once, so that a client knows that it is connected.
            let text = if is_first { ": connected\n\n".to_owned() } else { events.next().await? };
            Some((Ok::<_, Infallible>(text), (events, false)))
        }))
    }

    /// Waits for events, and returns their text; `None` once the server stops.
    async fn next(&mut self) -> Option<String> {
        loop {
            self.logged.mark_unchanged();
            let later = self.app.log().after(self.last, BATCH);
            if later.dropped > 0 || !later.entries.is_empty() {
                return Some(self.write(later));
            }
            tokio::select! {
                changed = self.logged.changed() => changed.ok()?,
                () = self.connection.stopping() => return None,
                () = time::sleep(KEEP_ALIVE) => return Some(": still here\n\n".to_owned()),
            }
        }
    }

    fn write(&mut self, later: LaterEntries) -> String {
        let mut text = String::new();
        if later.dropped > 0 {
            // Writing to a text does not fail.
            let _ = write!(text, "event: dropped\ndata: {{\"count\":{}}}\n\n", later.dropped);
        }
        for entry in requests::with_callers(&self.app, later.entries) {
            let LogEntry { id, is_admin, .. } = entry.entry;
            let name = if is_admin { "change" } else { "request" };
            // Numbers and texts do not fail to serialize, and JSON has no line ends.
            let data = serde_json::to_string(&entry).unwrap_or_default();
            let _ = write!(text, "id: {id}\nevent: {name}\ndata: {data}\n\n");
            self.last = id;
        }
        text
    }
}
