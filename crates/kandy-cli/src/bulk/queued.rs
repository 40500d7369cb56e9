//! Rows as jobs of a queue: what is stored of each, and the call that a worker makes of it.
//!
//! Depends on nothing of `bulk`. Begin with [`QueuedRow`].

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use kandy::CallBuilder;
use kandy_outbox::{JobId, JobState, JobStore, NewJob};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::to_raw_value;

use crate::{
    failure::{Failure, Result},
    queue::Queue,
};

/// What a queue stores of a row.
pub(crate) trait QueuedRow: Serialize + DeserializeOwned + Clone + Send + 'static {
    /// The name of such rows in a queue.
    const KIND: &'static str;
    /// The handle that makes the call.
    type Handle;
    /// The call of a row.
    type Call: CallBuilder<Value: Send> + Clone + Sync + 'static;

    /// Returns the recipient, in one form: rows with the same one are sent one after the other.
    fn recipient(&self) -> String;

    /// Returns the call.
    fn call(self, handle: &Self::Handle) -> Self::Call;
}

/// The payload of a job.
#[derive(Serialize, Deserialize)]
pub(crate) struct QueuedJob<R> {
    kind: String,
    /// The hash of the base URL, and of the device or domain. A worker with another one would send to somebody else.
    target: u32,
    pub(crate) row: R,
}

/// What the jobs of a queue are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct QueuedKind {
    pub(crate) kind: String,
    pub(crate) target: u32,
}

impl QueuedKind {
    /// Returns what the jobs of a queue are; `None` if it has none. All jobs of a queue are of one kind.
    pub(crate) async fn of(queue: &Queue, store: &impl JobStore) -> Result<Option<Self>> {
        for state in JobState::ALL {
            if let Some(job) = store.jobs(state, 0, 1).await?.jobs.first() {
                let kind = serde_json::from_str(job.payload.get());
                return kind.map(Some).map_err(|_| {
                    Failure::usage(format!("queue {queue} has jobs of another program; use another queue"))
                });
            }
        }
        Ok(None)
    }

    /// Rejects jobs that are not of this kind and target.
    pub(crate) fn check<R: QueuedRow>(&self, queue: &Queue, target: u32) -> Result {
        if self.kind != R::KIND {
            return Err(Failure::usage(format!("queue {queue} has jobs of kind {:?}; use another queue", self.kind)));
        }
        if self.target != target {
            return Err(Failure::usage(format!(
                "the jobs of queue {queue} are for another base URL, or for another device or domain; use the profile that \
                 they were queued with, or another queue"
            )));
        }
        Ok(())
    }
}

/// Makes jobs of rows.
pub(super) struct JobMaker {
    target: u32,
    /// How often each row occurred; `None` if none may occur twice.
    occurrences: Option<HashMap<[u8; 16], u32>>,
}

impl JobMaker {
    pub(super) fn new(target: u32, allows_duplicates: bool) -> Self {
        Self { target, occurrences: allows_duplicates.then(Default::default) }
    }

    /// Makes the job of a row.
    ///
    /// Its id is a hash of the whole row and of its target, so a list that is queued again adds no row twice, also after it was
    /// sorted or rows were appended.
    pub(super) fn job<R: QueuedRow>(&mut self, row: R) -> Result<NewJob> {
        let key = row.recipient();
        let job = QueuedJob { kind: R::KIND.to_owned(), target: self.target, row };
        let payload =
            to_raw_value(&job).map_err(|error| Failure::local(format!("the row cannot be written: {error}")))?;
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest(&SHA256, payload.get().as_bytes()).as_ref()[..16]);
        let mut id = hex(&hash);
        if let Some(occurrences) = &mut self.occurrences {
            let count = occurrences.entry(hash).or_default();
            if *count > 0 {
                id.push_str(&format!("-{count}"));
            }
            *count += 1;
        }
        Ok(NewJob { id: JobId::from(id), key, payload })
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
