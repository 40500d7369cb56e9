//! A request in terms of the API, and its conversion to HTTP. Begin with [`Request`].

use std::{borrow::Cow, fmt};

use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Serialize;

use crate::{
    BaseUrl, MASK, Operation, Secret, SecretMask, Upload,
    content::Content,
    few::Few,
    mask_json,
    operation::{RequestBody, ResponseKind},
    query_value::QueryValue,
    request_secrets::RequestSecrets,
};

/// A request to an operation: its query and its body. It does not contain the host, and the access token only where a
/// caller of the [`Transport`](crate::Transport) has [added](Request::with_access_token) it, so that it can be converted
/// to HTTP for each attempt.
///
/// A raw call returns its request without sending it:
///
/// ```
/// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL};
///
/// let client = Client::with_credential(&BaseUrl::new(DEFAULT_BASE_URL)?, "UAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
/// let request = client.message_list(None, "A149").into_request()?;
/// assert_eq!(request.operation().id, "message_list");
/// assert_eq!(request.query().collect::<Vec<_>>(), [("device_id", "A149")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Request<'a> {
    operation: &'static Operation,
    /// Not encoded.
    query: Few<(&'static str, Cow<'a, str>)>,
    content: Content,
    streamed: bool,
    access_token: Option<Secret>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(operation: &'static Operation) -> Self {
        Self { operation, query: Few::default(), content: Content::None, streamed: false, access_token: None }
    }

    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns the query, decoded and in order, without the access token. Parameters that are `secret` in
    /// [`Operation::parameters`] are credentials.
    pub fn query(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.query.iter().map(|(name, value)| (*name, value.as_ref()))
    }

    /// Returns the body.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Adds the access token that its operation needs, for a [`Transport`](crate::Transport) that has none of its own.
    #[must_use]
    pub fn with_access_token(mut self, access_token: Secret) -> Self {
        self.access_token = Some(access_token);
        self
    }

    /// Returns the access token, if it was [added](Self::with_access_token).
    pub fn access_token(&self) -> Option<&Secret> {
        self.access_token.as_ref()
    }

    /// Returns a mask for the secrets in its query and in its JSON, and for its access token, if it has one. A transport
    /// with a token of its own has to add it to the mask.
    ///
    /// ```
    /// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL};
    ///
    /// let client = Client::with_credential(&BaseUrl::new(DEFAULT_BASE_URL)?, "DAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
    /// let user = serde_json::json!({"user_id": "russ", "user_password": "hunter22"});
    /// let operation = kandy_sys::Operation::find("user_create").expect("part of the API");
    /// let request = client.dynamic(operation).json(user).into_call()?.into_request()?;
    /// assert_eq!(request.secret_mask().text("hunter22 is too easy"), "*** is too easy");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn secret_mask(&self) -> SecretMask {
        let mut mask = self.secrets().mask();
        if let Some(access_token) = &self.access_token {
            mask.add(access_token.clone());
        }
        mask
    }

    /// Returns what [`secret_mask`](Self::secret_mask) needs, for use after the request was sent.
    pub(crate) fn secrets(&self) -> RequestSecrets<'a> {
        RequestSecrets::new(self.operation, &self.query, &self.content)
    }

    /// Returns whether it can be sent again. A file that is read from a stream can be sent once only.
    pub fn is_repeatable(&self) -> bool {
        match &self.content {
            Content::File(file) => file.is_repeatable(),
            Content::None | Content::Json(_) => true,
        }
    }

    /// Returns whether the caller reads the body of a successful response as a stream: a file, or a long list that should
    /// not be in memory as a whole.
    pub fn is_streamed(&self) -> bool {
        self.streamed || self.operation.response == ResponseKind::File
    }

    /// Asks for the body of a success as it arrives, as [`Call::stream`](crate::Call::stream) does.
    ///
    /// ```
    /// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL};
    ///
    /// let client = Client::with_credential(&BaseUrl::new(DEFAULT_BASE_URL)?, "DAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
    /// let mut request = client.user_list().into_request()?;
    /// request.stream();
    /// assert!(request.is_streamed());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&mut self) {
        self.streamed = true;
    }

    /// Copies what the request borrows, so that it can outlive its arguments.
    pub fn into_owned(self) -> Request<'static> {
        let Self { operation, query, content, streamed, access_token } = self;
        let query = query.map(|(name, value)| (name, Cow::Owned(value.into_owned())));
        Request { operation, query, content, streamed, access_token }
    }

    pub(crate) fn add_query(&mut self, name: &'static str, value: impl QueryValue<'a>) {
        if let Some(value) = value.into_text() {
            self.query.push((name, value));
        }
    }

    pub(crate) fn set_json(&mut self, body: &impl Serialize) -> Result<(), serde_json::Error> {
        self.content = Content::Json(serde_json::to_vec(body)?.into());
        Ok(())
    }

    pub(crate) fn set_file(&mut self, file: Upload) {
        self.content = Content::File(Box::new(file));
    }

    /// Returns the same request with `***` instead of every credential, for display.
    ///
    /// ```
    /// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL};
    ///
    /// let base_url = BaseUrl::new(DEFAULT_BASE_URL)?;
    /// let client = Client::with_credential(&base_url, "DAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
    /// let request = client.user_get(None, Some(&"UAK1a2b3c4d5e6f7081".into())).into_request()?.masked();
    /// let url = request.url(&base_url, Some(&"***".into()));
    /// assert_eq!(url.as_str(), "https://api.kandy.io/v1.2/domains/users/details?user_api_key=***&key=***");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn masked(&self) -> Request<'static> {
        let is_secret = |name| self.operation.parameters.iter().any(|known| known.name == name && known.secret);
        let value = |name, value: &str| if is_secret(name) { MASK.into() } else { Cow::Owned(value.to_owned()) };
        let query = self.query().map(|(name, given)| (name, value(name, given))).collect();
        let content = match &self.content {
            Content::Json(json) => Content::Json(masked_json(json)),
            other => other.clone(),
        };
        let access_token = self.access_token.as_ref().map(|_| Secret::from(MASK));
        Request { operation: self.operation, query, content, streamed: self.streamed, access_token }
    }

    /// Returns the URL. The access token, if there is one, is the last parameter of its query.
    ///
    /// The URL contains credentials, so never show it. To show it, call [`masked`](Self::masked) first.
    pub fn url(&self, base_url: &BaseUrl, access_token: Option<&Secret>) -> reqwest::Url {
        let mut url = base_url.url_of(self.operation);
        if access_token.is_some() || !self.query.is_empty() {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(self.query());
            query.extend_pairs(access_token.map(|token| ("key", token.expose())));
        }
        url
    }

    /// Returns the request as HTTP, with all its headers. The access token, if there is one, is the last parameter of its
    /// query.
    pub fn to_http(&self, base_url: &BaseUrl, access_token: Option<&Secret>) -> reqwest::Request {
        let url = self.url(base_url, access_token);
        let mut request = reqwest::Request::new(self.operation.method.clone(), url);
        let accepted = match self.operation.response {
            ResponseKind::File => "*/*",
            ResponseKind::NoResult | ResponseKind::Result(_) | ResponseKind::OptionalResult(_) => "application/json",
        };
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(accepted));
        match (&self.content, self.operation.body) {
            (Content::Json(json), _) => {
                let json_type = HeaderValue::from_static("application/json");
                request.headers_mut().insert(header::CONTENT_TYPE, json_type);
                *request.body_mut() = Some(json.clone().into());
            }
            (Content::File(file), RequestBody::File(part)) => {
                request.headers_mut().extend(file.headers(part));
                *request.body_mut() = Some(file.form(part));
            }
            _ => {}
        }
        request
    }
}

/// Masks the credentials in a body. A body that is not JSON is masked as a whole.
fn masked_json(json: &[u8]) -> Bytes {
    let mut body = serde_json::from_slice(json).unwrap_or_else(|_| MASK.into());
    mask_json(&mut body);
    body.to_string().into()
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Only the names: a value may be a credential.
        let names: Vec<_> = self.query().map(|(name, _)| name).collect();
        f.debug_struct("Request")
            .field("operation", &self.operation.id)
            .field("query", &names)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}
