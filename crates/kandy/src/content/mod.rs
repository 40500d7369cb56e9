//! Content: images, sounds, videos and other files.

mod uploaded;

pub use uploaded::UploadedContent;
