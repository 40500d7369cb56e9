//! The entries of the log: as they are added, kept, and shown.
//!
//! Depends on `logged_request`, `raw_request` and `ring`. Begin with `NewEntry`.

use serde::Serialize;

use super::{
    logged_request::LoggedRequest,
    raw_request::{NewRequest, RawRequest},
    ring::Place,
};

/// A request as the log shows it.
#[derive(Clone, Serialize)]
pub(crate) struct LogEntry {
    /// Later entries have greater ids, also after the emulator was started again.
    pub(crate) id: u64,
    /// When the response was made, in milliseconds since 1970 by the clock of the machine.
    pub(crate) time: u64,
    /// How long that took, in microseconds; without the delay of an injected fault.
    pub(crate) duration_us: u64,
    /// Whether it is one to the emulator's own endpoints.
    #[serde(skip)]
    pub(crate) is_admin: bool,
    #[serde(flatten)]
    pub(crate) request: LoggedRequest,
}

/// A request to be logged: as it was sent, or masked already.
pub(crate) enum NewEntry<'a> {
    Sent(NewRequest<'a>),
    Masked(LoggedRequest),
}

impl NewEntry<'_> {
    /// Decodes and masks it.
    pub(crate) fn into_logged(self) -> LoggedRequest {
        match self {
            Self::Sent(request) => request.logged(),
            Self::Masked(request) => request,
        }
    }

    /// Whether it is one that changed something: no GET, and not refused.
    pub(crate) fn is_change(&self) -> bool {
        let (method, http_status) = match self {
            Self::Sent(request) => (request.method.as_str(), request.outcome.http_status),
            Self::Masked(request) => (&*request.method, request.http_status),
        };
        method != "GET" && http_status.is_some_and(|status| status < 300)
    }
}

impl<'a> From<NewRequest<'a>> for NewEntry<'a> {
    fn from(request: NewRequest<'a>) -> Self {
        Self::Sent(request)
    }
}

impl From<LoggedRequest> for NewEntry<'_> {
    fn from(request: LoggedRequest) -> Self {
        Self::Masked(request)
    }
}

/// A request as the log keeps it.
pub(crate) enum KeptRequest {
    Raw(RawRequest),
    Masked(Box<LoggedRequest>),
}

/// An entry as the log keeps it.
pub(super) struct KeptEntry {
    pub(super) id: u64,
    pub(super) time: u64,
    pub(super) duration_us: u64,
    pub(super) is_admin: bool,
    pub(super) request: KeptRequest,
    /// Where the exchange in full is.
    pub(super) exchange: Option<Place>,
}

impl KeptEntry {
    pub(super) fn request(&self) -> LoggedRequest {
        match &self.request {
            KeptRequest::Raw(request) => request.logged(),
            KeptRequest::Masked(request) => LoggedRequest::clone(request),
        }
    }

    pub(super) fn show(&self) -> LogEntry {
        let Self { id, time, duration_us, is_admin, .. } = *self;
        LogEntry { id, time, duration_us, is_admin, request: self.request() }
    }
}
