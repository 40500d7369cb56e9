use kandy::Attachment;

use super::{Call, Stage, answering};

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
        "content_download" => {
            let download = tablet.download(STORED);
            answering(&tablet, download, |file| assert_eq!(file.mime_type(), Some("image/png")))
        }
        "content_thumbnail_download" => {
            let download = tablet.thumbnail(STORED, "500x500");
            answering(&tablet, download, |file| assert_eq!(file.mime_type(), Some("image/png")))
        }
        _ => return None,
    })
}
