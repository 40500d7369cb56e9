//! [`UploadedContent`]: the reference to an uploaded file. Depends on `id` only.

use crate::ContentId;

/// A file that was uploaded: the id, name, type and length that messages and group images refer to it by.
///
/// ```
/// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
/// let note = phone.upload(kandy::Attachment::new("note.txt", "let's meet tonight")).await?;
/// println!("{} is stored as {}", note.file_name, note.content_id);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedContent {
    /// Its id, for [`Device::download`](crate::Device::download) and in messages.
    pub content_id: ContentId,
    /// Its name.
    pub file_name: String,
    /// Its MIME type, such as `image/png`.
    pub mime_type: String,
    /// Its length in bytes, if known.
    pub length: Option<u64>,
}

impl UploadedContent {
    /// Creates the reference to a file that was uploaded earlier, for instance by another program.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
    /// assert_eq!(MessageContent::image(&photo).mime_type(), Some("image/png"));
    /// ```
    pub fn new(content_id: impl Into<ContentId>, file_name: impl Into<String>, mime_type: impl Into<String>) -> Self {
        let (file_name, mime_type) = (file_name.into(), mime_type.into());
        Self { content_id: content_id.into(), file_name, mime_type, length: None }
    }

    /// Sets the length in bytes.
    #[must_use = "it returns the content with its length"]
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }
}
