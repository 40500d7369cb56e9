//! Calls that upload and download files.

use std::fmt::Debug;

use kandy::{Attachment, CallBuilder, Device, Download};

use super::{BODY_LIMIT, Call, CallSetup, printed};

/// Id of a picture that is uploaded before any call, so that it and its thumbnail can be downloaded.
pub(super) const STORED: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";

/// A picture of one pixel.
pub(super) const PIXEL: &[u8] = include_bytes!("pixel.png");

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let (phone, tablet) = (setup.phone(), setup.tablet());
    Some(match operation {
        "content_upload" => {
            let upload = phone.upload(Attachment::new("note.txt", setup.name()));
            Call::new(&phone, upload, |uploaded| assert_eq!(uploaded.mime_type, "text/plain"))
        }
        "content_download" => downloading(&tablet, tablet.download(STORED)),
        "content_thumbnail_download" => downloading(&tablet, tablet.thumbnail(STORED, "500x500")),
        _ => return None,
    })
}

/// Prepares a call that downloads a file and reads it to its end.
fn downloading<B>(handle: &Device, builder: B) -> Call
where
    B: Debug + Clone + CallBuilder<Value = Download>,
{
    let printed = printed(handle, &builder);
    let future = builder.into_future();
    let future = async move {
        let file = future.await?;
        let printed = format!("{file:?}");
        file.bytes(BODY_LIMIT).await?;
        Ok(printed)
    };
    Call { printed, future: Box::pin(future) }
}
