use std::fmt;

use bytes::Bytes;
use reqwest::{
    Body,
    multipart::{Form, Part},
};

/// A file to send, in memory or as a stream.
///
/// ```
/// use kandy_sys::Upload;
///
/// let note = Upload::new("note.txt", "let's meet tonight");
/// assert_eq!((note.file_name(), note.length()), ("note.txt", Some(18)));
/// ```
pub struct Upload {
    file_name: String,
    content_type: Option<String>,
    length: Option<u64>,
    body: Body,
}

impl Upload {
    /// A file whose bytes are here.
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::stream(file_name, Some(bytes.len() as u64), bytes)
    }

    /// A file that is read while it is sent. Without its length in bytes it goes out in chunks, which not every
    /// server takes.
    ///
    /// ```
    /// use kandy_sys::Upload;
    ///
    /// let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("let's meet "), Ok("tonight")]);
    /// let note = Upload::stream("note.txt", Some(18), reqwest::Body::wrap_stream(pieces));
    /// ```
    pub fn stream(file_name: impl Into<String>, length: Option<u64>, body: impl Into<Body>) -> Self {
        Self { file_name: file_name.into(), content_type: None, length, body: body.into() }
    }

    /// Says what the file is, as a MIME type such as `image/png`.
    #[must_use = "it answers the changed file"]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// The name of the file.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// How many bytes it has, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// A form whose only part is this file.
    ///
    /// # Errors
    ///
    /// When the MIME type is none.
    pub(crate) fn into_form(self, part: &'static str) -> reqwest::Result<Form> {
        let file = match self.length {
            Some(length) => Part::stream_with_length(self.body, length),
            None => Part::stream(self.body),
        };
        let file = file.file_name(self.file_name);
        let file = match &self.content_type {
            Some(content_type) => file.mime_str(content_type)?,
            None => file,
        };
        Ok(Form::new().part(part, file))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
