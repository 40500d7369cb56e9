//! Operations of the tag Content: uploads, downloads and thumbnails of files.
//!
//! Begin with `HANDLERS`.

use kandy_sys::ApiFault;
use uuid::Uuid;

use super::{
    handler::Handler,
    lookup::{domain_of, own_device},
};
use crate::{
    protocol::{
        call::Call,
        refusal::{exists, invalid, unknown},
        reply::{Outcome, Reply},
    },
    state::{Content, State, UserNo},
    thumbnail::{Size, ThumbnailRequest},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("content_upload", Handler::User(upload)),
    ("content_download", Handler::User(download)),
    ("content_thumbnail_download", Handler::User(thumbnail_download)),
];

/// The id in `content_uuid`, with or without hyphens.
fn content_id(call: &Call) -> Result<Uuid, ApiFault> {
    Uuid::try_parse(call.require("content_uuid")?).map_err(|_| invalid("content_uuid"))
}

fn upload(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    own_device(state, call, user)?;
    let id = content_id(call)?;
    // Programs send an empty type for files whose type they do not know.
    let content_type = match call.query_even_empty("content_type") {
        Some("") => "application/octet-stream".to_owned(),
        Some(content_type) => content_type.to_owned(),
        None => return Err(call.missing("content_type").into()),
    };
    let file = call.file().ok_or_else(|| call.missing("file"))?;
    let content = Content { owner: user, content_type, bytes: file.bytes.clone() };
    let domain = domain_of(state, user)?;
    if !state.contents.store(domain, id, content) {
        return Err(exists("content").into());
    }
    Reply::done()
}

/// Finds a file of the user's domain. Every user of the domain may read it by its id.
fn find<'a>(state: &'a State, call: &Call, user: UserNo) -> Result<&'a Content, ApiFault> {
    own_device(state, call, user)?;
    state.contents.get(domain_of(state, user)?, content_id(call)?).ok_or_else(|| unknown("content"))
}

fn download(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let content = find(state, call, user)?;
    Reply::file(content.content_type.clone(), content.bytes.clone())
}

fn thumbnail_download(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let size: Size = call.require("thumbnail_size")?.parse().map_err(|_| invalid("thumbnail_size"))?;
    let content = find(state, call, user)?;
    Reply::thumbnail(ThumbnailRequest { image: content.bytes.clone(), size })
}
