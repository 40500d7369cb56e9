//! The body of a request.

use std::fmt;

use bytes::Bytes;

use crate::Upload;

/// The body of a request.
#[derive(Clone)]
#[non_exhaustive]
pub enum Content {
    /// No body.
    None,
    /// JSON.
    Json(Bytes),
    /// A file, as the only part of a multipart form. It is boxed, because few requests have one.
    File(Box<Upload>),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Json(json) => write!(f, "Json({} bytes)", json.len()),
            Self::File(file) => file.fmt(f),
        }
    }
}
