//! `kandy queue`: shows and clears queues.

use std::time::UNIX_EPOCH;

use clap::{Args, Subcommand, ValueEnum};
use kandy_outbox::{JobId, JobPage, JobRecord, JobState, JobStore};
use serde_json::{Map, Value, json};

use crate::{
    arguments::LongListArguments,
    bulk::rows,
    confirm::Confirmation,
    context::Context,
    failure::{Failure, Result},
    output::{ListView, OutputSchema},
    queue::Queue,
};

/// Show what became of the rows of a queue, and clear it
#[derive(Subcommand)]
pub(crate) enum QueueCommand {
    /// Show how many rows wait, are being sent, were sent, failed, or have an unknown outcome
    #[command(after_help = "Example:\n  kandy queue status redis://127.0.0.1:6379/spring")]
    Status(QueueName),
    /// List the rows that failed: they were not sent
    #[command(after_help = "Examples:\n  kandy queue failures spring\n  kandy queue failures spring --json")]
    Failures(Listing),
    /// List the rows with unknown outcome: they may or may not have been sent
    #[command(after_help = "Example:\n  kandy queue unknown spring")]
    Unknown(Listing),
    /// Send rows again that failed or have an unknown outcome
    ///
    /// A row with unknown outcome may have been sent: check that first, because it would be sent twice.
    #[command(after_help = "Examples:\n  kandy queue send-again spring --failures\n  kandy queue send-again spring \
        0f4e1c27a9b35d6880c2f1aa37e95b14")]
    SendAgain(SendAgain),
    /// Remove rows from the queue, which forgets them: the same list could be queued, and sent, again
    #[command(after_help = "Example:\n  kandy queue purge spring --state sent --yes")]
    Purge(Purge),
}

/// Selects a queue.
#[derive(Args)]
pub(crate) struct QueueName {
    /// Queue: redis://HOST[:PORT]/NAME, or the name of one at the server in KANDY_REDIS_URL
    #[arg(value_name = "QUEUE")]
    queue: String,
}

#[derive(Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    queue: QueueName,
    #[command(flatten)]
    list: LongListArguments,
}

#[derive(Args)]
pub(crate) struct SendAgain {
    #[command(flatten)]
    queue: QueueName,
    /// Ids of rows, as the lists print them
    #[arg(value_name = "ID", required_unless_present = "failures", conflicts_with = "failures")]
    ids: Vec<String>,
    /// Send all rows again that failed
    #[arg(long)]
    failures: bool,
}

#[derive(Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    queue: QueueName,
    /// Rows to remove (default: all of a queue with nothing left to send)
    #[arg(long, value_enum)]
    state: Option<Settled>,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// A state in which nothing more happens to a row by itself.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Settled {
    Sent,
    Failed,
    Unknown,
}

const STATUS: OutputSchema = OutputSchema {
    name: "queues",
    operation: "",
    at: "",
    id: "queue",
    columns: &["queue", "waiting", "in_progress", "sent", "failed", "unknown"],
};

const ROWS: OutputSchema = OutputSchema {
    name: "rows",
    operation: "",
    at: "",
    id: "id",
    columns: &["recipient", "error", "timestamp", "attempts", "id", "row"],
};

/// What a table leaves out first.
const OPTIONAL: &[&str] = &["row", "attempts", "timestamp", "id"];

const PURGED: OutputSchema =
    OutputSchema { name: "queues", operation: "", at: "", id: "queue", columns: &["queue", "removed"] };
const QUEUED_AGAIN: OutputSchema =
    OutputSchema { name: "queues", operation: "", at: "", id: "queue", columns: &["queue", "queued"] };

/// The number of rows that are read at once.
const PAGE: usize = 500;

impl QueueCommand {
    pub(crate) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported, because a queue is on Redis, and no request is sent to the service")?;
        match self {
            Self::Status(queue) => status(context, &Queue::open(&queue.queue)?).await,
            Self::Failures(listing) => listing.run(context, JobState::Refused).await,
            Self::Unknown(listing) => listing.run(context, JobState::Unknown).await,
            Self::SendAgain(command) => command.run(context).await,
            Self::Purge(command) => command.run(context).await,
        }
    }
}

async fn status(context: &Context, queue: &Queue) -> Result {
    context.output.check_fields(&STATUS)?;
    let counts = queue.store().counts().await?;
    let counts = json!({
        "queue": queue.to_string(), "waiting": counts.queued, "in_progress": counts.leased, "sent": counts.sent,
        "failed": counts.refused, "unknown": counts.unknown,
    });
    context.output.object(&STATUS, counts)
}

impl Listing {
    async fn run(self, context: &Context, state: JobState) -> Result {
        let queue = Queue::open(&self.queue.queue)?;
        context.output.check_fields(&ROWS)?;
        let store = queue.store();
        let view = ListView::new(&self.list.list).compact(self.list.wide.wide, OPTIONAL);
        let mut list = context.output.begin_list_in(&ROWS, &view);
        let mut next = Some(0);
        while let Some(begin) = next {
            let JobPage { jobs, next: following } = store.jobs(state, begin, PAGE).await?;
            for job in jobs {
                list.item(row(&job))?;
                if list.is_full() {
                    return list.end_early();
                }
            }
            next = following;
        }
        list.end()
    }
}

/// Returns a row as a list prints it.
fn row(job: &JobRecord) -> Value {
    let payload: Map<String, Value> = serde_json::from_str(job.payload.get()).unwrap_or_default();
    let millis = job.changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    json!({
        "recipient": job.key, "error": job.error, "timestamp": u64::try_from(millis).unwrap_or(u64::MAX),
        "attempts": job.attempts, "id": job.id, "row": payload.get("row"),
    })
}

impl SendAgain {
    async fn run(self, context: &Context) -> Result {
        let queue = Queue::open(&self.queue.queue)?;
        let store = queue.store();
        let mut queued = 0;
        if self.failures {
            // A row that is queued again leaves the list, so the next page is the first one.
            loop {
                let jobs = store.jobs(JobState::Refused, 0, PAGE).await?.jobs;
                let ids: Vec<_> = jobs.into_iter().map(|job| job.id).collect();
                let count = store.requeue(ids).await?;
                queued += count;
                if count == 0 {
                    break;
                }
            }
        } else {
            let asked = self.ids.len() as u64;
            queued = store.requeue(self.ids.into_iter().map(JobId::from).collect()).await?;
            if queued < asked {
                let message =
                    format!("{} queued again. The others are not in the queue, or wait, or were sent", rows(queued));
                return Err(Failure::NotFound(message));
            }
        }
        context.output.status(format_args!("{} queued again in {queue}", rows(queued)));
        context.output.summary(&QUEUED_AGAIN, json!({"queue": queue.to_string(), "queued": queued}))
    }
}

impl Purge {
    async fn run(self, context: &Context) -> Result {
        let queue = Queue::open(&self.queue.queue)?;
        let store = queue.store();
        let counts = store.counts().await?;
        let states = match self.state {
            Some(Settled::Sent) => vec![JobState::Sent],
            Some(Settled::Failed) => vec![JobState::Refused],
            Some(Settled::Unknown) => vec![JobState::Unknown],
            None if counts.is_settled() => vec![JobState::Sent, JobState::Refused, JobState::Unknown],
            None => {
                return Err(Failure::usage(format!(
                    "{} of queue {queue} still to be sent; name what to remove with --state, or wait for the workers",
                    rows(counts.queued + counts.leased)
                )));
            }
        };
        let count: u64 = states.iter().map(|state| counts.of(*state)).sum();
        let what = format!("{} of queue {queue}", rows(count));
        self.confirmation.ask(context, what, "the record that they were sent").await?;
        let mut removed = 0;
        for state in states {
            removed += store.purge(state).await?;
        }
        context.output.status(format_args!("{} removed from {queue}", rows(removed)));
        context.output.summary(&PURGED, json!({"queue": queue.to_string(), "removed": removed}))
    }
}
