//! Code of a careful user without an SDK: the types of requests and responses, and one function for all calls.
//!
//! Depends on `response`. Begin with [`Client`].

use std::sync::{Arc, PoisonError, RwLock};

use reqwest::{RequestBuilder, StatusCode, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::BoxError;
pub use crate::response::{Envelope, User, UserResponse};

/// A response whose result is absent or ignored.
#[derive(Debug, Deserialize)]
pub struct Done {}

/// A list of users.
#[derive(Debug, Deserialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<User>,
}

/// A user to create.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "they are named as in the request")]
pub struct NewUser<'a> {
    pub user_id: &'a str,
    pub user_country_code: &'a str,
    pub user_email: &'a str,
}

/// A user that was created.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "they are named as in the response")]
pub struct CreatedUser {
    pub domain_name: Option<String>,
    pub full_user_id: Option<String>,
    pub user_api_key: Option<String>,
    pub user_api_secret: Option<String>,
    pub user_id: String,
    pub user_password: Option<String>,
}

/// An SMS to send.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "they are named as in the request")]
pub struct SmsBody<'a> {
    pub message: Sms<'a>,
}

/// The SMS in it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "they are named as in the request")]
pub struct Sms<'a> {
    pub source: &'a str,
    pub destination: &'a str,
    pub message: SmsText<'a>,
}

/// The text in that.
#[derive(Debug, Serialize)]
pub struct SmsText<'a> {
    /// The text.
    pub text: &'a str,
}

/// A client as a careful user would write it: with timeouts, without redirects, which would send the token to another
/// host, and with a token that can be renewed while other tasks read it.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: Arc<str>,
    token: Arc<RwLock<String>>,
}

impl Client {
    /// Creates the client of the service at `base_url`.
    ///
    /// # Errors
    ///
    /// When the HTTP client cannot be created.
    pub fn new(base_url: &str, token: &str) -> Result<Self, BoxError> {
        let http = reqwest::Client::builder()
            // Operators of a service expect a user agent.
            .user_agent("my-program/1.0")
            .connect_timeout(std::time::Duration::from_secs(10))
            .timeout(std::time::Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { http, base_url: base_url.into(), token: Arc::new(RwLock::new(token.to_owned())) })
    }

    /// Sends a GET.
    ///
    /// # Errors
    ///
    /// When there is no response, or its status is an error.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, BoxError> {
        let request = self.http.get(format!("{}{path}", self.base_url));
        self.send(request, query).await?.ok_or_else(|| "a response without a result".into())
    }

    /// Sends a POST, whose response may have no result.
    ///
    /// # Errors
    ///
    /// When there is no response, or its status is an error.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: &impl Serialize,
    ) -> Result<Option<T>, BoxError> {
        let request = self.http.post(format!("{}{path}", self.base_url)).json(body);
        self.send(request, query).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, BoxError> {
        let request = {
            let token = self.token.read().unwrap_or_else(PoisonError::into_inner);
            request.query(query).query(&[("key", token.as_str())])
        };
        let sent = request.header(header::ACCEPT, "application/json").send().await;
        let response = sent.map_err(reqwest::Error::without_url)?;
        if response.status() != StatusCode::OK {
            return Err(format!("HTTP {}", response.status()).into());
        }
        let body = response.bytes().await.map_err(reqwest::Error::without_url)?;
        let envelope: Envelope<T> = serde_json::from_slice(&body)?;
        match envelope.status {
            0 => Ok(envelope.result),
            status => Err(format!("status {status}: {}", envelope.message.unwrap_or_default()).into()),
        }
    }
}
