use kandy_sys::{ExtraFields, types};

use crate::{ContentId, UploadedContent};

/// The image of a group, which was uploaded before.
///
/// It is made of an [`UploadedContent`], or of what is known of it. The empty one, which is the default, says that
/// there is no image.
///
/// ```
/// use kandy::{GroupImage, UploadedContent};
///
/// let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
/// let image = GroupImage::from(&photo);
/// assert_eq!(image.file_length_bytes, Some(20480));
/// assert_eq!(GroupImage::default().content_uuid, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupImage {
    /// The id under which it was uploaded.
    pub content_uuid: Option<ContentId>,
    /// The name of the file.
    pub content_name: Option<String>,
    /// The size in bytes.
    pub file_length_bytes: Option<u64>,
}

impl GroupImage {
    /// From what a group has.
    pub(super) fn read(image: &ExtraFields) -> Option<Self> {
        let text = |name: &str| image.get(name)?.as_str().filter(|text| !text.is_empty());
        let image = Self {
            content_uuid: text("content_uuid").map(Into::into),
            content_name: text("content_name").map(str::to_owned),
            file_length_bytes: image.get("file_length_bytes").and_then(serde_json::Value::as_u64),
        };
        (image != Self::default()).then_some(image)
    }
}

impl From<&UploadedContent> for GroupImage {
    fn from(uploaded: &UploadedContent) -> Self {
        Self {
            content_uuid: Some(uploaded.content_id.clone()),
            content_name: Some(uploaded.file_name.clone()),
            file_length_bytes: uploaded.length,
        }
    }
}

impl From<GroupImage> for types::GroupImage {
    fn from(image: GroupImage) -> Self {
        Self {
            content_uuid: image.content_uuid.map(|content_uuid| content_uuid.to_string()),
            content_name: image.content_name,
            // No file is longer than that.
            file_length_bytes: image.file_length_bytes.and_then(|bytes| i64::try_from(bytes).ok()),
        }
    }
}
