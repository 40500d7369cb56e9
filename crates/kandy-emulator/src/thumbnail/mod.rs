//! Thumbnails of uploaded images.
//!
//! ```text
//! request  a thumbnail to make: its image and its size
//! image    decodes, shrinks and encodes (feature `thumbnails`)
//! pool     runs that on threads of its own, and bounds how many there are
//! ```
//!
//! Depends on [`limits`](crate::limits) alone. Begin with [`Thumbnails::make`].

#[cfg(feature = "thumbnails")]
mod image;
mod pool;
mod request;

pub(crate) use pool::Thumbnails;
pub(crate) use request::{Size, ThumbnailRequest};
