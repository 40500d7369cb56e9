use crate::ContentId;

/// Content that was uploaded, for messages and for the images of groups.
///
/// ```
/// use kandy::{MessageContent, UploadedContent};
///
/// let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
/// assert_eq!(MessageContent::image(&photo).mime_type(), Some("image/png"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedContent {
    /// The id under which it was uploaded.
    pub content_id: ContentId,
    /// The name of the file.
    pub file_name: String,
    /// The MIME type, such as `image/png`.
    pub mime_type: String,
    /// The size in bytes, if it is known.
    pub length: Option<u64>,
}

impl UploadedContent {
    /// Content that was uploaded before, by another program for instance.
    pub fn new(content_id: impl Into<ContentId>, file_name: impl Into<String>, mime_type: impl Into<String>) -> Self {
        let (file_name, mime_type) = (file_name.into(), mime_type.into());
        Self { content_id: content_id.into(), file_name, mime_type, length: None }
    }

    /// Sets the size in bytes.
    #[must_use = "it answers the content with the size"]
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }
}
