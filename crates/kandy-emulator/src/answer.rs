//! Answers: the envelope, with the HTTP status that it comes with.

use std::{borrow::Cow, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use kandy_sys::{Envelope, Fault, NoResult, Operation, Status, Success, operation, types::StatusDescription};
use serde::Serialize;

use crate::{
    listing::{self, Page, Progress, Rest},
    refusal::Refusal,
    state::State,
    world::World,
};

/// What becomes of a request that got as far as its behaviour.
pub(crate) type Outcome = Result<Reply, Refusal>;

/// A success: an envelope, or a file.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status in the envelope; none where there is no envelope.
    status: Option<Status>,
    content_type: Cow<'static, str>,
    body: Bytes,
    /// What comes after `body`, if that is but the beginning of a long list.
    rest: Option<Rest>,
}

impl Reply {
    /// `success`, and nothing more to tell.
    pub(crate) fn done() -> Outcome {
        Self::result(NoResult)
    }

    /// A message of its own, and nothing more to tell.
    pub(crate) fn said(message: &'static str) -> Outcome {
        Self::envelope(message, NoResult)
    }

    /// `success` and a result.
    pub(crate) fn result<T: Serialize>(result: T) -> Outcome {
        Self::envelope("success", result)
    }

    /// `success` and a result that has a list in it, however long that is. `empty` is the result with an empty list.
    pub(crate) fn list<T: Serialize>(
        state: &State,
        empty: T,
        write: impl FnMut(&State, &mut Page) -> Progress + Send + 'static,
    ) -> Outcome {
        let Self { body, .. } = Self::result(empty)?;
        let (body, rest) = listing::begin(state, body.into(), write).ok_or_else(unwritable)?;
        Ok(Self { rest, ..Self::json(body) })
    }

    /// A file, without an envelope.
    pub(crate) fn file(content_type: String, bytes: Bytes) -> Outcome {
        Ok(Self { status: None, content_type: content_type.into(), body: bytes, rest: None })
    }

    /// The example that the operation table has, as it stands there.
    pub(crate) fn example(operation: &Operation) -> Outcome {
        match operation.answer {
            operation::Answer::File => {
                let text: String = serde_json::from_str(operation.example).map_err(|_| unwritable())?;
                Self::file("text/plain".to_owned(), text.into())
            }
            _ => Ok(Self::json(operation.example.as_bytes())),
        }
    }

    fn json(body: impl Into<Bytes>) -> Self {
        Self { status: Some(Status::OK), content_type: JSON.into(), body: body.into(), rest: None }
    }

    fn envelope<T: Serialize>(message: &'static str, result: T) -> Outcome {
        let status_description = Some(StatusDescription {
            code: Some(Status::COMPLETED.0.into()),
            message: Some("The request completed successfully".to_owned()),
        });
        let envelope = Envelope::Success(Success { message: message.to_owned(), status_description, result });
        match serde_json::to_vec(&envelope) {
            Ok(json) => Ok(Self::json(json)),
            Err(_) => Err(unwritable()),
        }
    }
}

fn unwritable() -> Refusal {
    Fault::new(Status::INTERNAL_SERVER_ERROR, "answer cannot be written").into()
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) http: StatusCode,
    /// The status in the envelope; none where there is no envelope.
    pub(crate) status: Option<Status>,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) body: Bytes,
    /// What comes after `body`, if that is but the beginning of a long list.
    pub(crate) rest: Option<Rest>,
}

const JSON: &str = "application/json";

/// What a proxy says for itself.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head>\
    <body><h1>Sorry</h1><p>The service cannot be reached.</p></body></html>\n";

impl Answer {
    /// Any JSON without an envelope, which only the emulator's own tools answer.
    pub(crate) fn json<T: Serialize>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::whole(StatusCode::OK, None, JSON.into(), body.into()),
            Err(_) => unwritable().into(),
        }
    }

    /// A page for people, which the API never answers.
    pub(crate) fn page(http: StatusCode) -> Self {
        Self::whole(http, None, "text/html; charset=utf-8".into(), PAGE.into())
    }

    /// No content, which only a preflight and a failure on command are answered with.
    pub(crate) fn empty() -> Self {
        Self::whole(StatusCode::NO_CONTENT, None, JSON.into(), Bytes::new())
    }

    fn whole(http: StatusCode, status: Option<Status>, content_type: Cow<'static, str>, body: Bytes) -> Self {
        Self { http, status, content_type, body, rest: None }
    }

    /// The same with all of a long list in its body, for those who want to spoil it.
    pub(crate) async fn collected(mut self, world: &World) -> Self {
        if let Some(rest) = self.rest.take() {
            self.body = rest.collect(self.body, world).await;
        }
        self
    }

    /// The first half of the body.
    pub(crate) fn first_half(&self) -> Bytes {
        self.body.slice(..self.body.len() / 2)
    }

    /// The response, which writes what is left of a long list while it is sent.
    pub(crate) fn into_response(mut self, world: &Arc<World>) -> Response<Body> {
        match self.rest.take() {
            Some(rest) => self.map_body(|first| rest.body(first, Arc::clone(world))),
            None => self.map_body(Body::from),
        }
    }

    /// The response with another body.
    pub(crate) fn map_body(self, body: impl FnOnce(Bytes) -> Body) -> Response<Body> {
        let is_empty = self.body.is_empty();
        let mut response = Response::new(body(self.body));
        *response.status_mut() = self.http;
        if !is_empty {
            // Whoever sent a type that no header takes gets the bytes without one.
            let content_type = HeaderValue::try_from(self.content_type.as_ref());
            response.headers_mut().extend(content_type.ok().map(|value| (header::CONTENT_TYPE, value)));
        }
        response
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(Reply { status, content_type, body, rest }) => {
                Self { http: StatusCode::OK, status, content_type, body, rest }
            }
            Err(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal { http, fault }: Refusal) -> Self {
        let status = Some(fault.status);
        // A number and a text cannot fail to be written.
        let body = serde_json::to_vec(&Envelope::<NoResult>::Fault(fault)).unwrap_or_default();
        Self::whole(http, status, JSON.into(), body.into())
    }
}
