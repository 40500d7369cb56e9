//! Replies: what an operation returns.
//!
//! Depends on `listing` and `refusal`. Begin with `Reply`.

use std::{borrow::Cow, sync::LazyLock};

use bytes::Bytes;
use kandy_sys::{ApiFault, Envelope, NoResult, Operation, Status, Success, operation, types::StatusDescription};
use serde::Serialize;
use serde_json::Value;

use super::{
    listing::{self, Page, Progress, Rest},
    refusal::Refusal,
};
use crate::{state::State, thumbnail::ThumbnailRequest};

/// The result of an operation.
pub(crate) type Outcome = Result<Reply, Refusal>;

/// A success: an envelope, or a file.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status in the envelope; none where there is no envelope.
    pub(crate) status: Option<Status>,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) body: Bytes,
    /// The pages after `body`, if that is the first page of a long list.
    pub(crate) rest: Option<Rest>,
    /// The thumbnail to make in place of `body`, after the state is unlocked.
    pub(crate) thumbnail: Option<ThumbnailRequest>,
}

impl Reply {
    /// `success` without a result.
    pub(crate) fn done() -> Outcome {
        Ok(Self::json(DONE.clone()))
    }

    /// Another message, without a result.
    pub(crate) fn message(message: &'static str) -> Outcome {
        Ok(Self::json(success(message, NoResult)?))
    }

    /// `success` and a result.
    pub(crate) fn result<T: Serialize>(result: T) -> Outcome {
        Ok(Self::json(with_result(&result)?))
    }

    /// `success` and a result that `write` writes as JSON.
    pub(crate) fn written(write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> Outcome {
        Ok(Self::json(with_written(write)?))
    }

    /// `success` and a result with a list of any length. `empty` is the result with an empty list.
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

    /// A thumbnail, which is made after the state is unlocked.
    pub(crate) fn thumbnail(request: ThumbnailRequest) -> Outcome {
        Ok(Self { thumbnail: Some(request), ..Self::json(Bytes::new()) })
    }

    /// The example of the operation table, unchanged.
    pub(crate) fn example(operation: &Operation) -> Outcome {
        match operation.response {
            operation::ResponseKind::File => {
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
    let envelope = Envelope::Success(Success { message: message.into(), status_description, result });
    serde_json::to_vec(&envelope).map_err(|_| unwritable())
}

/// The JSON of a success before its result: the same for all, so it is written once.
static BEFORE_RESULT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    // `null}` is the result of this envelope with its end, because `result` is the last field.
    let mut envelope = success("success", Value::Null).unwrap_or_default();
    envelope.truncate(envelope.len().saturating_sub("null}".len()));
    envelope
});

/// A success without a result: the response of most writes.
static DONE: LazyLock<Bytes> = LazyLock::new(|| success("success", NoResult).unwrap_or_default().into());

/// A success with a result, as [`success`] writes it.
fn with_result(result: &impl Serialize) -> Result<Vec<u8>, Refusal> {
    with_written(|json| serde_json::to_writer(json, result))
}

fn with_written(write: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) -> Result<Vec<u8>, Refusal> {
    /// Enough for most responses, and the most that the allocator keeps at hand for each thread.
    const ROOM: usize = 1024;
    let mut json = Vec::with_capacity(ROOM);
    json.extend_from_slice(&BEFORE_RESULT);
    write(&mut json).map_err(|_| unwritable())?;
    json.push(b'}');
    Ok(json)
}

pub(crate) fn unwritable() -> Refusal {
    ApiFault::new(Status::INTERNAL_SERVER_ERROR, "response cannot be written").into()
}

/// Content type of JSON.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn with_result_writes_the_same_envelope() {
        for result in [json!({"users": []}), json!({}), Value::Null] {
            assert_eq!(with_result(&result).expect("JSON"), success("success", result).expect("JSON"));
        }
        let done = Reply::done().expect("JSON").body;
        assert_eq!(done, Reply::message("success").expect("JSON").body);
    }
}
