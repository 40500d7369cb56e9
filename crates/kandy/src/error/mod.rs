//! [`Error`]: why a call failed. A leaf: depends on no other module of the crate.
//!
//! Begin reading at [`Error`]; `refusal.rs` decides whether a response proves that nothing was applied, `raw.rs`
//! converts the errors of the generated layer.

mod api;
mod argument;
mod context;
mod decode;
mod raw;
mod refusal;
mod retry_after;
mod transport;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

pub use api::ApiError;
pub use argument::ArgumentError;
use context::Context;
pub(crate) use context::{Progress, changes_something};
pub use decode::DecodeError;
use kandy_sys::{Operation, SecretMask, Status};
pub(crate) use raw::result_of;
pub(crate) use refusal::{envelope_status, is_refusal};
pub(crate) use retry_after::RetryAfter;
pub(crate) use transport::ProxyAddress;
pub use transport::{Phase, TransportError};

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Its text says what failed, on what, why, and, where it is clear, what to do next. Neither the text nor the sources
/// contain a credential, a URL or the body of a response. Where the service repeats a secret of the request in its
/// message (a password, a key, a token), `***` replaces it before the message is stored, so that no accessor returns
/// it: see [`SecretMask`].
///
/// Most callers use the methods, and need not match on the variant:
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// match domain.create_user("russ").await {
///     Ok(user) => println!("created {user:?}"),
///     Err(error) if error.is_already_exists() => println!("russ exists already"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    // Each variant is an `Arc`: an error has 16 bytes, so that the futures of calls stay small, and all calls that wait
    // for one token can return its error (test `errors_are_small_and_shareable`).
    /// The service refused the call.
    Api(Arc<ApiError>),
    /// The connection failed, or took too long.
    Transport(Arc<TransportError>),
    /// The response cannot be decoded.
    Decode(Arc<DecodeError>),
    /// An argument cannot be used; nothing was sent.
    Argument(Arc<ArgumentError>),
}

impl Error {
    /// Returns the id of the operation that failed, such as `sms_send`; `None` if the call failed before it had one.
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Api(error) => Some(error.operation()),
            Self::Transport(error) => error.operation(),
            Self::Decode(error) => Some(error.operation()),
            Self::Argument(_) => None,
        }
    }

    /// Returns the service's own status, if the response has one.
    ///
    /// ```
    /// # fn example(error: kandy::Error) {
    /// if error.status() == Some(kandy::Status::INSUFFICIENT_FUNDS) {
    ///     println!("time to top up");
    /// }
    /// # }
    /// ```
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::Api(error) => error.status(),
            _ => None,
        }
    }

    /// Whether the same call may succeed later: the connection failed, or the service is overloaded or failed
    /// internally.
    ///
    /// This does not mean that a retry is harmless: see [`may_have_been_applied`](Self::may_have_been_applied).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_retryable(),
            Self::Transport(error) => error.is_retryable(),
            Self::Decode(_) | Self::Argument(_) => false,
        }
    }

    /// Whether the service may have applied the operation although the call failed. A retry could then apply it twice,
    /// which for an SMS costs money.
    ///
    /// False for calls that change nothing.
    pub fn may_have_been_applied(&self) -> bool {
        match self {
            Self::Api(error) => error.may_have_been_applied(),
            Self::Transport(error) => error.may_have_been_applied(),
            Self::Decode(error) => error.may_have_been_applied(),
            Self::Argument(_) => false,
        }
    }

    /// Whether the user, device, group or other object of the call does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.status(), Some(Status::DOES_NOT_EXIST | Status::GROUP_NOT_FOUND | Status::USER_NOT_FOUND))
    }

    /// Whether an object of that name exists already, or the name is not available.
    pub fn is_already_exists(&self) -> bool {
        matches!(self.status(), Some(Status::ALREADY_EXISTS | Status::DOMAIN_NAME_UNAVAILABLE))
    }

    /// Whether a credential was refused: a key, a secret, a password or a token.
    pub fn is_unauthorized(&self) -> bool {
        match self {
            Self::Api(error) => error.is_unauthorized(),
            _ => false,
        }
    }

    /// Whether the call failed by a timeout or by its deadline.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_timeout())
    }

    /// Whether the service refused the call because it limits the rate of requests (HTTP 429), or the deadline left the
    /// call no time to wait for that limit or for a [`RateLimit`](crate::RateLimit) of the caller. The refused request
    /// was not applied. [`TransportError::rate_limit`] names a limit of the caller.
    ///
    /// A call waits and retries after such a refusal as long as its deadline allows, so this is an error only after
    /// that, or with [`RetryPolicy::never`](crate::RetryPolicy::never).
    ///
    /// ```
    /// # fn example(error: kandy::Error) {
    /// if error.is_rate_limited() {
    ///     println!("try again after {:?}", error.retry_after());
    /// }
    /// # }
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        match self {
            Self::Api(error) => error.is_rate_limited(),
            Self::Transport(error) => error.phase() == Phase::Throttled,
            Self::Decode(_) | Self::Argument(_) => false,
        }
    }

    /// Returns how long the service asked to wait before another request, counted from its last response: the header
    /// `Retry-After`, in seconds or as a date. `None` if the response has none.
    ///
    /// ```
    /// # fn example(error: kandy::Error) {
    /// let wait = error.retry_after().unwrap_or(std::time::Duration::from_secs(1));
    /// # }
    /// ```
    #[expect(clippy::disallowed_methods, reason = "an error has no clock, and a date is wall-clock time")]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after(SystemTime::now()),
            _ => None,
        }
    }

    /// Returns the number of attempts before the call failed, including those that got no connection.
    pub fn attempts(&self) -> u32 {
        self.progress().attempts
    }

    /// Returns how long the call took until it failed, with all its attempts and the waits between them.
    pub fn elapsed(&self) -> Duration {
        self.progress().elapsed
    }

    fn progress(&self) -> Progress {
        match self {
            Self::Api(error) => error.context.progress,
            Self::Transport(error) => error.context.progress,
            Self::Decode(error) => error.context.progress,
            Self::Argument(_) => Progress::default(),
        }
    }

    /// Returns the context of the call; `None` for an argument error, which has no call.
    fn context_mut(&mut self) -> Option<&mut Context> {
        match self {
            Self::Api(error) => Some(&mut Arc::make_mut(error).context),
            Self::Transport(error) => Some(&mut Arc::make_mut(error).context),
            Self::Decode(error) => Some(&mut Arc::make_mut(error).context),
            Self::Argument(_) => None,
        }
    }

    /// Sets what the call acts on, such as `user "russ"`. Computed only for errors that show it.
    pub(crate) fn with_subject(mut self, subject: impl FnOnce() -> String) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_subject(subject());
        }
        self
    }

    /// Sets the subject to the part of the call that failed, instead of the whole call.
    pub(crate) fn with_exact_subject(mut self, subject: String) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_exact_subject(subject);
        }
        self
    }

    /// Whether the service may have refused the call because of one of its items, so that it may succeed without that
    /// one. A refusal of the credential or for the quota, and an internal failure, concern the call as a whole.
    pub(crate) fn may_concern_an_item(&self) -> bool {
        matches!(self, Self::Api(error) if error.may_concern_an_item())
    }

    /// Sets the attempts, unless they are set already.
    pub(crate) fn with_progress(mut self, progress: Progress) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_progress(progress);
        }
        self
    }

    /// Masks the secrets of the request in every text that the service or the HTTP client wrote.
    pub(crate) fn masked(mut self, mask: &SecretMask) -> Self {
        match &mut self {
            Self::Api(error) => Arc::make_mut(error).mask(mask),
            Self::Transport(error) => Arc::make_mut(error).mask(mask),
            Self::Decode(error) => Arc::make_mut(error).mask(mask),
            // This crate writes its text, and `check` keeps values that may be secrets out of it.
            Self::Argument(_) => {}
        }
        self
    }

    /// Sets when the response was received: a date in its `Retry-After` counts from then on.
    pub(crate) fn received_at(mut self, now: impl FnOnce() -> SystemTime) -> Self {
        if let Self::Api(error) = &mut self {
            Arc::make_mut(error).received_at(now());
        }
        self
    }

    pub(crate) fn argument(argument: &'static str, reason: impl Into<String>) -> Self {
        Self::Argument(Arc::new(ArgumentError::new(argument, reason.into())))
    }

    /// Returns the error of a success that lacks a required field. [`with_operation`](Self::with_operation) adds the
    /// operation.
    pub(crate) fn missing(path: impl Into<String>) -> Self {
        Self::Decode(Arc::new(DecodeError::missing(path.into())))
    }

    /// Sets the operation that failed, unless it is set already.
    pub(crate) fn with_operation(mut self, operation: Option<&'static Operation>) -> Self {
        if let Self::Decode(error) = &mut self
            && error.context.operation.is_none()
        {
            Arc::make_mut(error).context.operation = operation.map(|operation| operation.id);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::Argument(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
