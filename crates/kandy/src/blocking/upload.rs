//! The blocking ways to make an [`Attachment`] and the content of a message. Depends on the generated handles.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use futures_util::stream;

use super::generated::Device;
use crate::{Attachment, Error, MessageContent, Result};

/// The size of the chunks that a reader is read in.
const CHUNK_SIZE: usize = 64 * 1024;

impl Attachment {
    /// Creates an attachment of a file on disk, like [`open`](Self::open) without `await`.
    ///
    /// ```no_run
    /// # fn example(phone: kandy::blocking::Device) -> kandy::Result<()> {
    /// let photo = phone.upload(kandy::Attachment::blocking_open("photo.jpg")?).send()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the file cannot be opened, or the path is not that of a file.
    pub fn blocking_open(path: impl AsRef<Path>) -> Result<Self> {
        let path: Arc<Path> = path.as_ref().into();
        let invalid = |reason: String| Error::argument("path", reason);
        let file = File::open(&path).map_err(|error| invalid(format!("it cannot be opened: {error}")))?;
        let metadata = file.metadata().map_err(|error| invalid(format!("it cannot be read: {error}")))?;
        Self::of_file(path, &metadata)
    }

    /// Creates an attachment of what a reader returns, for a [blocking](crate::blocking) client. It can be sent only
    /// once, like a [`stream`](Self::stream). It is read on a thread of its own while it is sent.
    ///
    /// ```
    /// let note = kandy::Attachment::reader("note.txt", Some(18), "let's meet tonight".as_bytes());
    /// assert_eq!(note.length(), Some(18));
    /// ```
    pub fn reader(file_name: impl Into<String>, length: Option<u64>, reader: impl Read + Send + 'static) -> Self {
        let chunks = stream::try_unfold(reader, async |mut reader| {
            // On a thread that may block: the reader must not stop the other calls of the client.
            tokio::task::spawn_blocking(move || {
                let mut chunk = vec![0; CHUNK_SIZE];
                let read = loop {
                    match reader.read(&mut chunk) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        read => break read?,
                    }
                };
                chunk.truncate(read);
                Ok::<_, io::Error>((read > 0).then(|| (Bytes::from(chunk), reader)))
            })
            .await
            .map_err(io::Error::other)?
        });
        Self::stream(file_name, length, chunks)
    }
}

impl MessageContent {
    /// Uploads a file, and returns it as the content of a message: [`upload`](Self::upload) without `await`.
    ///
    /// ```no_run
    /// use kandy::{Attachment, MessageContent};
    ///
    /// # fn example(phone: kandy::blocking::Device, friends: kandy::blocking::Group) -> kandy::Result<()> {
    /// let photo = MessageContent::blocking_upload(&phone, Attachment::blocking_open("photo.jpg")?)?;
    /// friends.send_message(photo).send()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Device::upload`].
    pub fn blocking_upload(device: &Device, attachment: Attachment) -> Result<Self> {
        Ok(device.upload(attachment).send()?.into())
    }
}
