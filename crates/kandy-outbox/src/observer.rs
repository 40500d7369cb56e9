//! [`OutboxObserver`]: sees each change of a job. Depends on `job`.

use std::fmt;

use crate::{JobId, JobState};

/// Sees each change of a job that an [`Outbox`](crate::Outbox) or its workers make, for logs and metrics.
///
/// The task that makes the change runs it, so it must not block. What another process does to a shared store is seen there.
///
/// ```
/// use kandy_outbox::{JobChange, JobState, OutboxObserver};
///
/// #[derive(Debug)]
/// struct PrintUnknown;
///
/// impl OutboxObserver for PrintUnknown {
///     fn job_changed(&self, change: &JobChange<'_>) {
///         if change.state == JobState::Unknown {
///             println!("was {} sent?", change.id);
///         }
///     }
/// }
/// ```
pub trait OutboxObserver: fmt::Debug + Send + Sync + 'static {
    /// Called after a change is stored.
    fn job_changed(&self, change: &JobChange<'_>);
}

/// A change of a job.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct JobChange<'a> {
    /// The job.
    pub id: &'a JobId,
    /// What it is ordered by, such as the recipient.
    pub key: &'a str,
    /// Its new state.
    pub state: JobState,
    /// How often it was started, with this time.
    pub attempts: u32,
    /// Why it was not sent, or why that is unknown. It quotes the service, so it may contain anything but credentials.
    pub error: Option<&'a str>,
}
