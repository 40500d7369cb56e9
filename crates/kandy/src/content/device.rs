//! The files of a device: `impl Device`, and messages made of files.

use super::{Attachment, DownloadContent, DownloadThumbnail, UploadContent};
use crate::{ContentId, Device, MessageContent, Result, pipeline::CallContext};

/// The files that a device sends and fetches.
impl Device {
    /// Uploads a file, and answers what a message needs to know of it. The file gets a random id.
    ///
    /// A file on disk is read while it is sent, so that little of it is in memory. An upload takes as long as it
    /// needs while it moves: the timeout is for each pause. It is never sent again by itself once it may have
    /// arrived; see [`Attachment`](crate::Attachment) for what can be sent again at all.
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
    /// [`Error::Argument`](crate::Error::Argument) when the device id or the name of the file is empty, the MIME type is none or the file id is no
    /// UUID; [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn upload(&self, attachment: Attachment) -> UploadContent {
        UploadContent::new(CallContext::new(&self.client), self.id.clone(), attachment)
    }

    /// Downloads a file as a stream of bytes. It is made when the answer begins; the file itself is fetched as
    /// it is read.
    ///
    /// A file of less than 16 KiB that is JSON, has the members of an envelope and a `status` other than 0 is
    /// taken for a refusal, since refusals come in this form.
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
    /// [`Error::Argument`](crate::Error::Argument) when the device id is empty or the file id is no UUID; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport). The stream yields an [`Error::Transport`](crate::Error::Transport) when it
    /// breaks off.
    pub fn download(&self, content_id: impl Into<ContentId>) -> DownloadContent {
        DownloadContent::new(CallContext::new(&self.client), self.id.clone(), content_id.into())
    }

    /// Downloads a small form of an image or a video, as [`download`](Self::download) does.
    ///
    /// `size` is `500x500`, or a pair of other numbers; newer clients send `large`.
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
    /// As for [`download`](Self::download); also when the size is empty.
    pub fn thumbnail(&self, content_id: impl Into<ContentId>, size: impl Into<String>) -> DownloadThumbnail {
        DownloadThumbnail::new(CallContext::new(&self.client), self.id.clone(), content_id.into(), size.into())
    }
}

impl MessageContent {
    /// Uploads a file, and makes a content of it: an image, a sound, a video or any other file, as the MIME type says.
    /// For progress and an id of your own see [`Device::upload`].
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
    /// As for [`Device::upload`].
    pub async fn upload(device: &Device, attachment: Attachment) -> Result<Self> {
        Ok(device.upload(attachment).await?.into())
    }
}
