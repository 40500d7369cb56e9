//! The methods of [`Device`] for files, and [`MessageContent::upload`], which sends a file in a message. Depends on the
//! builders of the parent module.

use super::{Attachment, DownloadContent, DownloadThumbnail, UploadContent};
use crate::{ContentId, Device, MessageContent, Result, pipeline::CallContext};

/// Uploads and downloads of files.
impl Device {
    /// Uploads a file, and returns its id, name and type for use in a message. The file gets a random id.
    ///
    /// A file on disk is read while it is sent, so that it is never in memory as a whole. An upload may take as long as
    /// it makes progress: the timeout limits each pause. It is never retried automatically once it may have arrived.
    /// [`Attachment`] says which uploads can be retried at all.
    ///
    /// Operation `content_upload`, confidence C: seen in one client.
    ///
    /// ```
    /// use kandy::Attachment;
    ///
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let photo = phone.upload(Attachment::open("photo.jpg").await?).await?;
    /// phone.send_message("anna@example.com", photo).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id or the name of the file is empty, the MIME type
    /// is malformed or the file id is not a UUID; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn upload(&self, attachment: Attachment) -> UploadContent {
        UploadContent::new(CallContext::new(&self.client), self.id.clone(), attachment)
    }

    /// Downloads a file as a stream of bytes. The stream is returned when the response headers arrive; the body is
    /// fetched while it is read.
    ///
    /// A body of less than 16 KiB is treated as an error response if it is JSON with the fields of an envelope and a
    /// `status` other than 0, because the service reports errors in this form.
    ///
    /// Operation `content_download`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device, photo: kandy::ContentId) -> kandy::Result<()> {
    /// phone.download(photo).await?.save("photo.jpg").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty or the file id is not a UUID;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport). The stream yields an
    /// [`Error::Transport`](crate::Error::Transport) when the connection breaks.
    pub fn download(&self, content_id: impl Into<ContentId>) -> DownloadContent {
        DownloadContent::new(CallContext::new(&self.client), self.id.clone(), content_id.into())
    }

    /// Downloads a thumbnail of an image or a video, like [`download`](Self::download).
    ///
    /// `size` is `500x500`, or two other numbers in this form; newer clients send `large`.
    ///
    /// Operation `content_thumbnail_download`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device, photo: kandy::ContentId) -> kandy::Result<()> {
    /// let small = phone.thumbnail(photo, "500x500").await?.bytes(1024 * 1024).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`download`](Self::download); also when the size is empty.
    pub fn thumbnail(&self, content_id: impl Into<ContentId>, size: impl Into<String>) -> DownloadThumbnail {
        DownloadThumbnail::new(CallContext::new(&self.client), self.id.clone(), content_id.into(), size.into())
    }
}

impl MessageContent {
    /// Uploads a file, and returns it as the content of a message: an image, a sound, a video or any other file, by its
    /// MIME type. For progress and a chosen id see [`Device::upload`].
    ///
    /// Operation `content_upload`, confidence C: seen in one client.
    ///
    /// ```
    /// use kandy::{Attachment, MessageContent};
    ///
    /// # async fn example(phone: kandy::Device, friends: kandy::Group) -> kandy::Result<()> {
    /// let photo = MessageContent::upload(&phone, Attachment::open("photo.jpg").await?).await?;
    /// friends.send_message(photo).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Device::upload`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the upload; a file that was sent whole by then may be stored nevertheless.
    pub async fn upload(device: &Device, attachment: Attachment) -> Result<Self> {
        Ok(device.upload(attachment).await?.into())
    }
}
