//! Files of messages: uploads, downloads and thumbnails. Depends on `check`, `decode`, `pipeline` and the
//! [`Device`](crate::Device) handle. Begin reading at [`device`], which has the methods; [`attachment`] is what is
//! sent, [`download`] what is received.

mod attachment;
mod device;
mod download;
mod upload;
mod uploaded;

pub use attachment::Attachment;
pub use download::{Download, DownloadContent, DownloadThumbnail};
pub use upload::UploadContent;
pub use uploaded::UploadedContent;
