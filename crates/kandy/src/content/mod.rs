//! Files that go with messages: uploads, downloads and thumbnails.

mod attachment;
mod device;
mod download;
mod upload;
mod uploaded;

pub use attachment::Attachment;
pub use download::{Download, DownloadContent, DownloadThumbnail};
pub use upload::UploadContent;
pub use uploaded::UploadedContent;
