use std::{error::Error as StdError, fmt, sync::Arc};

use kandy_sys::SecretMask;

use super::context::{Context, Seconds};

/// The connection failed, or took too long.
#[derive(Clone, Debug)]
pub struct TransportError {
    pub(super) context: Context,
    phase: Phase,
    source: Arc<dyn StdError + Send + Sync>,
    /// The proxy that the connection was to go through, as `host:port`, where it is the proxy that failed.
    proxy: Option<Arc<str>>,
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
    /// The service limits the rate of requests (HTTP 429), and the time of the call would have passed before its turn
    /// came. The last attempt, if there was one, was refused.
    Throttled,
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
            Self::Throttled => "throttled",
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
            Self::Throttled => {
                "the service limits the rate of requests, and the call has no time left to wait for its turn; send fewer \
                 at a time, or wait"
            }
        }
    }
}

impl TransportError {
    pub(crate) fn new(operation: Option<&'static str>, phase: Phase, source: Arc<dyn StdError + Send + Sync>) -> Self {
        Self { context: Context::of(operation), phase, source, proxy: None }
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

    /// The same of a connection that was to go through `proxy`, if through any. It is the proxy that failed unless there
    /// was a connection to the service already: a TLS handshake in the tunnel is one with the service.
    pub(crate) fn through(self, proxy: Option<&Arc<str>>) -> Self {
        let is_of_proxy = matches!(self.phase, Phase::Connect | Phase::ConnectTimeout);
        Self { proxy: proxy.filter(|_| is_of_proxy).cloned(), ..self }
    }

    /// The proxy that could not be reached or opened no connection to the service, as `host:port`; `None` if the
    /// failure is not one of a proxy. The variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say which one
    /// is used.
    ///
    /// ```
    /// # fn example(error: &kandy::TransportError) {
    /// if let Some(proxy) = error.proxy() {
    ///     println!("is the proxy {proxy} running?");
    /// }
    /// # }
    /// ```
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_deref()
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
        !matches!(self.phase, Phase::Setup | Phase::Tls | Phase::Deadline | Phase::Throttled)
    }

    /// Whether the request had left, or was leaving.
    pub(crate) fn may_have_been_sent(&self) -> bool {
        matches!(self.phase, Phase::Send | Phase::Receive | Phase::Timeout)
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        self.context.maybe_applied(self.may_have_been_sent())
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

/// Whether there was no connection at all, rather than one that came to nothing.
fn is_unreachable(error: &(dyn StdError + 'static)) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

    let mut source = Some(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            return !matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof);
        }
        source = error.source();
    }
    false
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.context)?;
        match &self.proxy {
            Some(proxy) if self.phase == Phase::ConnectTimeout => {
                write!(f, "the proxy at {proxy} gave no connection to the service in time")?;
            }
            Some(proxy) if is_unreachable(self.source.as_ref()) => write!(f, "the proxy at {proxy} cannot be reached")?,
            Some(proxy) => write!(f, "the proxy at {proxy} gave no connection to the service")?,
            None => f.write_str(self.phase.description())?,
        }
        f.write_str(&self.context.effort())?;
        if self.is_timeout() && self.context.progress.attempts == 1 {
            write!(f, " after {}", Seconds(self.context.progress.elapsed))?;
        }
        // The HTTP client's own words are few; the innermost cause says most.
        let mut cause: &dyn StdError = self.source.as_ref();
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        write!(f, " ({cause})")?;
        if self.proxy.is_some() {
            f.write_str("; check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY")?;
        }
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
