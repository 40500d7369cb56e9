//! [`Preview`]: a request that is described and not sent. Depends on `spec`; begin reading at [`preview`].

use std::fmt;

use kandy_sys::{
    BaseUrl, Content, Operation, Request, Secret,
    operation::{Credential, Level, RequestBody},
};
use serde_json::Value;

use super::{api::api, spec::CallSpec};
use crate::{Error, Result};

/// Describes a call, and returns its request: the first, where the call takes several. Checks the credentials as far as
/// that is possible without sending anything.
pub(crate) async fn preview<C: CallSpec>(call: C) -> Result<Preview> {
    let described = call.describe(api()).and_then(|described| described.into_request().map_err(Error::from));
    let request = described.map_err(|error| error.with_subject(|| call.subject()))?;
    let context = call.call();
    let level = context.client.check(request.operation())?;
    Ok(Preview::with(&request, &context.client.inner.base_url, level))
}

/// The request that a call would send, for display. Contains no credential.
///
/// Every builder returns one instead of sending its request:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> kandy::Result<()> {
/// let kandy = kandy::Kandy::new()?;
/// let device = kandy.user_with_token("UAT…").device("A149");
/// let preview = device.send_sms("+12245556666", "Hello").preview().await?;
/// assert_eq!(preview.operation().id, "sms_send");
/// assert_eq!(
///     preview.to_string(),
///     r#"POST https://api.kandy.io/v1.2/devices/smss?device_id=A149&key=***
/// content-type: application/json
///
/// {
///   "message": {
///     "destination": "+12245556666",
///     "message": {
///       "text": "Hello"
///     }
///   }
/// }"#
/// );
/// # Ok(()) }
/// ```
///
/// The query is in the order in which it is sent. `***` replaces the access token, the parameters that the spec marks
/// as credentials, and in JSON the values that [`mask_json`](kandy_sys::mask_json) hides.
#[derive(Clone)]
pub struct Preview {
    operation: &'static Operation,
    base_url: String,
    /// The whole URL, with `***` for credentials.
    url: String,
    query: Vec<(&'static str, PreviewValue)>,
    access_token: Option<Level>,
    body: PreviewBody,
}

/// The value of a parameter in a [`Preview`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreviewValue {
    /// A text, decoded.
    Text(String),
    /// A credential; its value is not stored.
    Secret,
}

/// The body of a request in a [`Preview`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PreviewBody {
    /// No body.
    None,
    /// JSON, with `***` for credentials.
    Json(Value),
    /// A file, as the only part of a form. Its bytes are not read.
    File {
        /// The name of the part.
        part: &'static str,
        /// The name of the file.
        file_name: String,
        /// The MIME type.
        mime_type: String,
        /// The length in bytes, if known.
        length: Option<u64>,
    },
}

impl Preview {
    /// Returns what a raw call would send below a base URL. [`BaseUrl::insecure`] converts the URL of any client, also
    /// one of plain HTTP.
    ///
    /// ```
    /// use kandy::{Preview, sys::BaseUrl};
    ///
    /// # fn example(kandy: kandy::Kandy, russ: kandy::User) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = russ.raw().device_list().into_request()?;
    /// println!("{}", Preview::of(&request, &BaseUrl::insecure(kandy.base_url())?));
    /// # Ok(()) }
    /// ```
    pub fn of(request: &Request<'_>, base_url: &BaseUrl) -> Self {
        let level = match request.operation().credential() {
            Credential::ApiKey(_) => None,
            Credential::AccessToken(level) => Some(level),
        };
        Self::with(request, base_url, level)
    }

    /// Returns the preview of a request that carries an access token of this level.
    pub(super) fn with(request: &Request<'_>, base_url: &BaseUrl, access_token: Option<Level>) -> Self {
        let operation = request.operation();
        let masked = request.masked();
        // The table of operations tells which values are masked: a value that is not secret may be `***`, too.
        let secrets = operation.parameters.iter().filter(|parameter| parameter.secret);
        let secrets: Vec<_> = secrets.map(|parameter| parameter.name).collect();
        let query = masked.query().map(|(name, value)| match secrets.contains(&name) {
            true => (name, PreviewValue::Secret),
            false => (name, PreviewValue::Text(value.to_owned())),
        });
        // A placeholder goes where the access token will be, so that the query keeps its order.
        let token = access_token.map(|_| Secret::from(kandy_sys::MASK));
        Self {
            operation,
            base_url: base_url.as_str().to_owned(),
            url: masked.url(base_url, token.as_ref()).into(),
            query: query.collect(),
            access_token,
            body: PreviewBody::of(&masked),
        }
    }

    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns the base URL of all operations.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the query in order, without the access token, which comes last, in `key`.
    pub fn query(&self) -> impl Iterator<Item = (&'static str, &PreviewValue)> {
        self.query.iter().map(|(name, value)| (*name, value))
    }

    /// Returns the level of the access token in `key`; `None` for the operations whose `key` is an API key.
    ///
    /// For a raw call that accepts tokens of several levels it is the usual level.
    pub fn access_token(&self) -> Option<Level> {
        self.access_token
    }

    /// Returns the body.
    pub fn body(&self) -> &PreviewBody {
        &self.body
    }
}

impl PreviewBody {
    /// Returns the body of a request whose credentials are masked.
    fn of(masked: &Request<'_>) -> Self {
        match (masked.content(), masked.operation().body) {
            (Content::Json(json), _) => serde_json::from_slice(json).map_or(Self::None, Self::Json),
            (Content::File(file), RequestBody::File(part)) => Self::File {
                part,
                file_name: file.file_name().to_owned(),
                mime_type: file.mime_type().to_owned(),
                length: file.length(),
            },
            _ => Self::None,
        }
    }
}

/// Writes the request, nearly as HTTP does.
impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operation.method, self.url)?;
        match &self.body {
            PreviewBody::None => Ok(()),
            PreviewBody::Json(json) => write!(f, "\ncontent-type: application/json\n\n{json:#}"),
            PreviewBody::File { part, file_name, mime_type, length } => {
                write!(f, "\ncontent-type: multipart/form-data\n\n{part}: the file {file_name:?}, {mime_type:?}")?;
                match length {
                    Some(length) => write!(f, ", {length} bytes"),
                    None => f.write_str(", of unknown length"),
                }
            }
        }
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("operation", &self.operation.id)
            .field("base_url", &self.base_url)
            .field("query", &self.query)
            .field("access_token", &self.access_token)
            .field("body", &self.body)
            .finish()
    }
}
