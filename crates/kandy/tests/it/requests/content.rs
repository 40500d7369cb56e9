//! Requests of uploads and downloads.

use futures_util::stream;
use kandy::Attachment;

use crate::support::handles::device;

const CONTENT_ID: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";

request_snapshots! {
    content_upload: "content_upload" => |kandy| {
        device(kandy).upload(Attachment::new("note \"é\".txt", "let's meet tonight")).content_id(CONTENT_ID)
    };
    content_upload_stream: "content_upload" @ "stream" => |kandy| {
        let chunks = stream::iter([Ok::<_, std::io::Error>("let's meet "), Ok("tonight")]);
        let note = Attachment::stream("note", Some(18), chunks).mime_type("text/markdown");
        device(kandy).upload(note).content_id(CONTENT_ID)
    };
    content_download: "content_download" => |kandy| device(kandy).download(CONTENT_ID);
    content_thumbnail_download: "content_thumbnail_download" => |kandy| device(kandy).thumbnail(CONTENT_ID, "500x500");
}

// The whole form, which a preview does not have.
request_snapshots_without_preview! {
    content_upload_form: "content_upload" @ "form" => |kandy| {
        device(kandy).upload(Attachment::new("note \"é\".txt", "let's meet tonight")).content_id(CONTENT_ID)
    };
}
