//! A file to upload, and the multipart form that it is sent in.

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use reqwest::{Body, Response};

/// A file to send, in memory or as a stream.
///
/// It is sent as the only part of a multipart form. If its bytes can be read again, a transport may send it again: see
/// [`is_repeatable`](Self::is_repeatable).
///
/// ```
/// use kandy_sys::Upload;
///
/// let note = Upload::new("note.txt", "let's meet tonight").content_type("text/plain");
/// assert_eq!((note.file_name(), note.length()), ("note.txt", Some(18)));
/// ```
#[derive(Clone)]
pub struct Upload {
    file_name: String,
    content_type: String,
    length: Option<u64>,
    source: Source,
    boundary: String,
    progress: Option<Progress>,
}

/// A callback with the number of bytes that have been sent.
type Progress = Arc<dyn Fn(u64) + Send + Sync>;

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    Again(Arc<dyn Fn() -> Body + Send + Sync>),
    Once(Arc<Mutex<Option<Body>>>),
}

impl Upload {
    /// Returns a file from bytes in memory.
    ///
    /// ```
    /// let note = kandy_sys::Upload::new("note.txt", "Hello");
    /// assert!(note.is_repeatable());
    /// ```
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::of(file_name.into(), Some(bytes.len() as u64), Source::Bytes(bytes))
    }

    /// Returns a file that is read from a stream while it is sent. It can be sent once.
    ///
    /// Without its length in bytes it is sent with chunked encoding, which not every server accepts.
    ///
    /// ```
    /// use kandy_sys::Upload;
    ///
    /// let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>("let's meet "), Ok("tonight")]);
    /// let note = Upload::stream("note.txt", Some(18), reqwest::Body::wrap_stream(chunks));
    /// assert!(!note.is_repeatable());
    /// ```
    pub fn stream(file_name: impl Into<String>, length: Option<u64>, body: impl Into<Body>) -> Self {
        Self::of(file_name.into(), length, Source::Once(Arc::new(Mutex::new(Some(body.into())))))
    }

    /// Returns a file that is read while it is sent. Each attempt calls `open` for a new stream from the beginning.
    ///
    /// ```
    /// use kandy_sys::Upload;
    ///
    /// let open = || reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>("Hello")]));
    /// let note = Upload::repeatable("note.txt", Some(5), open);
    /// assert!(note.is_repeatable());
    /// ```
    pub fn repeatable(
        file_name: impl Into<String>,
        length: Option<u64>,
        open: impl Fn() -> Body + Send + Sync + 'static,
    ) -> Self {
        Self::of(file_name.into(), length, Source::Again(Arc::new(open)))
    }

    fn of(file_name: String, length: Option<u64>, source: Source) -> Self {
        let random = || RandomState::new().build_hasher().finish();
        let boundary = format!("kandy-{:016x}{:016x}", random(), random());
        let content_type = "application/octet-stream".to_owned();
        Self { file_name, content_type, length, source, boundary, progress: None }
    }

    /// Sets the MIME type, such as `image/png`.
    #[must_use = "it returns the changed file"]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = content_type.into();
        self
    }

    /// Calls `progress` with the total number of bytes given to the connection, whenever it grows. A repeated attempt begins
    /// again at 0.
    ///
    /// ```
    /// let note = kandy_sys::Upload::new("note.txt", "Hello").progress(|sent| eprintln!("{sent} bytes"));
    /// ```
    #[must_use = "it returns the changed file"]
    pub fn progress(mut self, progress: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// Returns the name of the file.
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// Returns the MIME type.
    pub fn mime_type(&self) -> &str {
        &self.content_type
    }

    /// Returns the length in bytes, if it is known.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns whether it can be sent more than once.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.source, Source::Once(_))
    }

    /// Returns the headers of a request whose body is [`form`](Self::form).
    pub(crate) fn headers(&self, part: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let content_type = format!("multipart/form-data; boundary={}", self.boundary);
        // The boundary consists of hexadecimal digits, so the header value is valid.
        headers.extend(HeaderValue::try_from(content_type).ok().map(|value| (header::CONTENT_TYPE, value)));
        headers.extend(self.form_length(part).map(|length| (header::CONTENT_LENGTH, HeaderValue::from(length))));
        headers
    }

    /// Returns the multipart form whose only part is this file.
    pub fn form(&self, part: &str) -> Body {
        let (head, tail) = (self.head(part), self.tail());
        let file = match &self.source {
            Source::Bytes(bytes) if self.progress.is_none() => {
                return Body::from([head.as_bytes(), bytes, tail.as_bytes()].concat());
            }
            Source::Bytes(bytes) => Body::from(bytes.clone()),
            Source::Again(open) => open(),
            Source::Once(body) => match body.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(body) => body,
                None => Body::wrap_stream(stream::iter([Err::<Bytes, _>(AlreadySent)])),
            },
        };
        let (progress, mut sent) = (self.progress.clone(), 0);
        // reqwest converts a response, but not a body, into a stream.
        let file = Response::from(http::Response::new(file)).bytes_stream().inspect_ok(move |chunk| {
            sent += chunk.len() as u64;
            if let Some(progress) = &progress {
                progress(sent);
            }
        });
        let text = |text: String| stream::iter([Ok(Bytes::from(text))]);
        Body::wrap_stream(text(head).chain(file).chain(text(tail)))
    }

    fn head(&self, part: &str) -> String {
        let Self { boundary, content_type, .. } = self;
        let (part, file_name) = (quoted(part), quoted(&self.file_name));
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"{file_name}\"\r\n\
             Content-Type: {}\r\n\r\n",
            quoted(content_type)
        )
    }

    fn tail(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }

    fn form_length(&self, part: &str) -> Option<u64> {
        Some(self.length? + (self.head(part).len() + self.tail().len()) as u64)
    }
}

/// Escapes a text in the header of a part, as browsers do.
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

impl From<Bytes> for Upload {
    /// Returns a file with the name `file`.
    fn from(bytes: Bytes) -> Self {
        Self::new("file", bytes)
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

/// The error of a second attempt to read a stream.
#[derive(Debug)]
struct AlreadySent;

impl fmt::Display for AlreadySent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file has been sent already, and cannot be read again")
    }
}

impl std::error::Error for AlreadySent {}
