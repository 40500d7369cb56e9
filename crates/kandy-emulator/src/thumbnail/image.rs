//! Decodes, shrinks and encodes images.
//!
//! Depends on `request` and `limits`. Begin with `make`.

use std::io::Cursor;

use ::image::{DynamicImage, ImageFormat, ImageReader, Limits};
use kandy_sys::{ApiFault, Status};

use super::request::{Size, Thumbnail, no_thumbnail};
use crate::limits;

/// Makes an image fit into a size, in the format that it has.
///
/// # Errors
///
/// Status 19 if it is no image, in a format that is not known here, or too large. Its dimensions are read before
/// anything is decoded, because few bytes can stand for many pixels.
pub(super) fn make(bytes: &[u8], size: Size) -> Result<Thumbnail, ApiFault> {
    let (width, height) = reader(bytes).and_then(|reader| reader.into_dimensions().ok()).ok_or_else(no_thumbnail)?;
    if u64::from(width) * u64::from(height) > limits::THUMBNAIL_PIXELS {
        let message = format!("image has more than {} pixels, so it has no thumbnail", limits::THUMBNAIL_PIXELS);
        return Err(ApiFault::new(Status::NO_DATA, message));
    }
    shrink(bytes, size).ok_or_else(no_thumbnail)
}

fn reader(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    // The dimensions are checked before; this bounds what else a crafted image makes the decoder allocate.
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
    fn image_fits_and_other_content_is_refused() {
        for (format, content_type) in [(ImageFormat::Png, "image/png"), (ImageFormat::Jpeg, "image/jpeg")] {
            let mut large = Cursor::new(Vec::new());
            let image =
                ::image::RgbImage::from_fn(800, 400, |x, y| ::image::Rgb([(x % 251) as u8, (y % 241) as u8, 7]));
            DynamicImage::ImageRgb8(image).write_to(&mut large, format).expect("written");
            let small = make(large.get_ref(), Size { width: 100, height: 100 }).expect("a thumbnail");
            assert_eq!(small.content_type, content_type);
            assert!(small.bytes.len() < large.get_ref().len());
            let small = ::image::load_from_memory(&small.bytes).expect("an image");
            assert_eq!((small.width(), small.height()), (100, 50));
        }
        for none in [&b"let's meet tonight"[..], b""] {
            assert_eq!(make(none, Size { width: 1, height: 1 }).expect_err("no image"), no_thumbnail());
        }
    }
}
