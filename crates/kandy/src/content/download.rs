//! The builders of downloads and thumbnails, and [`Download`], the stream that they return. Depends on `check`,
//! `decode` and `pipeline`.

use std::{
    fmt,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, TryStreamExt};
use http::header;
use kandy_sys::{ByteChunks, ByteStream, Call, Client};
use tokio::{fs::File, io::AsyncWriteExt};

use crate::{
    ContentId, DeviceId, Error, Result, check,
    decode::{Decoded, FileResponse},
    error::DecodeError,
    pipeline::{CallContext, CallSpec, request},
    runtime,
};

/// A file that is being downloaded: a stream of its bytes.
///
/// Only the bytes that have arrived and are not read yet are in memory. When it is dropped, the rest is not fetched.
///
/// ```
/// use futures_util::TryStreamExt;
///
/// # async fn example(phone: kandy::Device, photo: kandy::ContentId) -> kandy::Result<()> {
/// let mut file = phone.download(photo).await?;
/// while let Some(chunk) = file.try_next().await? {
///     eprintln!("{} bytes more, {} of {:?}", chunk.len(), file.received(), file.length());
/// }
/// # Ok(()) }
/// ```
pub struct Download {
    operation: &'static str,
    mime_type: Option<String>,
    length: Option<u64>,
    received: u64,
    bytes: ByteChunks<Error>,
}

impl Download {
    fn new(file: FileResponse) -> Self {
        let header_text = |name| file.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mime_type = header_text(header::CONTENT_TYPE);
        let length = header_text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Self { operation: file.operation.id, mime_type, length, received: 0, bytes: file.chunks }
    }

    /// Returns the MIME type, if the service sent one.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    /// Returns the length of the whole file in bytes, if the service sent it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns how many bytes were read from the stream so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Reads the rest of the file into memory.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device, note: kandy::ContentId) -> kandy::Result<()> {
    /// let note = phone.download(note).await?.bytes(1024 * 1024).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when the rest has more than `limit` bytes; [`Error::Transport`] when the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the file, and the bytes that were read.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.try_next().await? {
            // Checked before the copy: the buffer never exceeds the limit, whatever length the service announced.
            if bytes.len() + chunk.len() > limit {
                return Err(self.too_large(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Returns the error of a file with more bytes than the caller accepts.
    pub(crate) fn too_large(&self, limit: usize) -> Error {
        let reason = format!("the file is larger than the limit of {limit} bytes");
        Error::Decode(Arc::new(DecodeError::new(self.operation, String::new(), reason)))
    }

    /// Writes the rest of the file to disk, and returns the number of bytes written. An existing file is overwritten.
    /// When the connection breaks, the file keeps the bytes received so far.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device, photo: kandy::ContentId) -> kandy::Result<()> {
    /// let bytes = phone.download(photo).await?.save("photo.jpg").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the file cannot be written; [`Error::Transport`] when the connection breaks.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the part that was written on disk.
    pub async fn save(mut self, path: impl AsRef<Path>) -> Result<u64> {
        runtime::check(Some(self.operation))?;
        let write_error = |error: std::io::Error| Error::argument("path", format!("it cannot be written: {error}"));
        let mut file = File::create(path).await.map_err(write_error)?;
        let before = self.received;
        while let Some(chunk) = self.try_next().await? {
            file.write_all(&chunk).await.map_err(write_error)?;
        }
        // `tokio::fs::File` writes in the background: an error of the last write appears here only.
        file.flush().await.map_err(write_error)?;
        Ok(self.received - before)
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.bytes.poll_next_unpin(context);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            self.received += chunk.len() as u64;
        }
        next
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("mime_type", &self.mime_type)
            .field("length", &self.length)
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

/// Builder for [`Device::download`](crate::Device::download).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DownloadContent {
    call: CallContext,
    device_id: DeviceId,
    content_id: ContentId,
}

impl DownloadContent {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, content_id: ContentId) -> Self {
        Self { call, device_id, content_id }
    }
}

request!(DownloadContent => Download);

impl CallSpec for DownloadContent {
    type Response = ByteStream;
    type Output = Download;

    fn subject(&self) -> String {
        format!("file {}", self.content_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::content_id("content_id", &self.content_id)?;
        Ok(api.content_download(self.content_id.as_str(), self.device_id.as_str()))
    }

    fn read(&self, file: Decoded<Self::Response>) -> Result<Download> {
        Ok(Download::new(file))
    }
}

/// Builder for [`Device::thumbnail`](crate::Device::thumbnail).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DownloadThumbnail {
    call: CallContext,
    device_id: DeviceId,
    content_id: ContentId,
    size: String,
}

impl DownloadThumbnail {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, content_id: ContentId, size: String) -> Self {
        Self { call, device_id, content_id, size }
    }
}

request!(DownloadThumbnail => Download);

impl CallSpec for DownloadThumbnail {
    type Response = ByteStream;
    type Output = Download;

    fn subject(&self) -> String {
        format!("thumbnail of file {}", self.content_id)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        check::content_id("content_id", &self.content_id)?;
        check::fits_query("size", &self.size)?;
        let (id, device_id) = (self.content_id.as_str(), self.device_id.as_str());
        Ok(api.content_thumbnail_download(id, device_id, &self.size))
    }

    fn read(&self, file: Decoded<Self::Response>) -> Result<Download> {
        Ok(Download::new(file))
    }
}
