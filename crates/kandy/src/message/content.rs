//! [`MessageContent`]: the content of a message as data. Depends on `content` for uploaded files.

use kandy_sys::{ContentType, ExtraFields, types};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::{Map, Value};

use crate::UploadedContent;

/// The content of a chat message or a group message.
///
/// A text converts into one, and the usual contents have a function each. Everything else is data: a content type, a
/// MIME type, and their fields.
///
/// ```
/// use kandy::{ContentType, MessageContent};
///
/// let text = MessageContent::from("let's meet tonight");
/// assert_eq!(text.text(), Some("let's meet tonight"));
///
/// let vote = MessageContent::new(ContentType::Text, "application/vnd.example.vote").field("option", 3);
/// assert_eq!(vote.mime_type(), Some("application/vnd.example.vote"));
/// ```
///
/// [`view`](Self::view) interprets a received content.
///
/// It is serialised as the two fields that a message has of it:
///
/// ```
/// let json = serde_json::to_value(kandy::MessageContent::plain("Hello"))?;
/// assert_eq!(json["contentType"], "text");
/// assert_eq!(json["message"]["text"], "Hello");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageContent {
    pub(crate) content_type: ContentType,
    fields: Map<String, Value>,
}

impl MessageContent {
    /// Returns a content of any type, without fields.
    pub fn new(content_type: impl Into<ContentType>, mime_type: impl Into<String>) -> Self {
        let fields = Map::from_iter([("mimeType".to_owned(), mime_type.into().into())]);
        Self { content_type: content_type.into(), fields }
    }

    /// Returns a text.
    ///
    /// ```
    /// let hello = kandy::MessageContent::plain("Hello");
    /// assert_eq!(hello.mime_type(), Some("text/plain"));
    /// ```
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(ContentType::Text, "text/plain").field("text", text.into())
    }

    /// Returns JSON, which is sent as text.
    ///
    /// ```
    /// let order = kandy::MessageContent::json(&["pizza", "wine"])?;
    /// assert_eq!(order.fields()["json"], r#"["pizza","wine"]"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the value cannot be encoded as JSON, such as a map whose keys are not strings.
    pub fn json(value: &impl Serialize) -> serde_json::Result<Self> {
        let json = serde_json::to_string(value)?;
        Ok(Self::new(ContentType::Text, "application/json").field("json", json))
    }

    /// Returns an uploaded image.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let uploaded = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png");
    /// assert_eq!(MessageContent::image(&uploaded).fields()["content_name"], "friends.png");
    /// ```
    pub fn image(uploaded: &UploadedContent) -> Self {
        Self::uploaded(ContentType::Image, uploaded)
    }

    /// Returns an uploaded sound.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let uploaded = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "song.mp3", "audio/mpeg");
    /// assert_eq!(MessageContent::audio(&uploaded).fields()["content_name"], "song.mp3");
    /// ```
    pub fn audio(uploaded: &UploadedContent) -> Self {
        Self::uploaded(ContentType::Audio, uploaded)
    }

    /// Returns an uploaded video.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let uploaded = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "trip.mp4", "video/mp4");
    /// assert_eq!(MessageContent::video(&uploaded).fields()["content_name"], "trip.mp4");
    /// ```
    pub fn video(uploaded: &UploadedContent) -> Self {
        Self::uploaded(ContentType::Video, uploaded)
    }

    /// Returns an uploaded file of any kind.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let uploaded = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "plan.pdf", "application/pdf");
    /// assert_eq!(MessageContent::file(&uploaded).fields()["content_name"], "plan.pdf");
    /// ```
    pub fn file(uploaded: &UploadedContent) -> Self {
        Self::uploaded(ContentType::File, uploaded)
    }

    /// Returns an uploaded contact card. `display_name` is the name that the receiver sees.
    ///
    /// ```
    /// use kandy::{MessageContent, UploadedContent};
    ///
    /// let card = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "anna.vcf", "text/vcard");
    /// let contact = MessageContent::contact(&card, "Anna");
    /// assert_eq!(contact.fields()["contact_display_name"], "Anna");
    /// ```
    pub fn contact(uploaded: &UploadedContent, display_name: impl Into<String>) -> Self {
        Self::uploaded(ContentType::Contact, uploaded).field("contact_display_name", display_name.into())
    }

    fn uploaded(content_type: ContentType, uploaded: &UploadedContent) -> Self {
        Self::new(content_type, uploaded.mime_type.as_str())
            .field("content_uuid", uploaded.content_id.as_str())
            .field("content_name", uploaded.file_name.as_str())
    }

    /// Returns a location in degrees; south and west are negative. A number that is not finite is sent as `null`.
    ///
    /// The zoom of the map is 10; the field `media_map_zoom` overrides it.
    ///
    /// ```
    /// use kandy::MessageContent;
    ///
    /// let place = MessageContent::location(48.2, 16.37);
    /// assert_eq!(place.mime_type(), Some("location/utm"));
    /// assert_eq!(place.fields()["media_map_zoom"], 10);
    /// let street = place.field("media_map_zoom", 17);
    /// assert_eq!(street.fields()["media_map_zoom"], 17);
    /// ```
    pub fn location(latitude: f64, longitude: f64) -> Self {
        Self::new(ContentType::Location, "location/utm")
            .field("location_latitude", latitude)
            .field("location_longitude", longitude)
            .field("media_map_zoom", 10)
    }

    /// Returns a content as a message has it. One without a type is a text.
    pub(super) fn received(content_type: Option<ContentType>, content: types::MessageContent) -> Self {
        Self { content_type: content_type.unwrap_or(ContentType::Text), fields: content.0.into() }
    }

    /// Adds a field, in the service's spelling.
    #[must_use = "it returns the content with the field"]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(name.into(), value.into());
        self
    }

    /// Returns the content type.
    pub fn content_type(&self) -> &ContentType {
        &self.content_type
    }

    /// Returns the MIME type.
    pub fn mime_type(&self) -> Option<&str> {
        self.fields.get("mimeType")?.as_str()
    }

    /// Returns the text, if it is one.
    pub fn text(&self) -> Option<&str> {
        self.fields.get("text")?.as_str()
    }

    /// Returns all fields, in the service's spelling.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl From<&str> for MessageContent {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for MessageContent {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl Serialize for MessageContent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A message with nothing but a content, so that the names of the fields are those of a message.
        let message = types::PendingMessage {
            content_type: Some(self.content_type.clone()),
            destination: None,
            group_id: None,
            message: Some(self.clone().into()),
            message_type: None,
            sender: None,
            timestamp: None,
            uuid: None,
            extra: ExtraFields::default(),
        };
        message.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MessageContent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let message = types::PendingMessage::deserialize(deserializer)?;
        let content = message.message.ok_or_else(|| D::Error::missing_field("message"))?;
        Ok(Self::received(message.content_type, content))
    }
}

impl From<&MessageContent> for MessageContent {
    fn from(content: &MessageContent) -> Self {
        content.clone()
    }
}

impl From<&String> for MessageContent {
    fn from(text: &String) -> Self {
        Self::plain(text)
    }
}

impl From<MessageContent> for types::MessageContent {
    fn from(content: MessageContent) -> Self {
        Self(ExtraFields(content.fields))
    }
}

impl From<UploadedContent> for MessageContent {
    /// Returns an image, a sound, a video or any other file, depending on the MIME type.
    fn from(uploaded: UploadedContent) -> Self {
        Self::from(&uploaded)
    }
}

impl From<&UploadedContent> for MessageContent {
    /// Returns an image, a sound, a video or any other file, depending on the MIME type.
    fn from(uploaded: &UploadedContent) -> Self {
        match uploaded.mime_type.split('/').next() {
            Some("image") => Self::image(uploaded),
            Some("audio") => Self::audio(uploaded),
            Some("video") => Self::video(uploaded),
            _ => Self::file(uploaded),
        }
    }
}
