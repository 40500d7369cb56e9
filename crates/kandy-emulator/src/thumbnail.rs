//! Small forms of images.

#[cfg(feature = "thumbnails")]
mod image;

use std::{io, num::NonZeroUsize, str::FromStr, sync::Arc, thread};

use bytes::Bytes;
use kandy_sys::{Fault, Status};
use tokio::{sync::Semaphore, task};

#[cfg(feature = "thumbnails")]
use image::make;

use crate::answer::{Outcome, Reply};

/// The longest side of a thumbnail for which only a word is sent.
const LARGE: u32 = 500;

/// How large a thumbnail may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    width: u32,
    height: u32,
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

/// What a thumbnail is made of.
#[derive(Debug)]
pub(crate) struct ThumbnailRequest {
    pub(crate) image: Bytes,
    pub(crate) size: Size,
}

/// Makes thumbnails on threads of their own, so that no request waits for one but its own. Half of the processors are
/// used at most, and those that have to wait hold no memory but the file, which is in memory anyway.
pub(crate) struct Thumbnails(Arc<Semaphore>);

impl Default for Thumbnails {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self(Arc::new(Semaphore::new((processors / 2).max(1))))
    }
}

impl Thumbnails {
    pub(crate) async fn make(&self, request: ThumbnailRequest) -> Outcome {
        let failed = |_| Fault::new(Status::INTERNAL_SERVER_ERROR, "thumbnail could not be made");
        let turn = Arc::clone(&self.0).acquire_owned().await.map_err(|error| failed(io::Error::other(error)))?;
        let made = task::spawn_blocking(move || {
            let made = make(&request.image, request.size);
            // The turn ends with the work, also when the client has left in between.
            drop(turn);
            made
        });
        let thumbnail = made.await.map_err(|error| failed(error.into()))??;
        Reply::file(thumbnail.content_type.to_owned(), thumbnail.bytes.into())
    }
}

/// A thumbnail.
#[derive(Debug)]
pub(crate) struct Thumbnail {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Without the feature `thumbnails` nothing has one.
#[cfg(not(feature = "thumbnails"))]
fn make(_: &[u8], _: Size) -> Result<Thumbnail, Fault> {
    Err(no_thumbnail())
}

fn no_thumbnail() -> Fault {
    Fault::new(Status::NO_DATA, "there is no thumbnail of this content")
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
