//! Jobs: what is stored of one thing to be sent. Data only; depends on nothing.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The id of a job. A job whose id is known already is not added again, so an id of your own, such as that of an order, makes
/// adding safe to repeat.
///
/// ```
/// use kandy_outbox::JobId;
///
/// assert_eq!(JobId::from("order-17").as_str(), "order-17");
/// assert_ne!(JobId::random(), JobId::random());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(String);

impl JobId {
    /// Returns an id that no other job has.
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for JobId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for JobId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl AsRef<str> for JobId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a worker, which leases jobs. Each run of a worker has its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(String);

impl WorkerId {
    /// Returns an id that no other worker has.
    pub fn random() -> Self {
        Self(JobId::random().0)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// It waits to be sent.
    Queued,
    /// A worker has it.
    Leased,
    /// The service accepted it.
    Sent,
    /// The service, or the check of an argument, refused it: it was not sent.
    Refused,
    /// It may have been sent, or not: the response was lost, or the worker was killed meanwhile. It is not sent again by
    /// itself.
    Unknown,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Leased, Self::Sent, Self::Refused, Self::Unknown];

    /// Whether nothing more happens to a job by itself.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Sent | Self::Refused | Self::Unknown)
    }

    /// Returns the name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Sent => "sent",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A job to be added to a store.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What it is ordered by, such as the recipient: of the jobs with the same key one is sent after the other.
    pub key: String,
    /// What is sent, as JSON.
    pub payload: Box<RawValue>,
}

/// A job that a worker has leased.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it is ordered by.
    pub key: String,
    /// What is sent, as JSON.
    pub payload: Box<RawValue>,
    /// How often it was started before.
    pub attempts: u32,
    /// When it was added.
    pub added: SystemTime,
}

/// Jobs that a worker has leased, and when there may be more.
#[derive(Clone, Debug, Default)]
pub struct Leased {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// How long until the next queued job is due. `None` if none waits for its time.
    pub next_due: Option<Duration>,
}

/// What became of a job that a worker had.
#[derive(Clone, Debug)]
pub struct JobUpdate {
    /// The job.
    pub id: JobId,
    /// Its new state.
    pub state: NewState,
    /// Why, unless it was sent.
    pub error: Option<String>,
}

/// The state that a worker gives a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewState {
    /// The service accepted it.
    Sent,
    /// It was refused, and not sent.
    Refused,
    /// It may have been sent.
    Unknown,
    /// It was not sent, and is sent again after this time.
    Queued(Duration),
}

impl NewState {
    /// Returns the state of the job.
    pub fn state(self) -> JobState {
        match self {
            Self::Sent => JobState::Sent,
            Self::Refused => JobState::Refused,
            Self::Unknown => JobState::Unknown,
            Self::Queued(_) => JobState::Queued,
        }
    }
}

/// What a store knows of a job.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct JobRecord {
    /// Its id.
    pub id: JobId,
    /// What it is ordered by.
    pub key: String,
    /// Its state.
    pub state: JobState,
    /// How often it was started.
    pub attempts: u32,
    /// Why it was not sent, or why that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it was added, in milliseconds since 1970.
    #[serde(serialize_with = "as_milliseconds")]
    pub added: SystemTime,
    /// When its state changed last, in milliseconds since 1970.
    #[serde(serialize_with = "as_milliseconds")]
    pub changed: SystemTime,
    /// What is sent, as JSON.
    pub payload: Box<RawValue>,
}

impl JobRecord {
    /// Returns the record of a job that was just added.
    pub fn new(job: NewJob, added: SystemTime) -> Self {
        let NewJob { id, key, payload } = job;
        Self { id, key, state: JobState::Queued, attempts: 0, error: None, added, changed: added, payload }
    }
}

fn as_milliseconds<S: serde::Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(to_milliseconds(*time))
}

/// Returns the milliseconds since 1970.
pub(crate) fn to_milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Returns the time that is this many milliseconds after 1970.
pub(crate) fn from_milliseconds(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}

/// A page of jobs in one state, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<JobRecord>,
    /// Where the next page begins. `None` after the last one.
    pub next: Option<u64>,
}

/// How many jobs are in each state.
///
/// ```
/// use kandy_outbox::{JobCounts, JobState};
///
/// let mut counts = JobCounts::default();
/// *counts.of_mut(JobState::Sent) += 2;
/// assert_eq!((counts.of(JobState::Sent), counts.all()), (2, 2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct JobCounts {
    /// Jobs that wait to be sent.
    pub queued: u64,
    /// Jobs that workers have.
    pub leased: u64,
    /// Jobs that the service accepted.
    pub sent: u64,
    /// Jobs that were refused.
    pub refused: u64,
    /// Jobs that may have been sent.
    pub unknown: u64,
}

impl JobCounts {
    /// Returns how many jobs are in a state.
    pub fn of(&self, state: JobState) -> u64 {
        let mut counts = *self;
        *counts.of_mut(state)
    }

    /// Returns the number of the jobs in a state, to change it.
    pub fn of_mut(&mut self, state: JobState) -> &mut u64 {
        match state {
            JobState::Queued => &mut self.queued,
            JobState::Leased => &mut self.leased,
            JobState::Sent => &mut self.sent,
            JobState::Refused => &mut self.refused,
            JobState::Unknown => &mut self.unknown,
        }
    }

    /// Returns how many jobs there are.
    pub fn all(&self) -> u64 {
        JobState::ALL.into_iter().map(|state| self.of(state)).sum()
    }

    /// Whether no job is queued or leased.
    pub fn is_settled(&self) -> bool {
        self.queued + self.leased == 0
    }
}
