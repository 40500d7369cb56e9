//! [`TransportError`]: a connection that failed, a timeout or a deadline, and the [`Phase`] that it happened in.
//! Depends on nothing.

use std::{error::Error as StdError, fmt, sync::Arc};

use kandy_sys::SecretMask;

use super::context::{Context, Seconds};

/// The connection failed, or a timeout or the deadline passed.
#[derive(Clone, Debug)]
pub struct TransportError {
    pub(super) context: Context,
    phase: Phase,
    source: Arc<dyn StdError + Send + Sync>,
    /// The proxy that failed; `None` if the failure is not one of a proxy.
    proxy: Option<Arc<ProxyAddress>>,
    /// The limit of the caller that left no time; `None` if it is not one of the caller.
    limit: Option<Arc<str>>,
}

/// A proxy, for error messages.
#[derive(Debug)]
pub(crate) struct ProxyAddress {
    /// The host and the port, without credentials.
    pub(crate) address: String,
    /// The next step if it fails: where it was set.
    pub(crate) advice: &'static str,
}

/// The phase of a call in which it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Before sending: the HTTP client or the request could not be built. Without an
    /// [operation](TransportError::operation) it is the client, such as on a platform without certificate authorities.
    Setup,
    /// Connecting failed: the host name was not found, or no server listens at the address.
    Connect,
    /// Connecting took longer than the connect timeout.
    ConnectTimeout,
    /// The TLS handshake failed.
    Tls,
    /// The connection broke before the headers of the response. The service may have received the request.
    Send,
    /// The connection broke while the response was received.
    Receive,
    /// The timeout of an attempt passed: no response began, or its body stalled. The service may have received the
    /// request.
    Timeout,
    /// The deadline of the call passed, which bounds all attempts and the waits between them.
    Deadline,
    /// The rate of requests is limited, by the service (HTTP 429) or by a [`RateLimit`](crate::RateLimit) of the caller,
    /// and the deadline left no time to wait for the next attempt, which was not sent.
    Throttled,
    /// The store of a [`SharedRateLimit`](crate::SharedRateLimit) failed, so that the attempt has no turn. It was not sent:
    /// the rate of the other processes is not known.
    SharedLimit,
    /// The HTTP client of the caller followed a redirect: the service, or another host, received another request.
    Redirected,
    /// The data channel was lost, or is not connected.
    Channel,
}

impl Phase {
    /// Returns the name for traces.
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
            Self::SharedLimit => "shared_limit",
            Self::Redirected => "redirected",
            Self::Channel => "channel",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Setup => "the request could not be prepared",
            Self::Connect => "cannot connect to the service",
            Self::ConnectTimeout => "connecting to the service took too long",
            Self::Tls => "the TLS handshake with the service failed",
            Self::Send => "the connection broke before a response arrived",
            Self::Receive => "the connection broke during the response",
            Self::Timeout => "no response arrived in time, or it stalled",
            Self::Deadline => "the deadline of the call has passed",
            Self::Redirected => "the call was redirected, so its response is not that of the service",
            Self::Channel => "the data channel is not connected",
            Self::SharedLimit => "the rate limit that processes share gave no turn, and nothing is sent without one",
            Self::Throttled => {
                "the service limits the rate of requests, and the call has no time left to wait for its turn; send fewer \
                 at a time, or wait"
            }
        }
    }
}

impl TransportError {
    pub(crate) fn new(operation: Option<&'static str>, phase: Phase, source: Arc<dyn StdError + Send + Sync>) -> Self {
        Self { context: Context::of(operation), phase, source, proxy: None, limit: None }
    }

    /// Converts an error of the HTTP client. `phase` applies unless the error tells a more exact one.
    pub(crate) fn of(operation: Option<&'static str>, phase: Phase, error: reqwest::Error) -> Self {
        // In order of precision: an error of connecting may be a timeout, too, and one of TLS is one of connecting.
        let phase = match () {
            () if error.is_builder() => Phase::Setup,
            () if error.is_redirect() => return Self { context: Context::of(operation), ..Self::redirected("") },
            () if error.is_connect() && is_tls(&error) => Phase::Tls,
            () if error.is_connect() && error.is_timeout() => Phase::ConnectTimeout,
            () if error.is_connect() => Phase::Connect,
            () if error.is_timeout() => Phase::Timeout,
            () => phase,
        };
        // The text of an error may quote a server or a proxy, which may repeat the secrets in the URL.
        let mask = error.url().map(SecretMask::of_url).unwrap_or_default();
        Self::new(operation, phase, mask.failure(Arc::new(error.without_url())))
    }

    /// Returns the error of a call that a client of the caller has redirected. It names no URL: each may contain
    /// credentials.
    pub(crate) fn redirected(operation: &'static str) -> Self {
        Self::new(Some(operation), Phase::Redirected, Arc::new(Redirected))
    }

    pub(super) fn mask(&mut self, mask: &SecretMask) {
        self.source = mask.failure(self.source.clone());
    }

    /// Sets the proxy of the connection, if the proxy is what failed: it is, until the tunnel to the service is open. A
    /// TLS handshake inside the tunnel is one with the service.
    pub(crate) fn through(self, proxy: Option<&Arc<ProxyAddress>>) -> Self {
        let is_of_proxy = matches!(self.phase, Phase::Connect | Phase::ConnectTimeout);
        Self { proxy: proxy.filter(|_| is_of_proxy).cloned(), ..self }
    }

    /// Returns the proxy that could not be reached or opened no connection to the service, as `host:port`; `None` if
    /// the failure is not one of a proxy. [`KandyBuilder::proxy`](crate::KandyBuilder::proxy) selects the proxy, or else
    /// the variables `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. It is not known for a client that was
    /// given to [`KandyBuilder::http_client`](crate::KandyBuilder::http_client).
    ///
    /// ```
    /// # fn example(error: &kandy::TransportError) {
    /// if let Some(proxy) = error.proxy() {
    ///     println!("is the proxy {proxy} running?");
    /// }
    /// # }
    /// ```
    pub fn proxy(&self) -> Option<&str> {
        self.proxy.as_ref().map(|proxy| proxy.address.as_str())
    }

    /// Sets the limit of the caller that left no time, such as `the client, 10/s`.
    pub(crate) fn limited_by(self, limit: String) -> Self {
        Self { limit: Some(limit.into()), ..self }
    }

    /// Returns which [`RateLimit`](crate::RateLimit) of the caller left the call no time to begin an attempt, such as
    /// `the client, 10/s`; `None` if the call did not fail for that, or the service limits the rate.
    ///
    /// ```
    /// # fn example(error: &kandy::TransportError) {
    /// if let Some(limit) = error.rate_limit() {
    ///     println!("raise the deadline, or the rate limit of {limit}");
    /// }
    /// # }
    /// ```
    pub fn rate_limit(&self) -> Option<&str> {
        self.limit.as_deref()
    }

    /// Returns the id of the operation, if the call had one already.
    pub fn operation(&self) -> Option<&'static str> {
        self.context.operation
    }

    /// Returns the phase in which the call failed.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn is_retryable(&self) -> bool {
        !matches!(self.phase, Phase::Setup | Phase::Redirected)
    }

    pub(super) fn is_timeout(&self) -> bool {
        matches!(self.phase, Phase::ConnectTimeout | Phase::Timeout | Phase::Deadline)
    }

    /// Whether another attempt may have another outcome. A TLS handshake that failed fails again.
    pub(crate) fn is_transient(&self) -> bool {
        !matches!(
            self.phase,
            Phase::Setup | Phase::Tls | Phase::Deadline | Phase::Throttled | Phase::SharedLimit | Phase::Redirected
        )
    }

    /// Whether the request may have been sent.
    pub(crate) fn may_have_been_sent(&self) -> bool {
        // Not `Deadline`: it may pass before the first attempt, too. The retry loop knows, and records it in the
        // progress.
        matches!(self.phase, Phase::Send | Phase::Receive | Phase::Timeout | Phase::Redirected)
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        self.context.maybe_applied(self.may_have_been_sent())
    }
}

/// Whether an error was caused by the TLS library.
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
        // `source` of an I/O error skips the error that it wraps; `get_ref` returns it.
        source = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    false
}

/// Whether no connection was made, rather than one that was closed later.
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
        match self.proxy() {
            None if self.limit.is_some() => {
                let limit = self.limit.as_deref().unwrap_or_default();
                write!(f, "the rate limit of {limit}, left no turn in time")?;
            }
            Some(proxy) if self.phase == Phase::ConnectTimeout => {
                write!(f, "the proxy at {proxy} did not connect to the service in time")?;
            }
            Some(proxy) if is_unreachable(self.source.as_ref()) => write!(f, "the proxy at {proxy} cannot be reached")?,
            Some(proxy) => write!(f, "the proxy at {proxy} did not connect to the service")?,
            // There is no request: TLS could not be set up, or the thread of blocking calls is gone.
            None if self.phase == Phase::Setup && self.operation().is_none() => {
                f.write_str("it cannot be used")?;
            }
            None => f.write_str(self.phase.description())?,
        }
        f.write_str(&self.context.effort())?;
        if self.is_timeout() && self.context.progress.attempts == 1 {
            write!(f, " after {}", Seconds(self.context.progress.elapsed))?;
        }
        // The outer texts of reqwest repeat the phase; the innermost source has the reason.
        let mut cause: &dyn StdError = self.source.as_ref();
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        if self.limit.is_none() {
            write!(f, " ({cause})")?;
        }
        if let Some(proxy) = &self.proxy {
            write!(f, "; {}", proxy.advice)?;
        }
        if self.limit.is_some() {
            let begun = if self.context.progress.attempts == 0 { "nothing was sent; " } else { "" };
            write!(f, "; {begun}send fewer at a time, or raise the limit or the deadline")?;
        }
        match self.may_have_been_applied() {
            true => f.write_str("; the operation may have been applied"),
            false => Ok(()),
        }
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// The source of the error of a redirected call.
#[derive(Debug)]
struct Redirected;

impl fmt::Display for Redirected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the HTTP client that was given follows redirects; build it with `.redirect(Policy::none())`, and check the \
             base URL",
        )
    }
}

impl StdError for Redirected {}
