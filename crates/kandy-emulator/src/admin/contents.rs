//! Files of users, as the page of the emulator shows them: a thumbnail, or a file to save.
//!
//! Depends on `http::app_state` and `thumbnail`. Begin with [`requested`].

use axum::body::Body;
use http::{HeaderValue, Method, Response, Uri, header};
use kandy_sys::ApiFault;
use uuid::Uuid;

use crate::{
    http::{app_state::AppState, response::HttpResponse, route::admin_endpoint},
    protocol::{
        call::FormParams,
        refusal::{Refusal, invalid, missing, unknown},
        reply::Reply,
    },
    state::State,
    thumbnail::{Size, ThumbnailRequest},
};

/// A file that a request asks for.
pub(crate) struct FileRequest {
    id: String,
    query: FormParams,
}

/// Returns the file that a request asks for: `GET /_emulator/contents/ID?of=FULL_USER_ID`, and a thumbnail of it with
/// `thumbnail=320x320`.
pub(crate) fn requested(method: &Method, uri: &Uri) -> Option<FileRequest> {
    let id = admin_endpoint(uri.path()).strip_prefix("contents/").filter(|_| method == Method::GET)?;
    let query = FormParams::decode(uri.query().unwrap_or_default()).unwrap_or_default();
    Some(FileRequest { id: id.to_owned(), query })
}

impl FileRequest {
    pub(crate) async fn run(self, app: &AppState) -> Response<Body> {
        let mut response = match self.read(app).await {
            Ok(reply) => HttpResponse::from(Ok(reply)),
            Err(fault) => HttpResponse::from(Refusal::bad_request(fault)),
        }
        .map_body(Body::from);
        // The file of a user runs nothing in the name of the page, whatever type its sender gave it.
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        response
    }

    async fn read(&self, app: &AppState) -> Result<Reply, ApiFault> {
        let size = self.query.get("thumbnail").map(|size| size.parse::<Size>().map_err(|()| invalid("thumbnail")));
        let (content_type, bytes) = self.find(&app.state())?;
        let (content_type, bytes) = match size.transpose()? {
            None => (content_type, bytes),
            Some(size) => {
                let made = app.thumbnails.make(ThumbnailRequest { image: bytes, size }).await?;
                (made.content_type.to_owned(), made.bytes.into())
            }
        };
        Reply::file(content_type, bytes).map_err(|refusal| refusal.fault)
    }

    fn find(&self, state: &State) -> Result<(String, bytes::Bytes), ApiFault> {
        let of = self.query.get("of").ok_or_else(|| missing("of"))?;
        let user = state.user_by_full_id(of).ok_or_else(|| unknown("user"))?;
        let domain = state.users.domain_of(user).ok_or_else(|| unknown("user"))?;
        let id = Uuid::try_parse(&self.id).map_err(|_| unknown("content"))?;
        let content = state.contents.get(domain, id).ok_or_else(|| unknown("content"))?;
        Ok((content.content_type.clone(), content.bytes.clone()))
    }
}
