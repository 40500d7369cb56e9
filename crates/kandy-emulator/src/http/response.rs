//! A response before it is sent.
//!
//! Depends on `protocol`. Begin with `HttpResponse`.

use std::{borrow::Cow, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use kandy_sys::{ApiFault, Envelope, NoResult, Status};
use serde::Serialize;

use crate::{
    protocol::{
        listing::Rest,
        refusal::Refusal,
        reply::{JSON, Outcome, Reply, unwritable},
    },
    state::SharedState,
};

/// A response: HTTP status, content type and body.
#[derive(Debug)]
pub(crate) struct HttpResponse {
    pub(crate) http: StatusCode,
    /// The status in the envelope; none where there is no envelope.
    pub(crate) status: Option<Status>,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) body: Bytes,
    /// The pages after `body`, if that is the first page of a long list.
    pub(crate) rest: Option<Rest>,
}

/// The error page of a proxy.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head>\
    <body><h1>Sorry</h1><p>The service cannot be reached.</p></body></html>\n";

impl HttpResponse {
    /// JSON without an envelope, which only the endpoints below `/_emulator` and faults return.
    pub(crate) fn json<T: Serialize>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::whole(StatusCode::OK, None, JSON.into(), body.into()),
            Err(_) => unwritable().into(),
        }
    }

    /// JSON that is written already.
    pub(crate) fn written(json: Vec<u8>) -> Self {
        Self::whole(StatusCode::OK, None, JSON.into(), json.into())
    }

    /// Lines of JSON, which are streamed.
    pub(crate) fn lines() -> Self {
        Self::whole(StatusCode::OK, None, "application/x-ndjson".into(), Bytes::new())
    }

    /// Server-sent events, which are streamed.
    pub(crate) fn events() -> Self {
        Self::whole(StatusCode::OK, None, "text/event-stream".into(), Bytes::new())
    }

    /// An HTML page, which only a fault returns.
    pub(crate) fn page(http: StatusCode) -> Self {
        Self::whole(http, None, "text/html; charset=utf-8".into(), PAGE.into())
    }

    /// No content, which only a preflight and a fault return.
    pub(crate) fn empty() -> Self {
        Self::whole(StatusCode::NO_CONTENT, None, JSON.into(), Bytes::new())
    }

    fn whole(http: StatusCode, status: Option<Status>, content_type: Cow<'static, str>, body: Bytes) -> Self {
        Self { http, status, content_type, body, rest: None }
    }

    /// Reads all pages of a long list into the body, so that a fault can corrupt it.
    pub(crate) async fn collected(mut self, state: &SharedState) -> Self {
        // Page by page like a streamed list, so that collecting does not block other requests.
        if let Some(rest) = self.rest.take() {
            self.body = rest.collect(self.body, state).await;
        }
        self
    }

    /// The first half of the body.
    pub(crate) fn first_half(&self) -> Bytes {
        self.body.slice(..self.body.len() / 2)
    }

    /// Converts to a response, whose body writes the pages of a long list while it is sent.
    pub(crate) fn into_response(mut self, state: &Arc<SharedState>) -> Response<Body> {
        match self.rest.take() {
            Some(rest) => self.map_body(|first| Body::from_stream(rest.into_stream(first, Arc::clone(state)))),
            None => self.map_body(Body::from),
        }
    }

    /// Converts to a response with a body that is streamed, if there is one.
    pub(crate) fn into_streamed(self, body: Option<Body>) -> Response<Body> {
        let Some(body) = body else { return self.map_body(Body::from) };
        let content_type = HeaderValue::try_from(&*self.content_type);
        let mut response = self.map_body(|_| body);
        response.headers_mut().extend(content_type.ok().map(|value| (header::CONTENT_TYPE, value)));
        response
    }

    /// Converts to a response with another body.
    pub(crate) fn map_body(self, body: impl FnOnce(Bytes) -> Body) -> Response<Body> {
        let is_empty = self.body.is_empty();
        let mut response = Response::new(body(self.body));
        *response.status_mut() = self.http;
        if !is_empty {
            let content_type = match self.content_type {
                Cow::Borrowed(known) => Some(HeaderValue::from_static(known)),
                // A content type that is no valid header value is left out.
                Cow::Owned(sent) => HeaderValue::try_from(sent).ok(),
            };
            if let Some(content_type) = content_type {
                response.headers_mut().insert(header::CONTENT_TYPE, content_type);
            }
        }
        response
    }
}

impl From<Outcome> for HttpResponse {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(Reply { status, content_type, body, rest, thumbnail: _ }) => {
                Self { http: StatusCode::OK, status, content_type, body, rest }
            }
            Err(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for HttpResponse {
    fn from(Refusal { http, fault }: Refusal) -> Self {
        let status = Some(fault.status);
        // A number and a text do not fail to serialize.
        let body = serde_json::to_vec(&Envelope::<NoResult>::ApiFault(fault)).unwrap_or_default();
        Self::whole(http, status, JSON.into(), body.into())
    }
}

impl From<ApiFault> for HttpResponse {
    fn from(fault: ApiFault) -> Self {
        Refusal::from(fault).into()
    }
}
