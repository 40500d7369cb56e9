//! [`Receiver`]: the address of `--forward-to`, and one attempt to deliver a message to it.

use std::{
    error::Error,
    fs, iter,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kandy_sys::{BaseUrl, transport::http_client};
use reqwest::{Certificate, Client, StatusCode, Url, header::CONTENT_TYPE};

use super::{delivery::Delivery, retry::retry_after, secret::Signer};
use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// The number of bytes of a response that are read, so that its connection can be used again. They are not used.
const MAX_RESPONSE: usize = 16 * 1024;
/// How long they may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The number of characters of an error of the network that are shown.
const MAX_REASON: usize = 200;

/// The receiver of forwarded messages.
pub(super) struct Receiver {
    client: Client,
    /// It may contain a user name, a password or a token, so only its origin is shown.
    url: Url,
    origin: String,
    timeout: Duration,
    signer: Signer,
}

/// The result of an attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    /// The receiver has the message.
    Delivered,
    /// It wants no more messages (410 Gone).
    Gone,
    /// Another attempt may succeed.
    Failed(Failed),
}

/// A failed attempt.
#[derive(Debug)]
pub(super) struct Failed {
    /// The reason, without anything that the receiver wrote.
    pub(super) reason: String,
    /// How long the receiver asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// Whether it asks so for all messages.
    pub(super) is_overloaded: bool,
}

impl Receiver {
    /// Checks the URL and creates the client. Sends nothing.
    pub(super) fn new(context: &Context, url: &str, timeout: Duration, signer: Signer) -> Result<Self> {
        let url = parse(url, context.allows_plain_http()).map_err(|reason| {
            // Without the URL, which may contain a password.
            Failure::usage(format!("--forward-to: {reason}"))
        })?;
        let origin = url.origin().ascii_serialization();
        let service = BaseUrl::insecure(&origin).map_err(|error| Failure::usage(format!("--forward-to: {error}")))?;
        let mut client =
            http_client(&service).user_agent(concat!("kandy-cli/", env!("CARGO_PKG_VERSION"))).timeout(timeout);
        if let Some(file) = context.ca_file()? {
            client = client.tls_certs_merge(certificates(&file)?);
        }
        let client = client.build();
        let client =
            client.map_err(|error| Failure::local(format!("the client of --forward-to: {}", reason_of(&error))))?;
        Ok(Self { client, url, origin, timeout, signer })
    }

    /// Returns the scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Sends a message once.
    pub(super) async fn attempt(&self, delivery: &Delivery) -> Attempt {
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.webhook_id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.signer.sign(&delivery.webhook_id, timestamp, &delivery.body))
            .body(delivery.body.clone());
        let failed = |reason| Attempt::Failed(Failed { reason, retry_after: None, is_overloaded: false });
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_timeout() => {
                return failed(format!("no response within {}", humantime::format_duration(self.timeout)));
            }
            Err(error) if error.is_connect() => return failed(format!("no connection: {}", reason_of(&error))),
            Err(error) => return failed(format!("the connection broke: {}", reason_of(&error))),
        };
        let status = response.status();
        let retry_after = retry_after(response.headers(), SystemTime::now());
        let rest = async {
            let mut left = MAX_RESPONSE;
            while let Ok(Some(chunk)) = response.chunk().await {
                left = left.saturating_sub(chunk.len());
                if left == 0 {
                    break;
                }
            }
        };
        // The status alone decides, so it does not matter whether the rest arrives.
        drop(tokio::time::timeout(RESPONSE_TIMEOUT, rest).await);
        match status {
            status if status.is_success() => Attempt::Delivered,
            StatusCode::GONE => Attempt::Gone,
            status => Attempt::Failed(Failed {
                reason: reason_of_status(status),
                is_overloaded: retry_after.is_some()
                    && matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE),
                retry_after,
            }),
        }
    }
}

/// Returns the status with its usual name, not the one that the receiver wrote.
fn reason_of_status(status: StatusCode) -> String {
    let redirect = if status.is_redirection() { "; redirects are not followed" } else { "" };
    match status.canonical_reason() {
        Some(name) => format!("HTTP {} {name}{redirect}", status.as_u16()),
        None => format!("HTTP {}{redirect}", status.as_u16()),
    }
}

/// Returns the innermost cause of an error. The outer ones repeat the URL.
fn reason_of(error: &reqwest::Error) -> String {
    let causes = iter::successors(error.source(), |cause: &&dyn Error| (*cause).source());
    match causes.last() {
        Some(cause) => cause.to_string().chars().take(MAX_REASON).collect(),
        None => "the request could not be sent".to_owned(),
    }
}

/// Reads the URL. The reason repeats nothing of it.
fn parse(url: &str, allow_plain_http: bool) -> Result<Url, &'static str> {
    if !url.contains("://") {
        return Err("it has no scheme; write https://…");
    }
    let url = Url::parse(url).map_err(|_| "it is not a URL")?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_plain_http || is_loopback(&url) => Ok(url),
        "http" => Err("plain HTTP shows the messages to everyone on the network; use https, or allow it with \
             --allow-plain-http"),
        _ => Err("its scheme is neither http nor https"),
    }
}

fn is_loopback(url: &Url) -> bool {
    BaseUrl::insecure(&url.origin().ascii_serialization()).is_ok_and(|origin| origin.is_loopback())
}

/// Reads the certificate authorities of `--ca-file`.
fn certificates(file: &str) -> Result<Vec<Certificate>> {
    let pem = fs::read(file).map_err(|error| Failure::of_input(format_args!("CA file {file}"), &error))?;
    let pem = pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&pem);
    Certificate::from_pem_bundle(pem)
        .map_err(|_| Failure::usage(format!("CA file {file}: it has a certificate that cannot be read")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_urls_that_are_safe_only() {
        for (url, allow_plain_http, reason) in [
            ("https://example.com/hook?token=s3cret", false, None),
            ("https://user:s3cret@example.com", false, None),
            ("http://127.0.0.1:8080/hook", false, None),
            ("http://[::1]:8080/hook", false, None),
            ("http://localhost/hook", false, None),
            ("http://s3cret.example.com", true, None),
            ("http://s3cret.example.com", false, Some("plain HTTP")),
            ("http://localhost.example.com/s3cret", false, Some("plain HTTP")),
            ("ftp://127.0.0.1/s3cret", true, Some("neither http nor https")),
            ("s3cret.example.com", true, Some("no scheme")),
            ("https://user:s3cret@", true, Some("not a URL")),
            ("https://[s3cret]/", true, Some("not a URL")),
            ("", true, Some("no scheme")),
        ] {
            let parsed = parse(url, allow_plain_http);
            match reason {
                None => assert!(parsed.is_ok(), "{url}: {parsed:?}"),
                Some(reason) => {
                    let error = parsed.expect_err(url);
                    assert!(error.contains(reason) && !error.contains("s3cret"), "{url}: {error}");
                }
            }
        }
    }
}
