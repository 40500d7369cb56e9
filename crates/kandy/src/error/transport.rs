use std::{error::Error as StdError, fmt, sync::Arc};

use kandy_sys::SecretMask;

use super::context::{Context, Seconds};

/// The connection failed, or took too long.
#[derive(Clone, Debug)]
pub struct TransportError {
    pub(super) context: Context,
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
    /// There was no connection within the time that is allowed for connecting.
    ConnectTimeout,
    /// There was no secure connection yet.
    Tls,
    /// The request was on its way, or had arrived; no answer came.
    Send,
    /// The answer broke off.
    Receive,
    /// An attempt took too long: no answer came in time, or it stopped moving. The request may have arrived.
    Timeout,
    /// The call as a whole took too long, with all its attempts and the waits between them.
    Deadline,
}

impl Phase {
    /// A name for machines.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Connect => "connect",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Timeout => "timeout",
            Self::Deadline => "deadline",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Setup => "the request could not be prepared",
            Self::Connect => "there is no connection to the service",
            Self::ConnectTimeout => "no connection to the service came in time",
            Self::Tls => "there is no secure connection to the service",
            Self::Send => "the connection broke before an answer came",
            Self::Receive => "the connection broke during the answer",
            Self::Timeout => "no answer came in time, or it stopped moving",
            Self::Deadline => "the deadline of the call has passed",
        }
    }
}

impl TransportError {
    pub(crate) fn new(operation: Option<&'static str>, phase: Phase, source: Arc<dyn StdError + Send + Sync>) -> Self {
        Self { context: Context::of(operation), phase, source }
    }

    /// From an error of the HTTP client while `operation` was in `phase`.
    pub(crate) fn of(operation: Option<&'static str>, phase: Phase, error: reqwest::Error) -> Self {
        let phase = match () {
            () if error.is_builder() => Phase::Setup,
            () if error.is_connect() && is_tls(&error) => Phase::Tls,
            () if error.is_connect() && error.is_timeout() => Phase::ConnectTimeout,
            () if error.is_connect() => Phase::Connect,
            () if error.is_timeout() => Phase::Timeout,
            () => phase,
        };
        // What a server or a proxy wrote may be in the text of an error; the URL has the secrets that it could repeat.
        let mask = error.url().map(SecretMask::of_url).unwrap_or_default();
        Self::new(operation, phase, mask.failure(Arc::new(error.without_url())))
    }

    pub(super) fn mask(&mut self, mask: &SecretMask) {
        self.source = mask.failure(self.source.clone());
    }

    /// The id of the operation, if there was one already.
    pub fn operation(&self) -> Option<&'static str> {
        self.context.operation
    }

    /// How far the request got.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn is_retryable(&self) -> bool {
        self.phase != Phase::Setup
    }

    pub(super) fn is_timeout(&self) -> bool {
        matches!(self.phase, Phase::ConnectTimeout | Phase::Timeout | Phase::Deadline)
    }

    /// Whether another attempt may come to something else: a handshake that failed will fail again.
    pub(crate) fn is_transient(&self) -> bool {
        !matches!(self.phase, Phase::Setup | Phase::Tls | Phase::Deadline)
    }

    /// Whether the request had left, or was leaving.
    pub(crate) fn had_left(&self) -> bool {
        matches!(self.phase, Phase::Send | Phase::Receive | Phase::Timeout)
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        self.context.in_doubt(self.had_left())
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
        #[cfg(feature = "native-tls")]
        if error.is::<native_tls::Error>() {
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
        write!(f, "{}: {}{}", self.context, self.phase.description(), self.context.effort())?;
        if self.is_timeout() && self.context.progress.attempts == 1 {
            write!(f, " after {}", Seconds(self.context.progress.elapsed))?;
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
