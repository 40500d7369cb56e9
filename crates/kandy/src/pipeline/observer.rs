use std::{fmt, time::Duration};

use kandy_sys::{Operation, Status};

use super::attempt_result::{AttemptResult, status};
use crate::{Error, error::Progress};

/// Is told of every call that has finished, for metrics.
///
/// It is called on the task that made the call, so it must not block.
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
    /// A call has finished. Minting a token is a call of its own.
    fn call_finished(&self, call: &CallEvent<'_>);
}

/// A call that has finished. Nothing in it is a credential.
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// What was called.
    pub operation: &'static Operation,
    /// What it came to.
    pub outcome: &'a Outcome<'a>,
    /// How many requests were sent, or tried to be.
    pub attempts: u32,
    /// How long it all took.
    pub elapsed: Duration,
}

impl fmt::Debug for CallEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallEvent")
            .field("operation", &self.operation.id)
            .field("outcome", &self.outcome)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish()
    }
}

/// What a call came to, before its answer is decoded.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The service answered.
    #[non_exhaustive]
    Response {
        /// The HTTP status.
        http_status: u16,
        /// The service's own status, where it stands near enough to the beginning of the answer to be seen before it
        /// is decoded. Otherwise it is a large answer, which is a success.
        status: Option<Status>,
    },
    /// There is no answer.
    Failed(&'a Error),
}

impl<'a> Outcome<'a> {
    pub(crate) fn of(outcome: &'a AttemptResult) -> Self {
        match outcome {
            Ok(response) => Self::Response { http_status: response.status().as_u16(), status: status(response) },
            Err(error) => Self::Failed(error),
        }
    }

    pub(crate) fn call(&'a self, operation: &'static Operation, progress: &Progress) -> CallEvent<'a> {
        CallEvent { operation, outcome: self, attempts: progress.attempts, elapsed: progress.elapsed }
    }

    /// Whether the service did what was asked, as far as can be seen without decoding the answer.
    pub fn is_success(&self) -> bool {
        match self {
            Self::Response { http_status, status } => {
                *http_status == 200 && status.is_none_or(|status| status.is_success())
            }
            Self::Failed(_) => false,
        }
    }
}
