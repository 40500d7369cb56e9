//! Answers: the envelope, with the HTTP status that it comes with.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use kandy_sys::{Envelope, Fault, NoResult, Status, Success, types::StatusDescription};
use serde::Serialize;

use crate::refusal::Refusal;

/// What becomes of a request that got as far as its behaviour.
pub(crate) type Outcome = Result<Reply, Refusal>;

/// The JSON of a success.
#[derive(Debug)]
pub(crate) struct Reply(Vec<u8>);

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

    /// The example that the operation table has, as it stands there.
    pub(crate) fn example(example: &'static str) -> Outcome {
        Ok(Self(example.as_bytes().to_vec()))
    }

    fn envelope<T: Serialize>(message: &'static str, result: T) -> Outcome {
        let status_description = Some(StatusDescription {
            code: Some(Status::COMPLETED.0.into()),
            message: Some("The request completed successfully".to_owned()),
        });
        let envelope = Envelope::Success(Success { message: message.to_owned(), status_description, result });
        match serde_json::to_vec(&envelope) {
            Ok(json) => Ok(Self(json)),
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
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

const JSON: &str = "application/json";

/// What a proxy says for itself.
const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head>\
    <body><h1>Sorry</h1><p>The service cannot be reached.</p></body></html>\n";

impl Answer {
    /// Any JSON without an envelope, which only the emulator's own tools answer.
    pub(crate) fn json<T: Serialize>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self { http: StatusCode::OK, status: None, content_type: JSON, body },
            Err(_) => unwritable().into(),
        }
    }

    /// A page for people, which the API never answers.
    pub(crate) fn page(http: StatusCode) -> Self {
        Self { http, status: None, content_type: "text/html; charset=utf-8", body: PAGE.as_bytes().to_vec() }
    }

    /// No content, which only a preflight and a failure on command are answered with.
    pub(crate) fn empty() -> Self {
        Self { http: StatusCode::NO_CONTENT, status: None, content_type: JSON, body: Vec::new() }
    }

    /// The first half of the body.
    pub(crate) fn first_half(&self) -> &[u8] {
        self.body.get(..self.body.len() / 2).unwrap_or_default()
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        self.map_body(Body::from)
    }

    /// The response with another body.
    pub(crate) fn map_body(self, body: impl FnOnce(Vec<u8>) -> Body) -> Response<Body> {
        let is_empty = self.body.is_empty();
        let mut response = Response::new(body(self.body));
        *response.status_mut() = self.http;
        if !is_empty {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        response
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(Reply(body)) => Self { http: StatusCode::OK, status: Some(Status::OK), content_type: JSON, body },
            Err(refusal) => refusal.into(),
        }
    }
}

impl From<Refusal> for Answer {
    fn from(Refusal { http, fault }: Refusal) -> Self {
        let status = Some(fault.status);
        // A number and a text cannot fail to be written.
        let body = serde_json::to_vec(&Envelope::<NoResult>::Fault(fault)).unwrap_or_default();
        Self { http, status, content_type: JSON, body }
    }
}
