//! [`Download`]: a file that is being downloaded. Depends on `polled`.

use std::{
    fmt, fs,
    io::{self, Read, Write},
    path::Path,
};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::TryStreamExt as _;

use super::{
    polled::Polled,
    runtime::{Runtime, ended},
};
use crate::{Error, Result};

/// A file that is being downloaded: an [`io::Read`], and an iterator over chunks of its bytes. The blocking form of
/// [`kandy::Download`](crate::Download).
///
/// Only the bytes that have arrived and are not read yet are in memory. When it is dropped, the rest is not fetched.
///
/// ```no_run
/// # fn example(phone: kandy::blocking::Device, photo: kandy::ContentId) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = phone.download(photo).send()?;
/// std::io::copy(&mut file, &mut std::io::stdout())?;
/// # Ok(()) }
/// ```
pub struct Download {
    download: Polled<crate::Download>,
    /// What has arrived and is not read yet.
    chunk: Bytes,
    mime_type: Option<String>,
    length: Option<u64>,
    received: u64,
}

impl Download {
    pub(super) fn of(download: crate::Download, runtime: &Runtime) -> Self {
        let (mime_type, length) = (download.mime_type().map(str::to_owned), download.length());
        let download = Polled::new(download, runtime.clone());
        Self { download, chunk: Bytes::new(), mime_type, length, received: 0 }
    }

    /// Returns the MIME type, if the service sent one.
    pub fn mime_type(&self) -> Option<&str> {
        self.mime_type.as_deref()
    }

    /// Returns the length of the whole file in bytes, if the service sent it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns how many bytes were read so far.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Reads the rest of the file into memory.
    ///
    /// ```no_run
    /// # fn example(phone: kandy::blocking::Device, note: kandy::ContentId) -> kandy::Result<()> {
    /// let note = phone.download(note).send()?.bytes(1024 * 1024)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when the rest has more than `limit` bytes; [`Error::Transport`] when the connection breaks.
    pub fn bytes(mut self, limit: usize) -> Result<Bytes> {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = self.next().transpose()? {
            // Checked before the copy: the buffer never exceeds the limit, whatever length the service announced.
            if bytes.len() + chunk.len() > limit {
                return Err(self.download.stream().map_or_else(ended, |download| download.too_large(limit)));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Writes the rest of the file to disk, and returns the number of bytes written. An existing file is overwritten.
    /// When the connection breaks, the file keeps the bytes received so far.
    ///
    /// ```no_run
    /// # fn example(phone: kandy::blocking::Device, photo: kandy::ContentId) -> kandy::Result<()> {
    /// let bytes = phone.download(photo).send()?.save("photo.jpg")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the file cannot be written; [`Error::Transport`] when the connection breaks.
    pub fn save(self, path: impl AsRef<Path>) -> Result<u64> {
        let write_error = |error: io::Error| Error::argument("path", format!("it cannot be written: {error}"));
        let mut file = fs::File::create(path).map_err(write_error)?;
        let mut written = 0;
        for chunk in self {
            let chunk = chunk?;
            file.write_all(&chunk).map_err(write_error)?;
            written += chunk.len() as u64;
        }
        Ok(written)
    }
}

/// Chunks of the file, as they arrive.
impl Iterator for Download {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Result<Bytes>> {
        if self.chunk.is_empty() {
            match self.download.with(|download| Box::pin(download.try_next()))?.flatten() {
                Ok(chunk) => self.chunk = chunk?,
                Err(error) => return Some(Err(error)),
            }
        }
        self.received += self.chunk.len() as u64;
        Some(Ok(std::mem::take(&mut self.chunk)))
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() && !buffer.is_empty() {
            match self.next().transpose().map_err(io::Error::other)? {
                Some(chunk) => {
                    self.received -= chunk.len() as u64;
                    self.chunk = chunk;
                }
                None => return Ok(0),
            }
        }
        let length = self.chunk.len().min(buffer.len());
        self.chunk.copy_to_slice(&mut buffer[..length]);
        self.received += length as u64;
        Ok(length)
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
