use kandy_sys::ContentType;

use crate::{ContentId, MessageContent};

/// A file that has been uploaded: what a message needs to know of it.
///
/// ```
/// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
/// let note = phone.upload(kandy::Attachment::new("note.txt", "let's meet tonight")).await?;
/// println!("{} is stored as {}", note.file_name, note.content_id);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UploadedContent {
    /// Its id, for [`Device::download`](crate::Device::download) and in messages.
    pub content_id: ContentId,
    /// Its name.
    pub file_name: String,
    /// Its MIME type.
    pub mime_type: String,
    /// How many bytes it has, where that is known.
    pub length: Option<u64>,
}

impl From<UploadedContent> for MessageContent {
    /// An image, a sound, a video or any other file, as the MIME type says.
    fn from(uploaded: UploadedContent) -> Self {
        let kind = match uploaded.mime_type.split('/').next() {
            Some("image") => ContentType::Image,
            Some("audio") => ContentType::Audio,
            Some("video") => ContentType::Video,
            _ => ContentType::File,
        };
        Self::new(kind, uploaded.mime_type)
            .field("content_uuid", uploaded.content_id.as_str())
            .field("content_name", uploaded.file_name)
    }
}
