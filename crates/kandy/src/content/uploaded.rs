//! A file that was uploaded.

use crate::ContentId;

/// A file that has been uploaded: what messages, and the images of groups, need to know of it.
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
    /// How many bytes it has, where that is known.
    pub length: Option<u64>,
}

impl UploadedContent {
    /// A file that was uploaded before, by another program for instance.
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

    /// Says how many bytes it has.
    #[must_use = "it answers the content with its length"]
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }
}
