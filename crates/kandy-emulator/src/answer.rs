//! Answers: the envelope, with the HTTP status that it comes with.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use kandy_sys::{Envelope, Fault, NoResult, Operation, Status, Success, operation, types::StatusDescription};
use serde::Serialize;
use serde_json::Value;

use crate::{
    listing::{self, Page, Progress, Rest},
    refusal::Refusal,
    state::State,
    thumbnail::ThumbnailRequest,
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
    /// What the body still has to be made of, when nobody waits for the state.
    pub(crate) thumbnail: Option<ThumbnailRequest>,
}

impl Reply {
    /// `success`, and nothing more to tell.
    pub(crate) fn done() -> Outcome {
        Self::said("success")
    }

    /// A message of its own, and nothing more to tell.
    pub(crate) fn said(message: &'static str) -> Outcome {
        Ok(Self::json(success(message, NoResult)?))
    }

    /// `success` and a result.
    pub(crate) fn result<T: Serialize>(result: T) -> Outcome {
        Ok(Self::json(with_result(&result)?))
    }

    /// `success` and a result that has a list in it, however long that is. `empty` is the result with an empty list.
    pub(crate) fn list<T: Serialize>(
        state: &State,
        empty: T,
        write: impl FnMut(&State, &mut Page) -> Progress + Send + 'static,
    ) -> Outcome {
        let (body, rest) = listing::begin(state, with_result(&empty)?, write).ok_or_else(unwritable)?;
        Ok(Self { rest, ..Self::json(body) })
    }

    /// A file, without an envelope.
    pub(crate) fn file(content_type: String, bytes: Bytes) -> Outcome {
        Ok(Self { status: None, content_type: content_type.into(), body: bytes, rest: None, thumbnail: None })
    }

    /// A thumbnail that is made after the state is released.
    pub(crate) fn thumbnail(request: ThumbnailRequest) -> Outcome {
        Ok(Self { thumbnail: Some(request), ..Self::json(Bytes::new()) })
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
        Self { status: Some(Status::OK), content_type: JSON.into(), body: body.into(), rest: None, thumbnail: None }
    }
}

/// A success in its envelope.
fn success<T: Serialize>(message: &'static str, result: T) -> Result<Vec<u8>, Refusal> {
    let status_description = Some(StatusDescription {
        code: Some(Status::COMPLETED.0.into()),
        message: Some("The request completed successfully".to_owned()),
    });
    let envelope = Envelope::Success(Success { message: message.to_owned(), status_description, result });
    serde_json::to_vec(&envelope).map_err(|_| unwritable())
}

/// What a success has before its result. It is the same for all of them, so it is written once.
static BEFORE_RESULT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut envelope = success("success", Value::Null).unwrap_or_default();
    envelope.truncate(envelope.len().saturating_sub("null}".len()));
    envelope
});

/// A success with a result, as [`success`] writes it.
fn with_result(result: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    /// Enough for most answers.
    const ROOM: usize = 512;
    let mut json = Vec::with_capacity(ROOM);
    json.extend_from_slice(&BEFORE_RESULT);
    serde_json::to_writer(&mut json, result).map_err(|_| unwritable())?;
    json.push(b'}');
    Ok(json)
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
            let content_type = match self.content_type {
                Cow::Borrowed(known) => Some(HeaderValue::from_static(known)),
                // Whoever sent a type that no header takes gets the bytes without one.
                Cow::Owned(sent) => HeaderValue::try_from(sent).ok(),
            };
            response.headers_mut().extend(content_type.map(|value| (header::CONTENT_TYPE, value)));
        }
        response
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Ok(Reply { status, content_type, body, rest, thumbnail: _ }) => {
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_result_comes_in_the_same_envelope_either_way() {
        for result in [json!({"users": []}), json!({}), Value::Null] {
            assert_eq!(with_result(&result).expect("JSON"), success("success", result).expect("JSON"));
        }
    }
}
