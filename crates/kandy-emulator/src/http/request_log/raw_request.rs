//! A request to an operation as it was sent. It is decoded and masked when someone looks, which few ever are.
//!
//! Depends on `logged_request`, `faults` and `response`. Begin with `NewRequest`.

use http::Method;
use kandy_sys::Operation;

use super::logged_request::LoggedRequest;
use crate::{faults::InjectedFault, http::response::HttpResponse, protocol::call::FormParams};

/// How long path and query may be together to be kept as they were sent.
const LONGEST: usize = 2048;

/// The outcome of a request.
#[derive(Clone, Copy, Default)]
pub(crate) struct LoggedOutcome {
    pub(super) http_status: Option<u16>,
    status: Option<i64>,
    injected: Option<&'static str>,
}

impl LoggedOutcome {
    pub(crate) fn new(response: &HttpResponse) -> Self {
        let (http_status, status) = (Some(response.http.as_u16()), response.status.map(|status| status.0));
        Self { http_status, status, injected: None }
    }

    /// Sets the injected fault.
    pub(crate) fn with_fault(mut self, fault: &InjectedFault) -> Self {
        self.injected = Some(fault.kind());
        if !fault.delivery().sends_response() {
            (self.http_status, self.status) = (None, None);
        }
        self
    }
}

/// A request to be logged.
pub(crate) struct NewRequest<'a> {
    pub(crate) operation: Option<&'static Operation>,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// Encoded.
    pub(crate) query: &'a str,
    pub(crate) outcome: LoggedOutcome,
}

impl NewRequest<'_> {
    /// Decodes and masks it.
    pub(crate) fn logged(&self) -> LoggedRequest {
        let query = FormParams::decode(self.query);
        let LoggedOutcome { http_status, status, injected } = self.outcome;
        let logged = LoggedRequest::new(self.operation, self.method, self.path, query.as_ref());
        LoggedRequest { http_status, status, injected, ..logged }
    }
}

/// A request that is kept as it was sent.
pub(crate) struct RawRequest {
    operation: &'static Operation,
    method: Method,
    /// The path, and then the query.
    text: String,
    path_length: usize,
    outcome: LoggedOutcome,
}

impl RawRequest {
    /// Keeps a request in a buffer, if it is one to an operation and not too long.
    pub(super) fn new(request: &NewRequest<'_>, buffer: &mut String) -> Option<Self> {
        let NewRequest { operation, method, path, query, outcome } = request;
        let operation = (*operation)?;
        if path.len() + query.len() > LONGEST {
            return None;
        }
        let mut text = std::mem::take(buffer);
        text.clear();
        text.push_str(path);
        text.push_str(query);
        Some(Self { operation, method: Method::clone(method), text, path_length: path.len(), outcome: *outcome })
    }

    pub(super) fn logged(&self) -> LoggedRequest {
        let (path, query) = self.text.split_at_checked(self.path_length).unwrap_or_default();
        let (operation, method, outcome) = (Some(self.operation), &self.method, self.outcome);
        NewRequest { operation, method, path, query, outcome }.logged()
    }

    /// Its buffer, for another request.
    pub(super) fn into_buffer(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request<'a>(path: &'a str, query: &'a str) -> NewRequest<'a> {
        let operation = Operation::find("user_get");
        let outcome = LoggedOutcome { http_status: Some(200), status: Some(0), injected: None };
        NewRequest { operation, method: &Method::HEAD, path, query, outcome }
    }

    #[test]
    fn what_is_kept_is_masked_when_it_is_shown() {
        let mut buffer = "of an earlier request".to_owned();
        let new = request("/v1.2/UAT0123456789abcdef0123456789abcdef", "key=CANARY&user_id=a+b&&c");
        let raw = RawRequest::new(&new, &mut buffer).expect("short");
        assert_eq!(raw.logged(), new.logged());
        assert_eq!(raw.logged().to_string(), "HEAD /v1.2/***?key=***&user_id=a%20b&c= -> 200, status 0 (user_get)",);
        assert_eq!(buffer, "");
    }

    #[test]
    fn long_and_unknown_requests_are_not_kept_as_they_are() {
        let mut buffer = String::new();
        let long = "x".repeat(LONGEST);
        assert!(RawRequest::new(&request("", &long), &mut buffer).is_some());
        assert!(RawRequest::new(&request("/", &long), &mut buffer).is_none());
        let unknown = NewRequest { operation: None, ..request("/", "") };
        assert!(RawRequest::new(&unknown, &mut buffer).is_none());
    }
}
