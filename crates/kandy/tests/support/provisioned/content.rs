use std::fmt::Debug;

use kandy::{Attachment, CallBuilder, Device, Download};

use super::{BODY_LIMIT, Call, Stage, answering, shown};

/// What is stored before anything is called: a picture, of which there is a thumbnail.
pub(super) const STORED: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";

/// An image of one pixel.
pub(super) const PIXEL: &[u8] = include_bytes!("pixel.png");

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let (phone, tablet) = (stage.phone(), stage.tablet());
    Some(match operation {
        "content_upload" => {
            let upload = phone.upload(Attachment::new("note.txt", stage.name()));
            answering(&phone, upload, |uploaded| assert_eq!(uploaded.mime_type, "text/plain"))
        }
        "content_download" => fetching(&tablet, tablet.download(STORED)),
        "content_thumbnail_download" => fetching(&tablet, tablet.thumbnail(STORED, "500x500")),
        _ => return None,
    })
}

/// A call that fetches a file to its end.
fn fetching<B>(handle: &Device, builder: B) -> Call
where
    B: Debug + Clone + CallBuilder<Value = Download>,
{
    let shown = shown(handle, &builder);
    let future = builder.into_future();
    let future = async move {
        let file = future.await?;
        let shown = format!("{file:?}");
        file.bytes(BODY_LIMIT).await?;
        Ok(shown)
    };
    Call { shown, future: Box::pin(future) }
}
