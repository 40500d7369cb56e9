//! Files in requests: the one part of a form.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use multer::{Constraints, Multipart, SizeLimit};

use crate::refusal::Refusal;

/// The longest file that is taken.
const FILE_LIMIT: u64 = 512 * 1024 * 1024;

/// A file as it came.
#[derive(Debug)]
pub(crate) struct UploadedFile {
    pub(crate) bytes: Bytes,
}

/// Reads a form up to the part with this name, and that part.
pub(crate) async fn read(headers: &HeaderMap, body: Body, part: &'static str) -> Result<UploadedFile, Refusal> {
    let unreadable = || Refusal::unreadable("request body is not a form with a file");
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(|content_type| multer::parse_boundary(content_type).ok());
    let limit = SizeLimit::new().whole_stream(FILE_LIMIT + 64 * 1024).per_field(FILE_LIMIT);
    let constraints = Constraints::new().size_limit(limit);
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary.ok_or_else(unreadable)?, constraints);
    let refuse = |error: multer::Error| match error {
        multer::Error::FieldSizeExceeded { .. } | multer::Error::StreamSizeExceeded { .. } => Refusal::too_large(),
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
        // What follows is read too, so that the client gets to read the answer.
        while form.next_field().await.map_err(refuse)?.is_some() {}
        return Ok(UploadedFile { bytes: bytes.freeze() });
    }
    Err(unreadable())
}
