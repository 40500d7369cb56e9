//! [`Observer`]: the trait with which users watch calls, and the events that it receives. Depends on `attempt_result`.

use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kandy_sys::{
    Operation, Status, Timestamp,
    operation::{Level, ResponseKind},
};

use super::attempt_result::{AttemptResult, is_refusal, status};
use crate::{
    Error,
    error::{Progress, changes_something},
};

/// Receives an event for every finished call, for metrics. The crate `kandy-otel` has one for OpenTelemetry.
///
/// The task that makes the call runs it, so it must not block. A call that is dropped before it ends has no event:
/// [`Kandy::metrics`](crate::Kandy::metrics) counts it until then.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use kandy::{CallEvent, Kandy, Observer};
///
/// #[derive(Debug, Default)]
/// struct Failures(AtomicU64);
///
/// impl Observer for Failures {
///     fn call_finished(&self, call: &CallEvent<'_>) {
///         if !call.outcome.is_success() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
///
/// let kandy = Kandy::builder().observer(Failures::default()).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// Called after each call. Minting a token is a call of its own.
    fn call_finished(&self, call: &CallEvent<'_>);

    /// Called after each attempt of a call, before the call continues. Does nothing by default.
    ///
    /// ```
    /// use kandy::{AttemptEvent, CallEvent, Observer};
    ///
    /// #[derive(Debug)]
    /// struct Print;
    ///
    /// impl Observer for Print {
    ///     fn call_finished(&self, _: &CallEvent<'_>) {}
    ///
    ///     fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
    ///         println!("{} attempt {}: {:?}", attempt.operation, attempt.number, attempt.elapsed);
    ///     }
    /// }
    /// ```
    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        let _ = attempt;
    }

    /// Called when an [`Inbox`](crate::Inbox) yields a message. Does nothing by default.
    ///
    /// ```
    /// use kandy::{CallEvent, MessageReceived, Observer};
    ///
    /// #[derive(Debug)]
    /// struct Print;
    ///
    /// impl Observer for Print {
    ///     fn call_finished(&self, _: &CallEvent<'_>) {}
    ///
    ///     fn message_received(&self, message: &MessageReceived) {
    ///         println!("a message, {:?} after it was sent", message.lag);
    ///     }
    /// }
    /// ```
    fn message_received(&self, message: &MessageReceived) {
        let _ = message;
    }

    /// Called when a data channel is established or lost. Does nothing by default.
    ///
    /// ```
    /// use kandy::{CallEvent, ChannelState, Observer};
    ///
    /// #[derive(Debug)]
    /// struct Print;
    ///
    /// impl Observer for Print {
    ///     fn call_finished(&self, _: &CallEvent<'_>) {}
    ///
    ///     fn channel_changed(&self, state: &ChannelState) {
    ///         println!("push: {state}");
    ///     }
    /// }
    /// ```
    #[cfg(feature = "push")]
    fn channel_changed(&self, state: &ChannelState) {
        let _ = state;
    }
}

/// The state of a data channel. Contains no credential.
#[cfg(feature = "push")]
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChannelState {
    /// The channel is established. What happened while there was none has to be fetched.
    Connected,
    /// The channel was lost, or could not be established.
    Lost {
        /// The time until the next attempt.
        retry_in: Duration,
        /// The reason.
        error: Error,
    },
    /// No channel can be established, and no other attempt follows: the credential was refused, or the user does not
    /// exist.
    Ended {
        /// The reason.
        error: Error,
    },
}

#[cfg(feature = "push")]
impl fmt::Display for ChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => f.write_str("connected"),
            Self::Lost { retry_in, error } => {
                write!(f, "not connected; next attempt in {:.1} s ({error})", retry_in.as_secs_f64())
            }
            Self::Ended { error } => write!(f, "not available ({error})"),
        }
    }
}

/// A finished call. Contains no credential.
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// The outcome.
    pub outcome: &'a Outcome<'a>,
    /// The number of attempts, including those that got no connection.
    pub attempts: u32,
    /// The duration, with all attempts and the waits between them.
    pub elapsed: Duration,
    /// How long the call waited because the rate of requests is limited, by a [`RateLimit`](crate::RateLimit) or by the
    /// service. An item of a bulk call with a limit waits before its call begins; that wait is not in `elapsed`.
    pub rate_limit_wait: Duration,
    maybe_applied: bool,
}

impl CallEvent<'_> {
    /// Whether the call failed although the service may have applied it, as
    /// [`Error::may_have_been_applied`] tells. `false` for a success, and for a call that changes nothing.
    ///
    /// ```
    /// # fn example(call: &kandy::CallEvent<'_>) {
    /// if call.may_have_been_applied() {
    ///     println!("{} is in doubt", call.operation);
    /// }
    /// # }
    /// ```
    pub fn may_have_been_applied(&self) -> bool {
        self.maybe_applied
    }

    /// Returns the level of the access token that the call mints; `None` for a call that mints none.
    ///
    /// ```
    /// # fn example(call: &kandy::CallEvent<'_>) {
    /// if let Some(level) = call.minted_level() {
    ///     println!("a token of the {level}: {}", call.outcome.is_success());
    /// }
    /// # }
    /// ```
    pub fn minted_level(&self) -> Option<Level> {
        minted_level(self.operation)
    }
}

/// Returns the level of the access token that an operation mints: its result is one, by the name of its schema.
fn minted_level(operation: &Operation) -> Option<Level> {
    let ResponseKind::Result(schema) = operation.response else { return None };
    match schema.strip_suffix("AccessToken")? {
        "Account" => Some(Level::Account),
        "Domain" => Some(Level::Domain),
        "User" => Some(Level::User),
        _ => None,
    }
}

impl fmt::Debug for CallEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallEvent")
            .field("operation", &self.operation.id)
            .field("outcome", &self.outcome)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("rate_limit_wait", &self.rate_limit_wait)
            .field("may_have_been_applied", &self.maybe_applied)
            .finish()
    }
}

/// A finished attempt of a call: one HTTP request. Contains no credential.
#[non_exhaustive]
pub struct AttemptEvent<'a> {
    /// The operation.
    pub operation: &'static Operation,
    /// The outcome.
    pub outcome: &'a Outcome<'a>,
    /// The number of the attempt, from 1.
    pub number: u32,
    /// The duration of the attempt, until its body was received; of a file or a streamed list, until its response began.
    pub elapsed: Duration,
    /// The host of the base URL.
    pub server_address: &'a str,
    /// The port of the base URL.
    pub server_port: u16,
}

impl fmt::Debug for AttemptEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptEvent")
            .field("operation", &self.operation.id)
            .field("outcome", &self.outcome)
            .field("number", &self.number)
            .field("elapsed", &self.elapsed)
            .field("server_address", &self.server_address)
            .field("server_port", &self.server_port)
            .finish()
    }
}

/// A message that an [`Inbox`](crate::Inbox) yielded. Contains nothing of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MessageReceived {
    /// The time from the timestamp of the message, which the service sets, until now; zero where the clock of the
    /// service is ahead. `None` if the message has no timestamp.
    pub lag: Option<Duration>,
    /// Whether the message was pushed on a data channel; otherwise the inbox polled it.
    pub is_pushed: bool,
}

impl MessageReceived {
    pub(crate) fn new(timestamp: Option<&Timestamp>, is_pushed: bool, now: SystemTime) -> Self {
        // A clock before 1970 counts as 1970. A timestamp before that is none, such as the zero of some clients.
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let sent = timestamp.and_then(Timestamp::as_millis).and_then(|millis| u64::try_from(millis).ok());
        let sent = sent.filter(|millis| *millis > 0).map(Duration::from_millis);
        Self { lag: sent.map(|sent| now.saturating_sub(sent)), is_pushed }
    }
}

/// The outcome of a call, before its response is decoded.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// A response arrived.
    #[non_exhaustive]
    Response {
        /// The HTTP status.
        http_status: u16,
        /// The service's own status, found without decoding the response; `None` if it is not near the beginning, as in
        /// a large response, which is a success.
        status: Option<Status>,
    },
    /// There is no response.
    Failed(&'a Error),
}

impl<'a> Outcome<'a> {
    pub(crate) fn of(outcome: &'a AttemptResult) -> Self {
        match outcome {
            Ok(response) => Self::Response { http_status: response.status().as_u16(), status: status(response) },
            Err(error) => Self::Failed(error),
        }
    }

    /// Returns the event of a call that ended with this outcome, and `result`.
    pub(crate) fn call(
        &'a self,
        operation: &'static Operation,
        result: &AttemptResult,
        progress: &Progress,
        rate_limit_wait: Duration,
    ) -> CallEvent<'a> {
        let maybe_applied = match result {
            _ if self.is_success() => false,
            Ok(response) => (progress.maybe_applied || !is_refusal(response)) && changes_something(operation.id),
            Err(error) => error.may_have_been_applied(),
        };
        let (attempts, elapsed) = (progress.attempts, progress.elapsed);
        CallEvent { operation, outcome: self, attempts, elapsed, rate_limit_wait, maybe_applied }
    }

    /// Returns the kind of a failure, of which there are few, for the attribute `error.type` of metrics: the HTTP status
    /// if it is not 200, `refused` if the service refused the call in a response with 200, or how the transport failed,
    /// such as `connect`. `None` for a success.
    ///
    /// ```
    /// # fn example(call: &kandy::CallEvent<'_>) {
    /// let kind = call.outcome.error_type().unwrap_or("none".into());
    /// # }
    /// ```
    pub fn error_type(&self) -> Option<Cow<'static, str>> {
        match self {
            _ if self.is_success() => None,
            Self::Response { http_status: 200, .. } => Some("refused".into()),
            Self::Response { http_status, .. } => Some(http_status.to_string().into()),
            Self::Failed(error) => Some(kind(error).into()),
        }
    }

    /// Whether the call succeeded, as far as can be told without decoding the response.
    pub fn is_success(&self) -> bool {
        match self {
            Self::Response { http_status, status } => {
                *http_status == 200 && status.is_none_or(|status| status.is_success())
            }
            Self::Failed(_) => false,
        }
    }
}

/// Returns the kind of an error.
pub(super) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Api(_) => "refused",
        Error::Transport(error) => error.phase().name(),
        Error::Decode(_) => "decode",
        Error::Argument(_) => "argument",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_of_a_message_is_bounded_and_needs_a_timestamp() {
        let second = |seconds| UNIX_EPOCH + Duration::from_secs(seconds);
        let lag = |timestamp: Option<i64>, now| {
            let timestamp = timestamp.map(Timestamp::from);
            MessageReceived::new(timestamp.as_ref(), false, now).lag
        };
        let now = second(1_700_000_100);
        for (what, timestamp, now, expected) in [
            ("milliseconds", Some(1_700_000_099_500), now, Some(Duration::from_millis(500))),
            ("seconds", Some(1_700_000_000), now, Some(Duration::from_secs(100))),
            ("the service's clock is ahead", Some(1_700_000_200_000), now, Some(Duration::ZERO)),
            ("far ahead", Some(i64::MAX), now, Some(Duration::ZERO)),
            ("none", None, now, None),
            ("zero", Some(0), now, None),
            ("negative", Some(-1), now, None),
            ("far back", Some(i64::MIN), now, None),
            (
                "our clock is before 1970",
                Some(1_700_000_000),
                UNIX_EPOCH - Duration::from_secs(1),
                Some(Duration::ZERO),
            ),
        ] {
            assert_eq!(lag(timestamp, now), expected, "{what}");
        }
        assert_eq!(MessageReceived::new(Some(&Timestamp::from("soon")), false, now).lag, None, "not a number");
    }

    #[test]
    fn the_operations_that_mint_a_token_are_those_that_a_source_sends() {
        let minting: Vec<_> = kandy_sys::OPERATIONS
            .iter()
            .filter_map(|operation| Some((operation.id, minted_level(operation)?)))
            .collect();
        let expected = [
            ("account_access_token_get", Level::Account),
            ("domain_access_token_get", Level::Domain),
            ("user_access_token_get", Level::User),
        ];
        assert_eq!(minting, expected);
    }
}
