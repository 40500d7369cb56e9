//! [`Attachment`]: a file to upload, from memory, disk or a stream. Depends on the `Upload` body of `kandy_sys` only.

use std::{error::Error as StdError, io::SeekFrom, path::Path, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures_util::{TryStream, TryStreamExt, stream};
use kandy_sys::Upload;
use reqwest::Body;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};

use crate::{Error, Result, runtime};

/// The size of the chunks in which a file is read.
const CHUNK_SIZE: usize = 64 * 1024;

/// A file to upload: bytes in memory, a file on disk, or a stream.
///
/// Its MIME type is guessed from the extension of its name; [`mime_type`](Self::mime_type) sets it.
///
/// ```
/// use kandy::Attachment;
///
/// let note = Attachment::new("note.txt", "let's meet tonight");
/// assert_eq!((note.file_name(), note.mime_type_name(), note.length()), ("note.txt", "text/plain", Some(18)));
/// ```
#[derive(Clone, Debug)]
pub struct Attachment {
    mime_type: String,
    upload: Upload,
}

impl Attachment {
    /// Creates an attachment of bytes in memory.
    pub fn new(file_name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self::of(Upload::new(file_name, bytes))
    }

    /// Opens a file on disk. It is read while it is sent, in chunks, so that it is never in memory as a whole.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let photo = phone.upload(kandy::Attachment::open("photo.jpg").await?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the file cannot be opened, or the path is not that of a file; [`Error::Transport`]
    /// outside a runtime of tokio.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future has no effect.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        runtime::check(None)?;
        let path: Arc<Path> = path.as_ref().into();
        let invalid = |reason: String| Error::argument("path", reason);
        // Opened once in advance, so that a missing file is an argument error here, and not a transport error of the
        // upload.
        let file = File::open(&path).await.map_err(|error| invalid(format!("it cannot be opened: {error}")))?;
        let metadata = file.metadata().await.map_err(|error| invalid(format!("it cannot be read: {error}")))?;
        Self::of_file(path, &metadata)
    }

    /// Creates an attachment of a file that was opened once, and so exists and can be read.
    pub(crate) fn of_file(path: Arc<Path>, metadata: &std::fs::Metadata) -> Result<Self> {
        if !metadata.is_file() {
            return Err(Error::argument("path", "it is not a file"));
        }
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let length = metadata.len();
        Ok(Self::of(Upload::repeatable(file_name, Some(length), move || read(path.clone(), length))))
    }

    /// Creates an attachment of a stream of bytes. It can be sent only once: when the service refuses the access token
    /// or the connection fails, the upload fails, and the caller retries it with a new stream.
    ///
    /// Without its length in bytes it is sent with chunked transfer encoding, which not every server accepts.
    ///
    /// ```
    /// use futures_util::stream;
    ///
    /// let chunks = stream::iter([Ok::<_, std::io::Error>("let's meet "), Ok("tonight")]);
    /// let note = kandy::Attachment::stream("note.txt", Some(18), chunks);
    /// assert_eq!(note.length(), Some(18));
    /// ```
    pub fn stream<S>(file_name: impl Into<String>, length: Option<u64>, stream: S) -> Self
    where
        S: TryStream + Send + 'static,
        Bytes: From<S::Ok>,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self::of(Upload::stream(file_name, length, Body::wrap_stream(stream)))
    }

    fn of(upload: Upload) -> Self {
        let mime_type = mime_guess::from_path(upload.file_name()).first_or_octet_stream().essence_str().to_owned();
        Self { mime_type, upload }
    }

    /// Sets the MIME type, such as `image/png`.
    #[must_use = "it returns the changed attachment"]
    pub fn mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_type = mime_type.into();
        self
    }

    /// Returns the MIME type, as set or guessed.
    pub fn mime_type_name(&self) -> &str {
        &self.mime_type
    }

    /// Returns the name of the file, without a folder.
    pub fn file_name(&self) -> &str {
        self.upload.file_name()
    }

    /// Returns the length in bytes, if it is known.
    pub fn length(&self) -> Option<u64> {
        self.upload.length()
    }

    pub(super) fn into_upload(self) -> Upload {
        self.upload.content_type(self.mime_type)
    }
}

/// Reads a file from its beginning, up to the length that it had when it was opened. A file that grows meanwhile would
/// otherwise exceed the declared `Content-Length`.
fn read(path: Arc<Path>, length: u64) -> Body {
    let chunks = stream::once(async move {
        // Opened again for each attempt, so that a retry sends the file from its beginning.
        let mut file = File::open(&path).await?;
        file.seek(SeekFrom::Start(0)).await?;
        Ok::<_, std::io::Error>(stream::try_unfold(file.take(length), async |mut file| {
            let mut chunk = BytesMut::with_capacity(CHUNK_SIZE);
            let read = file.read_buf(&mut chunk).await?;
            Ok::<_, std::io::Error>((read > 0).then(|| (chunk.freeze(), file)))
        }))
    });
    Body::wrap_stream(chunks.try_flatten())
}
