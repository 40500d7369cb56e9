//! [`Observer`]: the trait with which users watch calls, and the [`CallEvent`] that it receives. Depends on
//! `attempt_result`.

use std::{fmt, time::Duration};

use kandy_sys::{Operation, Status};

use super::attempt_result::{AttemptResult, status};
use crate::{Error, error::Progress};

/// Receives an event for every finished call, for metrics.
///
/// The task that makes the call runs it, so it must not block.
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
}

impl fmt::Debug for CallEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallEvent")
            .field("operation", &self.operation.id)
            .field("outcome", &self.outcome)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("rate_limit_wait", &self.rate_limit_wait)
            .finish()
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

    pub(crate) fn call(
        &'a self,
        operation: &'static Operation,
        progress: &Progress,
        rate_limit_wait: Duration,
    ) -> CallEvent<'a> {
        let Progress { attempts, elapsed, .. } = *progress;
        CallEvent { operation, outcome: self, attempts, elapsed, rate_limit_wait }
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
