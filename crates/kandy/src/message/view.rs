//! [`ContentView`]: a message content, interpreted by its content type. Depends on `content`.

use kandy_sys::ContentType;
use serde_json::Value;

use super::MessageContent;
use crate::ContentId;

/// A [`MessageContent`], interpreted by its content type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ContentView<'a> {
    /// A text.
    Text(&'a str),
    /// JSON as text.
    Json(&'a str),
    /// An uploaded image, sound, video or other file.
    #[non_exhaustive]
    Media {
        /// The kind of file.
        kind: MediaKind,
        /// The id of the uploaded file.
        content_id: ContentId,
        /// The name of the file.
        name: Option<&'a str>,
    },
    /// A location.
    #[non_exhaustive]
    Location {
        /// Degrees to the north; negative to the south.
        latitude: f64,
        /// Degrees to the east; negative to the west.
        longitude: f64,
        /// The zoom of the map.
        zoom: Option<f64>,
    },
    /// A contact card.
    #[non_exhaustive]
    Contact {
        /// The id of the uploaded card.
        content_id: Option<ContentId>,
        /// The name of the file.
        name: Option<&'a str>,
        /// The name that the receiver sees.
        display_name: Option<&'a str>,
    },
    /// A content of another type or form: see [`content_type`](MessageContent::content_type) and
    /// [`fields`](MessageContent::fields).
    Other,
}

/// The kind of an uploaded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaKind {
    /// An image.
    Image,
    /// A sound.
    Audio,
    /// A video.
    Video,
    /// A file of any kind.
    File,
}

impl MessageContent {
    /// Interprets the content by its type. Clients differ in how they spell the fields of a location, and in whether
    /// they write numbers as strings; all of these forms are read.
    ///
    /// ```
    /// use kandy::{ContentView, MessageContent};
    ///
    /// let place = MessageContent::location(48.2, 16.37);
    /// match place.view() {
    ///     ContentView::Text(text) => println!("{text}"),
    ///     ContentView::Location { latitude, longitude, .. } => println!("{latitude}, {longitude}"),
    ///     _ => println!("something else: {:?}", place.content_type()),
    /// }
    /// ```
    pub fn view(&self) -> ContentView<'_> {
        let view = match self.content_type() {
            ContentType::Text => self.text_or_json(),
            ContentType::Image => self.media(MediaKind::Image),
            ContentType::Audio => self.media(MediaKind::Audio),
            ContentType::Video => self.media(MediaKind::Video),
            ContentType::File => self.media(MediaKind::File),
            ContentType::Location => self.location_view(),
            ContentType::Contact => Some(ContentView::Contact {
                content_id: self.content_id(),
                name: self.text_of("content_name"),
                display_name: self.text_of("contact_display_name"),
            }),
            _ => None,
        };
        view.unwrap_or(ContentView::Other)
    }

    fn text_or_json(&self) -> Option<ContentView<'_>> {
        let (json, text) = (self.text_of("json").map(ContentView::Json), self.text().map(ContentView::Text));
        // Content may have both fields; the MIME type decides.
        match self.mime_type() {
            Some("application/json") => json.or(text),
            _ => text.or(json),
        }
    }

    fn media(&self, kind: MediaKind) -> Option<ContentView<'_>> {
        Some(ContentView::Media { kind, content_id: self.content_id()?, name: self.text_of("content_name") })
    }

    fn location_view(&self) -> Option<ContentView<'_>> {
        Some(ContentView::Location {
            latitude: self.number(["location_latitude", "locationLatitude"])?,
            longitude: self.number(["location_longitude", "locationLongitude"])?,
            zoom: self.number(["media_map_zoom", "mediaMapZoom"]),
        })
    }

    fn content_id(&self) -> Option<ContentId> {
        self.text_of("content_uuid").filter(|id| !id.is_empty()).map(Into::into)
    }

    fn text_of(&self, name: &str) -> Option<&str> {
        self.fields().get(name)?.as_str()
    }

    /// Returns the first of these fields that is a number, or a string that parses as one.
    fn number(&self, names: [&str; 2]) -> Option<f64> {
        // A field that is not a number does not hide the other spelling (test `a_location_is_read_in_every_spelling`).
        names.into_iter().find_map(|name| match self.fields().get(name)? {
            Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
            value => value.as_f64(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UploadedContent;

    #[test]
    fn built_contents_are_interpreted() {
        let uploaded = UploadedContent::new("5c1d", "anna.vcf", "text/vcard");
        let media = |kind| ContentView::Media { kind, content_id: "5c1d".into(), name: Some("anna.vcf") };
        let contact = ContentView::Contact {
            content_id: Some("5c1d".into()),
            name: Some("anna.vcf"),
            display_name: Some("Anna"),
        };
        for (content, view) in [
            (MessageContent::plain("Hello"), ContentView::Text("Hello")),
            (MessageContent::json(&[1]).expect("JSON"), ContentView::Json("[1]")),
            (MessageContent::image(&uploaded), media(MediaKind::Image)),
            (MessageContent::audio(&uploaded), media(MediaKind::Audio)),
            (MessageContent::video(&uploaded), media(MediaKind::Video)),
            (MessageContent::file(&uploaded), media(MediaKind::File)),
            (MessageContent::contact(&uploaded, "Anna"), contact),
            (
                MessageContent::location(48.2, -16.37),
                ContentView::Location { latitude: 48.2, longitude: -16.37, zoom: Some(10.0) },
            ),
        ] {
            assert_eq!(content.view(), view);
        }
    }

    #[test]
    fn a_location_is_read_in_every_spelling() {
        let place = |latitude: Value, longitude: Value| {
            MessageContent::new("location", "location/utm")
                .field("locationLatitude", latitude)
                .field("locationLongitude", longitude)
        };
        let view = ContentView::Location { latitude: 48.0, longitude: 16.37, zoom: None };
        assert_eq!(place(48.into(), "16.37".into()).view(), view);
        for other in [place("north".into(), 1.into()), place("NaN".into(), 1.into()), place(Value::Null, 1.into())] {
            assert_eq!(other.view(), ContentView::Other);
        }
        // An empty field does not hide the other spelling.
        assert_eq!(place(48.into(), "16.37".into()).field("location_latitude", "").view(), view);
    }

    #[test]
    fn unknown_contents_are_other() {
        for content in [
            MessageContent::new("sticker", "image/png").field("text", "x"),
            MessageContent::new("image", "image/jpeg").field("text", "aGVsbG8="),
            MessageContent::new("image", "image/jpeg").field("content_uuid", ""),
            MessageContent::new("text", "text/plain"),
            MessageContent::new("text", "text/plain").field("text", 1),
        ] {
            assert_eq!(content.view(), ContentView::Other, "{content:?}");
        }
        let text = MessageContent::new("text", "text/html").field("json", "{}");
        assert_eq!(text.view(), ContentView::Json("{}"));
    }
}
