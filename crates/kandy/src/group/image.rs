//! [`GroupImage`]: the reference to the image of a group. Depends on `content` and `id` only.

use kandy_sys::{ExtraFields, types};

use crate::{
    ContentId, UploadedContent,
    value::{Value as _, value},
};

/// The image of a group: a reference to an uploaded file.
///
/// Convert it from an [`UploadedContent`], or set its fields. The default, which is empty, stands for no image.
///
/// ```
/// use kandy::{GroupImage, UploadedContent};
///
/// let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
/// let image = GroupImage::from(&photo);
/// assert_eq!(image.file_length_bytes, Some(20480));
/// assert_eq!(GroupImage::default().content_uuid, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GroupImage {
    /// The id of the uploaded file.
    pub content_uuid: Option<ContentId>,
    /// The name of the file.
    pub content_name: Option<String>,
    /// The size in bytes.
    pub file_length_bytes: Option<u64>,
}

value! {
    GroupImage as GroupImage {
        content_uuid: content_uuid,
        content_name: content_name,
        file_length_bytes: file_length_bytes,
    }
}

impl GroupImage {
    /// Reads the image of a group; `None` if it has none of the known fields.
    pub(super) fn read_any(image: &ExtraFields) -> Option<Self> {
        // Empty texts count as missing: a group without an image has an empty one.
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
        image.write()
    }
}
