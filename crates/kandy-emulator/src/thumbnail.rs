//! Small forms of images.

use std::{io::Cursor, str::FromStr};

use image::{DynamicImage, ImageFormat, ImageReader, Limits};

/// The longest side of a thumbnail for which only a word is sent.
const LARGE: u32 = 500;

/// No image takes more memory than this while it is made small.
const MEMORY_LIMIT: u64 = 256 * 1024 * 1024;

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

/// A thumbnail.
pub(crate) struct Thumbnail {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Makes an image fit into a size, in the format that it has. None if it is no image, or in a format that is not
/// known here.
pub(crate) fn make(bytes: &[u8], size: Size) -> Option<Thumbnail> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_LIMIT);
    reader.limits(limits);
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
        assert!(make(b"let's meet tonight", Size { width: 1, height: 1 }).is_none());
        assert!(make(b"", Size { width: 1, height: 1 }).is_none());
    }
}
