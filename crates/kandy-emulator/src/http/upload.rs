//! Reads the file of an upload: one part of a multipart form.
//!
//! Depends on `body` and `protocol`. Begin with `read`.

use bytes::BytesMut;
use http::{HeaderMap, header};
use multer::{Constraints, Multipart, SizeLimit};

use super::body::{BodyError, TimedBody};
use crate::{
    limits,
    protocol::{call::UploadedFile, refusal::Refusal},
};

/// Reads a form up to the part with this name, and that part.
pub(crate) async fn read(headers: &HeaderMap, body: TimedBody, part: &'static str) -> Result<UploadedFile, Refusal> {
    let unreadable = || Refusal::unreadable("request body is not a form with a file");
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|content_type| multer::parse_boundary(content_type).ok());
    // 64 KiB beyond the file, for the headers of the parts and for other parts.
    let limit = SizeLimit::new().whole_stream(limits::FILE + 64 * 1024).per_field(limits::FILE);
    let constraints = Constraints::new().size_limit(limit);
    let mut form = Multipart::with_constraints(body.into_stream(), boundary.ok_or_else(unreadable)?, constraints);
    let refuse = |error: multer::Error| match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => Refusal::too_large(),
        multer::Error::StreamReadFailed(error) if error.downcast_ref() == Some(&BodyError::Stalled) => {
            Refusal::timed_out()
        }
        _ => unreadable(),
    };
    while let Some(mut field) = form.next_field().await.map_err(refuse)? {
        if field.name() != Some(part) {
            continue;
        }
        let mut bytes = BytesMut::new();
        while let Some(chunk) = field.chunk().await.map_err(refuse)? {
            bytes.extend_from_slice(&chunk);
        }
        drop(field);
        // Reads the rest too, so that the client has sent everything before it gets the response.
        while form.next_field().await.map_err(refuse)?.is_some() {}
        return Ok(UploadedFile { bytes: bytes.freeze() });
    }
    Err(unreadable())
}
