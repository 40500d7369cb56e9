//! [`UploadedContent`]: the reference to an uploaded file. Depends on `id` only.

use kandy_sys::types;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{ContentId, value::Scalar as _};

/// A file that was uploaded: the id, name, type and length that messages and group images refer to it by.
///
/// It is serialised with the names that group images and messages use.
///
/// ```
/// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
/// let note = phone.upload(kandy::Attachment::new("note.txt", "let's meet tonight")).await?;
/// println!("{} is stored as {}", note.file_name, note.content_id);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

/// The reference as group images have it, with the MIME type as messages have it.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    file: types::GroupImage,
    #[serde(rename = "mimeType")]
    mime_type: String,
}

impl Serialize for UploadedContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let file = types::GroupImage {
            content_uuid: Some(self.content_id.to_string()),
            content_name: Some(self.file_name.clone()),
            file_length_bytes: self.length.as_ref().and_then(u64::write),
        };
        Stored { file, mime_type: self.mime_type.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for UploadedContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Stored { file: types::GroupImage { content_uuid, content_name, file_length_bytes }, mime_type } =
            Stored::deserialize(deserializer)?;
        Ok(Self {
            content_id: content_uuid.ok_or_else(|| D::Error::missing_field("content_uuid"))?.into(),
            file_name: content_name.ok_or_else(|| D::Error::missing_field("content_name"))?,
            mime_type,
            length: file_length_bytes.and_then(u64::read),
        })
    }
}
