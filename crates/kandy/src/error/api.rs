//! [`ApiError`]: a response in which the service, or a proxy, refuses a call. Depends on the rules in `refusal.rs`.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, StatusCode};
use kandy_sys::{ApiFault, SecretMask, Status};

use super::{context::Context, refusal::is_refusal, retry_after::RetryAfter};

/// The service refused the call.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(super) context: Context,
    http_status: StatusCode,
    fault: Option<ApiFault>,
    /// Whether the envelope reports a success although the HTTP status reports a failure.
    has_success: bool,
    retry_after: Option<RetryAfter>,
}

impl ApiError {
    pub(crate) fn new(operation: &'static str, http_status: StatusCode, fault: Option<ApiFault>) -> Self {
        // The secrets of the request are not known here; the pipeline masks them later, with `Error::masked`. This
        // masks what is recognised without them: values after names such as `password`.
        let fault = fault.map(|fault| SecretMask::default().fault(fault));
        Self { context: Context::of(Some(operation)), http_status, fault, has_success: false, retry_after: None }
    }

    /// Adds what the headers and the body of a response with a status other than HTTP 200 say. `envelope` is the status
    /// in its body, if it has one.
    pub(super) fn with_response(mut self, headers: &HeaderMap, envelope: Option<Status>) -> Self {
        self.has_success = envelope == Some(Status::OK);
        self.retry_after = RetryAfter::read(headers);
        self
    }

    pub(super) fn mask(&mut self, mask: &SecretMask) {
        self.fault = self.fault.take().map(|fault| mask.fault(fault));
    }

    /// Returns the id of the operation.
    pub fn operation(&self) -> &'static str {
        self.context.operation.unwrap_or_default()
    }

    /// Returns the service's own status; `None` if the response has none, as that of a proxy.
    pub fn status(&self) -> Option<Status> {
        self.fault.as_ref().map(|fault| fault.status)
    }

    /// Returns the service's own message; empty if there is none. `***` replaces each secret of the request in it, in
    /// any spelling, and each value after a name such as `password`.
    pub fn message(&self) -> &str {
        self.fault.as_ref().map_or("", |fault| &fault.message)
    }

    /// Returns the HTTP status, which is often 200.
    pub fn http_status(&self) -> u16 {
        self.http_status.as_u16()
    }

    pub(super) fn is_retryable(&self) -> bool {
        self.status() == Some(Status::INTERNAL_SERVER_ERROR)
            || self.http_status.is_server_error()
            || [StatusCode::TOO_MANY_REQUESTS, StatusCode::REQUEST_TIMEOUT].contains(&self.http_status)
    }

    pub(super) fn may_concern_an_item(&self) -> bool {
        // Too large: half of the items may fit. Every other response without an envelope comes from a proxy, and says
        // nothing about an item.
        const TOO_LARGE: [StatusCode; 4] = [
            StatusCode::BAD_REQUEST,
            StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::URI_TOO_LONG,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        ];
        const OTHERS: [StatusCode; 5] = [
            StatusCode::OK,
            StatusCode::NOT_FOUND,
            StatusCode::CONFLICT,
            StatusCode::GONE,
            StatusCode::UNPROCESSABLE_ENTITY,
        ];
        if self.is_retryable() || self.is_unauthorized() {
            return false;
        }
        match self.status() {
            None => TOO_LARGE.contains(&self.http_status),
            Some(Status::USAGE_QUOTA_EXCEEDED | Status::INSUFFICIENT_FUNDS | Status::UNKNOWN_REQUEST) => false,
            Some(_) => TOO_LARGE.contains(&self.http_status) || OTHERS.contains(&self.http_status),
        }
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        self.context.maybe_applied(!is_refusal(self.http_status, self.envelope()))
    }

    /// Returns the status in the envelope, if there is one.
    fn envelope(&self) -> Option<Status> {
        if self.has_success { Some(Status::OK) } else { self.status() }
    }

    pub(super) fn is_rate_limited(&self) -> bool {
        self.http_status == StatusCode::TOO_MANY_REQUESTS && is_refusal(self.http_status, self.envelope())
    }

    /// Returns how long the service asked to wait, counted from `now`.
    pub(super) fn retry_after(&self, now: SystemTime) -> Option<Duration> {
        self.retry_after.map(|after| after.wait(now))
    }

    /// Converts a date in `Retry-After` to a duration counted from `now`.
    pub(super) fn received_at(&mut self, now: SystemTime) {
        self.retry_after = self.retry_after.map(|after| RetryAfter::Time(after.wait(now)));
    }

    pub(super) fn is_unauthorized(&self) -> bool {
        [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&self.http_status)
            || matches!(
                self.status(),
                Some(
                    Status::TOKEN_EXPIRED
                        | Status::PERMISSION_DENIED
                        | Status::INVALID_CREDENTIALS
                        | Status::INVALID_PASSWORD
                )
            )
    }

    /// Returns a sentence that says what to do, where that is clear.
    fn advice(&self) -> Option<&'static str> {
        Some(match self.status() {
            Some(Status::TOKEN_EXPIRED) => "Get a new access token, or use a handle with a key and a secret.",
            Some(Status::INVALID_CREDENTIALS) => "Check the API key and the secret or password that go with it.",
            Some(Status::USAGE_QUOTA_EXCEEDED | Status::INSUFFICIENT_FUNDS) => "Check the account's plan and balance.",
            Some(Status::UNKNOWN_REQUEST) => "Check the base URL and its version.",
            _ if self.is_rate_limited() => "The service limits the rate of requests: send fewer at a time, or wait.",
            None if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&self.http_status) => {
                "The response has no envelope of the service: check the credentials, and any proxy."
            }
            _ if self.http_status == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                "A proxy asks for credentials: check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
            }
            _ if self.http_status == StatusCode::UPGRADE_REQUIRED => "The service wants a newer client.",
            _ if self.http_status.is_redirection() => "Check the base URL; redirects are never followed.",
            _ => return None,
        })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was refused{}", self.context, self.context.effort())?;
        if self.http_status != StatusCode::OK {
            write!(f, " with HTTP {}", self.http_status)?;
        }
        if let Some(fault) = &self.fault {
            write!(f, ": {fault}")?;
        }
        let known = self.status().and_then(Status::description);
        if let Some(known) = known {
            write!(f, ". {known}")?;
        }
        let applied = self.may_have_been_applied().then_some("The operation may have been applied.");
        // Descriptions of known statuses and advice end with a full stop; messages of the service do not.
        let mut stop = if known.is_some() { "" } else { "." };
        for sentence in self.advice().into_iter().chain(applied) {
            write!(f, "{stop} {sentence}")?;
            stop = "";
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}
