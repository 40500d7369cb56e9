//! [`Reply`]: what a [`MockService`](super::MockService) returns for a request. Depends on `error` only.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use kandy_sys::{Body, Operation, Status, TransportFailure, operation::ResponseKind};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    Error,
    error::{Phase, TransportError},
};

/// What a [`MockService`](super::MockService) returns for a request: a response, or a failure without one.
///
/// ```
/// use std::time::Duration;
/// use kandy::{Phase, Status, testing::Reply};
///
/// let success = Reply::result(serde_json::json!({"users": []}));
/// let refusal = Reply::refusal(Status::USER_NOT_FOUND, "user not found");
/// let overload = Reply::http(503).header("retry-after", "2");
/// let silence = Reply::failure(Phase::Timeout).after(Duration::from_secs(30));
/// ```
#[derive(Clone)]
#[must_use = "a reply does nothing until it is given to a service"]
pub struct Reply {
    content: Content,
    headers: HeaderMap,
    delay: Duration,
}

#[derive(Clone)]
enum Content {
    Example,
    Response(StatusCode, Bytes),
    Failure(Phase),
}

impl Reply {
    /// Returns the example of the operation in the API description: a success. A service without rules returns it.
    pub fn example() -> Self {
        Self::of(Content::Example)
    }

    /// Returns a success without a result, as operations that return nothing have it.
    pub fn success() -> Self {
        Self::json(&json!({"status": Status::OK.0, "message": "success"}))
    }

    /// Returns a success with this `result`, in the names of the API.
    ///
    /// # Panics
    ///
    /// If it cannot be written as JSON.
    pub fn result(result: impl Serialize) -> Self {
        let result = serde_json::to_value(result).expect("a result that can be written as JSON");
        Self::json(&json!({"status": Status::OK.0, "message": "success", "result": result}))
    }

    /// Returns a refusal, as the service does: with HTTP 200, and the reason in the envelope.
    pub fn refusal(status: Status, message: impl Into<String>) -> Self {
        Self::json(&json!({"status": status.0, "message": message.into()}))
    }

    /// Returns a response with this HTTP status and no body.
    ///
    /// # Panics
    ///
    /// If it is no HTTP status.
    pub fn http(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("an HTTP status from 100 to 999");
        Self::of(Content::Response(status, Bytes::new()))
    }

    /// Returns a file, as downloads and thumbnails do.
    ///
    /// # Panics
    ///
    /// If the MIME type cannot be sent in a header.
    pub fn file(mime_type: &str, bytes: impl Into<Bytes>) -> Self {
        Self::of(Content::Response(StatusCode::OK, bytes.into())).header(header::CONTENT_TYPE.as_str(), mime_type)
    }

    /// Returns no response: the call fails in this phase. It counts as possibly sent exactly where it would with a
    /// network, so [`Phase::Connect`] is retried even for sends, and [`Phase::Timeout`] is not.
    pub fn failure(phase: Phase) -> Self {
        Self::of(Content::Failure(phase))
    }

    /// Sets the body, such as that of a proxy, or one that cannot be decoded.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        let status = match self.content {
            Content::Response(status, _) => status,
            Content::Example | Content::Failure(_) => StatusCode::OK,
        };
        self.content = Content::Response(status, body.into());
        self
    }

    /// Adds a header, such as `Retry-After`.
    ///
    /// # Panics
    ///
    /// If the name or the value cannot be sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a valid name of a header");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a valid value of a header"));
        self
    }

    /// Delays the reply. Timeouts and deadlines apply.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn json(body: &Value) -> Self {
        Self::of(Content::Response(StatusCode::OK, body.to_string().into()))
    }

    fn of(content: Content) -> Self {
        Self { content, headers: HeaderMap::new(), delay: Duration::ZERO }
    }

    pub(super) fn delay(&self) -> Duration {
        self.delay
    }

    /// Converts it to the response to a request of the operation.
    pub(super) fn into_response(self, operation: &'static Operation) -> Result<http::Response<Body>, TransportFailure> {
        let mut response = match self.content {
            Content::Example => example(operation),
            Content::Response(status, body) => {
                let mut response = http::Response::new(Body::Full(body));
                *response.status_mut() = status;
                response
            }
            Content::Failure(phase) => {
                let error = TransportError::new(Some(operation.id), phase, Arc::new(Injected));
                return Err(Arc::new(Error::Transport(Arc::new(error))));
            }
        };
        let mime_type = match operation.response {
            ResponseKind::File => "application/octet-stream",
            _ => "application/json",
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(mime_type));
        response.headers_mut().extend(self.headers);
        Ok(response)
    }
}

fn example(operation: &'static Operation) -> http::Response<Body> {
    let body = match operation.response {
        // The example of a file is its content as a JSON string.
        ResponseKind::File => serde_json::from_str::<String>(operation.example).unwrap_or_default().into(),
        _ => Bytes::from_static(operation.example.as_bytes()),
    };
    http::Response::new(Body::Full(body))
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut reply = f.debug_struct("Reply");
        match &self.content {
            Content::Example => reply.field("content", &"example"),
            // Only the length: the body may contain credentials.
            Content::Response(status, body) => {
                reply.field("http_status", status).field("body", &format_args!("{} bytes", body.len()))
            }
            Content::Failure(phase) => reply.field("failure", phase),
        };
        reply.field("delay", &self.delay).finish_non_exhaustive()
    }
}

/// The source of a failure that a test asked for.
#[derive(Debug)]
struct Injected;

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("injected by a test")
    }
}

impl std::error::Error for Injected {}
