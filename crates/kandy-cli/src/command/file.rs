//! `kandy file`: uploads and downloads files of messages.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use futures_util::{TryStream, TryStreamExt, stream};
use kandy::{Attachment, ContentId, Download};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::{
    fs,
    io::{AsyncRead, AsyncReadExt},
};

use crate::{
    arguments::DeviceArguments,
    context::Context,
    failure::{Failure, Result},
    interrupt::Interrupt,
    output::{CHANGE, OutputSchema},
    private_file,
};

/// Upload and download files of messages
#[derive(Subcommand)]
pub(crate) enum File {
    /// Upload a file, and print its content id
    #[command(after_help = "Examples:
  kandy file put --user russ photo.jpg
  tar c photos | kandy file put --user russ - --name photos.tar")]
    Put {
        #[command(flatten)]
        device: DeviceArguments,
        /// File to upload, or - for stdin
        file: String,
        /// Name to store (default: the name of the file)
        #[arg(long, required_if_eq("file", "-"))]
        name: Option<String>,
        /// MIME type of the file (default: derived from its name)
        #[arg(long, value_name = "TYPE")]
        mime_type: Option<String>,
        /// Content id, a UUID (default: random)
        #[arg(long, value_name = "UUID")]
        content_id: Option<String>,
    },
    /// Download a file to stdout, or to a file that is moved into place when it is complete
    #[command(after_help = "Example:\n  kandy file get --user anna 5c1d7e9a0b3f4826a1c4e6f80d2b3a59 -o photo.jpg")]
    Get {
        #[command(flatten)]
        device: DeviceArguments,
        /// Content id of the file, from the message it was sent with
        content_id: String,
        /// File to write, or - for stdout; control characters are escaped on a terminal
        #[arg(long, short, value_name = "FILE")]
        output: Option<String>,
        /// Overwrite an existing file
        #[arg(long)]
        force: bool,
        /// Download a thumbnail of an image or video of this size, such as 500x500
        #[arg(long, value_name = "SIZE")]
        thumbnail: Option<String>,
    },
}

const UPLOADED: OutputSchema = OutputSchema {
    name: "files",
    operation: "",
    at: "",
    id: "content_uuid",
    columns: &["content_uuid", "content_name", "content_type", "file_length_bytes"],
};

/// The size of a read from stdin.
const CHUNK_SIZE: usize = 64 * 1024;

impl File {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Put { device, file, name, mime_type, content_id } => {
                context.check_fields(&UPLOADED)?;
                let attachment = attachment(&file, name.as_deref(), mime_type.as_deref()).await?;
                let content_id = content_id.map_or_else(ContentId::random, ContentId::from);
                let upload = context.device(&device).await?.upload(attachment).content_id(content_id);
                let Some(uploaded) = context.send_typed(upload).await? else { return Ok(()) };
                let printed = json!({
                    "content_uuid": uploaded.content_id.as_str(),
                    "content_name": uploaded.file_name,
                    "content_type": uploaded.mime_type,
                    "file_length_bytes": uploaded.length,
                });
                context.output.object(&UPLOADED, printed)
            }
            Self::Get { device, content_id, output, force, thumbnail } => {
                // Find an unwritable file before the download starts.
                let to = Destination::find(context, output.as_deref(), force)?;
                let fetched = to.unless_interrupted(fetch(context, &device, content_id, thumbnail)).await?;
                match fetched {
                    Some(download) => to.write(context, download).await,
                    None => Ok(()),
                }
            }
        }
    }
}

/// Starts a download. A dry run prints the request and returns `None`.
async fn fetch(
    context: &Context,
    device: &DeviceArguments,
    content_id: String,
    thumbnail: Option<String>,
) -> Result<Option<Download>> {
    let device = context.device(device).await?;
    match thumbnail {
        None => {
            let call = device.download(content_id);
            context.send_typed(call).await
        }
        Some(size) => {
            let call = device.thumbnail(content_id, size);
            context.send_typed(call).await
        }
    }
}

/// Opens a file to upload, or stdin.
pub(super) async fn attachment(file: &str, name: Option<&str>, mime_type: Option<&str>) -> Result<Attachment> {
    let failed = |error: std::io::Error| Failure::of_file(file, &error);
    let mut attachment = match (file, name) {
        ("-", name) => Attachment::stream(name.unwrap_or("stdin"), None, chunks(tokio::io::stdin())),
        (_, None) if fs::metadata(file).await.map_err(failed)?.is_file() => Attachment::open(file).await?,
        (_, None) => {
            return Err(Failure::usage(format!(
                "{file}: it is not a regular file; use --name to upload it as \
            a stream"
            )));
        }
        (_, Some(name)) => {
            let opened = fs::File::open(file).await.map_err(failed)?;
            let metadata = opened.metadata().await.map_err(failed)?;
            Attachment::stream(name, metadata.is_file().then_some(metadata.len()), chunks(opened))
        }
    };
    if let Some(mime_type) = mime_type {
        attachment = attachment.mime_type(mime_type);
    }
    Ok(attachment)
}

/// Reads a stream in chunks.
fn chunks(
    from: impl AsyncRead + Unpin + Send + 'static,
) -> impl TryStream<Ok = Vec<u8>, Error = std::io::Error> + Send + 'static {
    stream::try_unfold(from, async |mut from| {
        let mut chunk = Vec::with_capacity(CHUNK_SIZE);
        let read = from.read_buf(&mut chunk).await?;
        Ok((read > 0).then_some((chunk, from)))
    })
}

/// The destination of a download.
enum Destination {
    Stdout,
    /// Chunks are written to `file`, a temporary file that is removed on drop unless it is renamed to `path`.
    File {
        path: PathBuf,
        force: bool,
        file: NamedTempFile,
        interrupt: Interrupt,
    },
    /// A dry run downloads nothing.
    DryRun,
}

impl Destination {
    /// Determines the destination before the download starts.
    fn find(context: &Context, output: Option<&str>, force: bool) -> Result<Self> {
        let path = match output {
            None if context.output.is_terminal() => {
                return Err(Failure::usage(
                    "Stdout is a terminal, and the file may be binary. Use -o FILE to write it to a file, or -o - to \
                     print it anyway.",
                ));
            }
            None | Some("-") => return Ok(Self::Stdout),
            Some(path) => PathBuf::from(path),
        };
        if !private_file::folder(&path).is_dir() {
            return Err(Failure::usage(format!("{}: its folder does not exist", path.display())));
        }
        match path.metadata() {
            Ok(metadata) if !metadata.is_file() => {
                Err(Failure::usage(format!("{}: it is not a regular file", path.display())))
            }
            Ok(_) if !force => {
                Err(Failure::usage(format!("{}: it already exists; use --force to overwrite it", path.display())))
            }
            _ if context.is_dry_run() => Ok(Self::DryRun),
            _ => {
                context.check_fields(&CHANGE)?;
                // From here on Ctrl-C removes the temporary file (`partial_download_is_removed`).
                let interrupt = Interrupt::listen()?;
                let file = temporary_file(&path).map_err(|error| Failure::of_file(path.display(), &error))?;
                Ok(Self::File { path, force, file, interrupt })
            }
        }
    }

    /// Waits for a future, or for a signal. Without a temporary file, a signal ends the process.
    async fn unless_interrupted<T>(&self, wanted: impl Future<Output = Result<T>>) -> Result<T> {
        match self {
            Self::File { interrupt, .. } => tokio::select! {
                found = wanted => found,
                () = interrupt.signaled(1) => Err(Interrupt::failure()),
            },
            Self::Stdout | Self::DryRun => wanted.await,
        }
    }

    async fn write(self, context: &Context, mut download: Download) -> Result {
        let (path, force, mut file, interrupt) = match self {
            Self::DryRun => return Ok(()),
            Self::Stdout => {
                while let Some(chunk) = download.try_next().await? {
                    context.output.bytes(&chunk)?;
                }
                return Ok(());
            }
            Self::File { path, force, file, interrupt } => (path, force, file, interrupt),
        };
        let failed = |error: std::io::Error| Failure::of_file(path.display(), &error);
        loop {
            let chunk = tokio::select! {
                chunk = download.try_next() => chunk?,
                // Dropping `file` removes the partial download.
                () = interrupt.signaled(1) => return Err(Interrupt::failure()),
            };
            let Some(chunk) = chunk else { break };
            file.write_all(&chunk).map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        // Without --force the rename fails if the file was created meanwhile.
        let kept = if force { file.persist(&path) } else { file.persist_noclobber(&path) };
        kept.map_err(|error| failed(error.error))?;
        let message = format!("wrote {} bytes to {}", download.received(), path.display());
        context.output.changed(message, Value::Null)
    }
}

/// Creates a temporary file in the folder of the final one.
fn temporary_file(path: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".kandy-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A download has the permissions of any new file; tempfile would make it private.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(private_file::folder(path))
}
