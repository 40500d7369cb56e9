//! A thumbnail to make: its source, its size and the result.
//!
//! Depends on nothing. Begin with `ThumbnailRequest`.

use std::str::FromStr;

use bytes::Bytes;
use kandy_sys::{ApiFault, Status};

/// The longest side of a thumbnail of the size `large`.
const LARGE: u32 = 500;

/// How large a thumbnail may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

impl FromStr for Size {
    type Err = ();

    /// Reads `500x500`, or the word that newer clients send.
    fn from_str(text: &str) -> Result<Self, ()> {
        if text.eq_ignore_ascii_case("large") {
            return Ok(Self { width: LARGE, height: LARGE });
        }
        let (width, height) = text.split_once(['x', 'X']).ok_or(())?;
        let side = |text: &str| text.parse().ok().filter(|side| (1..=4096).contains(side)).ok_or(());
        Ok(Self { width: side(width)?, height: side(height)? })
    }
}

/// The source and the size of a thumbnail.
#[derive(Debug)]
pub(crate) struct ThumbnailRequest {
    pub(crate) image: Bytes,
    pub(crate) size: Size,
}

/// A thumbnail.
#[derive(Debug)]
pub(crate) struct Thumbnail {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Status 19, the response for content without a thumbnail.
pub(super) fn no_thumbnail() -> ApiFault {
    ApiFault::new(Status::NO_DATA, "there is no thumbnail of this content")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let size = |width, height| Ok(Size { width, height });
        assert_eq!("500x500".parse(), size(500, 500));
        assert_eq!("24X48".parse(), size(24, 48));
        assert_eq!("large".parse(), size(500, 500));
        for text in ["", "500", "0x1", "axb", "1x2x3", "-1x1", "99999x1"] {
            assert_eq!(text.parse::<Size>(), Err(()), "{text}");
        }
    }
}
