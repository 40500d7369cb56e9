use std::{fmt, pin::Pin};

use bytes::Bytes;
use futures_util::Stream;

use crate::Result;

/// What an answer carries.
pub(crate) enum Payload {
    /// All of it, read.
    Whole(Bytes),
    /// A file, which is not read yet.
    Stream(FileStream),
}

/// The bytes of a file, as they arrive.
pub(crate) type FileStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(body) => write!(f, "{} bytes", body.len()),
            Self::Stream(_) => f.write_str("a file"),
        }
    }
}
