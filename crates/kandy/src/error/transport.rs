use std::{error::Error as StdError, fmt, sync::Arc};

use super::{call, changes_something};

/// The connection failed, or took too long.
#[derive(Clone, Debug)]
pub struct TransportError {
    operation: Option<&'static str>,
    subject: String,
    phase: Phase,
    source: Arc<dyn StdError + Send + Sync>,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing was sent yet: the HTTP client could not be set up, or the request not be built.
    Setup,
    /// There was no connection yet: the name was not found, or nobody answered at the address.
    Connect,
    /// There was no secure connection yet.
    Tls,
    /// The request was on its way, or had arrived; no answer came.
    Send,
    /// The answer broke off.
    Receive,
    /// It took too long. The request may have arrived.
    Timeout,
}

impl Phase {
    fn description(self) -> &'static str {
        match self {
            Self::Setup => "the request could not be prepared",
            Self::Connect => "there is no connection to the service",
            Self::Tls => "there is no secure connection to the service",
            Self::Send => "the connection broke before an answer came",
            Self::Receive => "the connection broke during the answer",
            Self::Timeout => "it took too long",
        }
    }
}

impl TransportError {
    pub(crate) fn new(operation: Option<&'static str>, phase: Phase, source: Arc<dyn StdError + Send + Sync>) -> Self {
        Self { operation, subject: String::new(), phase, source }
    }

    /// From an error of the HTTP client while `operation` was in `phase`.
    pub(crate) fn of(operation: Option<&'static str>, phase: Phase, error: reqwest::Error) -> Self {
        let phase = match () {
            () if error.is_builder() => Phase::Setup,
            () if error.is_connect() && is_tls(&error) => Phase::Tls,
            () if error.is_connect() => Phase::Connect,
            () if error.is_timeout() => Phase::Timeout,
            () => phase,
        };
        Self::new(operation, phase, Arc::new(error.without_url()))
    }

    pub(crate) fn on(&self, subject: String) -> Self {
        Self { subject, ..self.clone() }
    }

    /// The id of the operation, if there was one already.
    pub fn operation(&self) -> Option<&'static str> {
        self.operation
    }

    /// How far the request got.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn is_retryable(&self) -> bool {
        self.phase != Phase::Setup
    }

    pub(super) fn is_timeout(&self) -> bool {
        self.phase == Phase::Timeout
            || self.source.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout)
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        let left = matches!(self.phase, Phase::Send | Phase::Receive | Phase::Timeout);
        left && self.operation.is_none_or(changes_something)
    }
}

/// Whether a handshake failed.
fn is_tls(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        #[cfg(feature = "rustls")]
        if error.is::<rustls::Error>() {
            return true;
        }
        // An I/O error keeps what caused it where `source` does not lead.
        source = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Some(operation) => write!(f, "{}: {}", call(operation, &self.subject), self.phase.description())?,
            None => f.write_str(self.phase.description())?,
        }
        // The HTTP client's own words are few; the innermost cause says most.
        let mut cause: &dyn StdError = self.source.as_ref();
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        write!(f, " ({cause})")?;
        match self.may_have_been_applied() {
            true => f.write_str("; what was asked may have been done"),
            false => Ok(()),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
