//! Why a call failed, for people and for programs.

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
pub(crate) use context::Progress;
pub use decode::DecodeError;
use kandy_sys::{Operation, SecretMask, Status};
pub(crate) use raw::result_of;
pub(crate) use refusal::{envelope_status, is_refusal};
pub(crate) use retry_after::RetryAfter;
pub use transport::{Phase, TransportError};

/// What a call answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Its text says what failed, on what, why, and where it helps what to do about it. Neither the text nor
/// the sources contain a credential, a URL or the body of an answer. Where the service repeats a secret of the request in
/// its message (a password, a key, a token), `***` replaces it before the message is kept, so that no accessor returns it:
/// see [`SecretMask`](kandy_sys::SecretMask).
///
/// Callers rarely need to look inside:
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// match domain.create_user("russ").await {
///     Ok(user) => println!("created {user:?}"),
///     Err(error) if error.is_already_exists() => println!("russ is there already"),
///     Err(error) => return Err(error),
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The service refused.
    Api(Arc<ApiError>),
    /// The connection failed, or took too long.
    Transport(Arc<TransportError>),
    /// The service answered something that cannot be understood.
    Decode(Arc<DecodeError>),
    /// An argument cannot be used; nothing was sent.
    Argument(Arc<ArgumentError>),
}

impl Error {
    /// The id of the operation that failed, such as `sms_send`; `None` if it failed before there was one.
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Self::Api(error) => Some(error.operation()),
            Self::Transport(error) => error.operation(),
            Self::Decode(error) => Some(error.operation()),
            Self::Argument(_) => None,
        }
    }

    /// The status that the service gave, if it did.
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

    /// Whether the same call may well succeed later: the connection failed, the service is overloaded or
    /// it failed inside.
    ///
    /// It does not say that repeating is harmless: see
    /// [`may_have_been_applied`](Self::may_have_been_applied).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Api(error) => error.is_retryable(),
            Self::Transport(error) => error.is_retryable(),
            Self::Decode(_) | Self::Argument(_) => false,
        }
    }

    /// Whether the service may have done what was asked although the call failed. Repeating it could
    /// then do it twice, which for an SMS costs money.
    ///
    /// It is false for calls that change nothing.
    pub fn may_have_been_applied(&self) -> bool {
        match self {
            Self::Api(error) => error.may_have_been_applied(),
            Self::Transport(error) => error.may_have_been_applied(),
            Self::Decode(error) => error.may_have_been_applied(),
            Self::Argument(_) => false,
        }
    }

    /// Whether the thing that was named does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.status(), Some(Status::DOES_NOT_EXIST | Status::GROUP_NOT_FOUND | Status::USER_NOT_FOUND))
    }

    /// Whether a thing of that name exists already, or the name cannot be had.
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

    /// Whether it took too long.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_timeout())
    }

    /// Whether the service refused the call because it limits the rate of requests (HTTP 429), or the deadline of the
    /// call passed while it waited for its turn under that limit. The refused request was not carried out.
    ///
    /// A call waits and repeats such a refusal by itself as long as its deadline allows, so this is an error only after
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

    /// How long the service asked to wait before another request, counted from its last response: the header
    /// `Retry-After`, in seconds or as a date. `None` if it did not say.
    ///
    /// ```
    /// # fn example(error: kandy::Error) {
    /// let wait = error.retry_after().unwrap_or(std::time::Duration::from_secs(1));
    /// # }
    /// ```
    #[expect(clippy::disallowed_methods, reason = "an error has no clock, and a date is a time of day")]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api(error) => error.retry_after(SystemTime::now()),
            _ => None,
        }
    }

    /// How many requests were sent, or tried to be, before the call failed.
    pub fn attempts(&self) -> u32 {
        self.progress().attempts
    }

    /// How long the call took until it failed, with all its attempts and the waits between them.
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

    /// What is known of the call, where there was one.
    fn context_mut(&mut self) -> Option<&mut Context> {
        match self {
            Self::Api(error) => Some(&mut Arc::make_mut(error).context),
            Self::Transport(error) => Some(&mut Arc::make_mut(error).context),
            Self::Decode(error) => Some(&mut Arc::make_mut(error).context),
            Self::Argument(_) => None,
        }
    }

    /// Says what it was that the call was about, for people.
    pub(crate) fn with_subject(mut self, subject: impl FnOnce() -> String) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_subject(subject());
        }
        self
    }

    /// Names the part of the call that failed, instead of what the whole call was about.
    pub(crate) fn with_exact_subject(mut self, subject: String) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_exact_subject(subject);
        }
        self
    }

    /// Whether the service may have refused the call for one of several items in it, so that the call may succeed without
    /// that one. A refusal for the credential, the quota or a failure inside the service is about the call as a whole.
    pub(crate) fn may_concern_an_item(&self) -> bool {
        matches!(self, Self::Api(error) if error.may_concern_an_item())
    }

    /// Says how much was tried, if that is not said yet.
    pub(crate) fn with_progress(mut self, progress: Progress) -> Self {
        if let Some(context) = self.context_mut() {
            context.with_progress(progress);
        }
        self
    }

    /// Masks the secrets of the request in all that came from outside.
    pub(crate) fn masked(mut self, mask: &SecretMask) -> Self {
        match &mut self {
            Self::Api(error) => Arc::make_mut(error).mask(mask),
            Self::Transport(error) => Arc::make_mut(error).mask(mask),
            Self::Decode(error) => Arc::make_mut(error).mask(mask),
            // Its text is our own.
            Self::Argument(_) => {}
        }
        self
    }

    /// Says when the response was received: a date in its `Retry-After` counts from then on.
    pub(crate) fn received_at(mut self, now: impl FnOnce() -> SystemTime) -> Self {
        if let Self::Api(error) = &mut self {
            Arc::make_mut(error).received_at(now());
        }
        self
    }

    pub(crate) fn argument(argument: &'static str, reason: impl Into<String>) -> Self {
        Self::Argument(Arc::new(ArgumentError::new(argument, reason.into())))
    }

    /// A success that lacks a field which it should have. The operation is added with
    /// [`with_operation`](Self::with_operation).
    pub(crate) fn missing(path: impl Into<String>) -> Self {
        Self::Decode(Arc::new(DecodeError::missing(path.into())))
    }

    /// Names the operation that failed, unless it is named already.
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
