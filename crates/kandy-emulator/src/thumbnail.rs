//! Small forms of images.

use std::{
    io::{self, Cursor},
    num::NonZeroUsize,
    str::FromStr,
    sync::Arc,
    thread,
};

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use kandy_sys::{Fault, Status};
use tokio::{sync::Semaphore, task};

use crate::{
    answer::{Outcome, Reply},
    limits,
};

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

/// Makes an image fit into a size, in the format that it has.
///
/// # Errors
///
/// Status 19 if it is no image, in a format that is not known here, or too large. Its dimensions are read before
/// anything is decoded, because few bytes can stand for many pixels.
fn make(bytes: &[u8], size: Size) -> Result<Thumbnail, Fault> {
    let (width, height) = reader(bytes).and_then(|reader| reader.into_dimensions().ok()).ok_or_else(no_thumbnail)?;
    if u64::from(width) * u64::from(height) > limits::THUMBNAIL_PIXELS {
        let message = format!("image has more than {} pixels, so it has no thumbnail", limits::THUMBNAIL_PIXELS);
        return Err(Fault::new(Status::NO_DATA, message));
    }
    shrink(bytes, size).ok_or_else(no_thumbnail)
}

fn no_thumbnail() -> Fault {
    Fault::new(Status::NO_DATA, "there is no thumbnail of this content")
}

fn reader(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(limits::THUMBNAIL_MEMORY);
    reader.limits(limits);
    Some(reader)
}

fn shrink(bytes: &[u8], size: Size) -> Option<Thumbnail> {
    let reader = reader(bytes)?;
    let format = reader.format()?;
    let image = reader.decode().ok()?;
    // Nothing is made larger than it is.
    let (width, height) = (size.width.min(image.width()), size.height.min(image.height()));
    let small = image.thumbnail(width, height);
    let mut written = Cursor::new(Vec::new());
    let (content_type, small) = match format {
        ImageFormat::Jpeg => ("image/jpeg", DynamicImage::ImageRgb8(small.into_rgb8())),
        _ => ("image/png", small),
    };
    let format = if content_type == "image/jpeg" { ImageFormat::Jpeg } else { ImageFormat::Png };
    small.write_to(&mut written, format).ok()?;
    Some(Thumbnail { content_type, bytes: written.into_inner() })
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

    #[test]
    fn an_image_fits_and_what_is_none_has_no_thumbnail() {
        for (format, content_type) in [(ImageFormat::Png, "image/png"), (ImageFormat::Jpeg, "image/jpeg")] {
            let mut large = Cursor::new(Vec::new());
            let image = image::RgbImage::from_fn(800, 400, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 7]));
            DynamicImage::ImageRgb8(image).write_to(&mut large, format).expect("written");
            let small = make(large.get_ref(), Size { width: 100, height: 100 }).expect("a thumbnail");
            assert_eq!(small.content_type, content_type);
            assert!(small.bytes.len() < large.get_ref().len());
            let small = image::load_from_memory(&small.bytes).expect("an image");
            assert_eq!((small.width(), small.height()), (100, 50));
        }
        for none in [&b"let's meet tonight"[..], b""] {
            assert_eq!(make(none, Size { width: 1, height: 1 }).expect_err("no image"), no_thumbnail());
        }
    }
}
