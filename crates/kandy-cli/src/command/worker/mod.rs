//! `kandy worker`: sends the rows of a queue.
//!
//! ```text
//! window    when rows may begin
//! counter   what the worker did
//! ```
//!
//! Begin with [`Worker::run`].

mod counter;
mod window;

use std::{future::ready, time::Duration};

use clap::Args;
use kandy::RateLimit;
use kandy_outbox::{JobStore, Outbox};
use kandy_redis::RedisJobStore;
use serde_json::json;

use self::{counter::Counter, window::Window};
use super::{
    sms::job::{SmsRow, queue_target},
    user::{import::UserRow, list_target::list_target},
};
use crate::{
    arguments::DeviceArguments,
    bulk::{QueuedJob, QueuedKind, QueuedRow, ScheduleArguments, add_counts, rate, rows, seconds},
    context::Context,
    failure::{Failure, Result},
    interrupt::Interrupt,
    output::OutputSchema,
    queue::Queue,
};

/// Send the rows of a queue, on as many machines as you like
///
/// `kandy sms send --queue` and `kandy user import --queue` fill queues. Each row is sent by one worker, and of the rows
/// of one recipient, one after the other. A worker records on Redis that it begins a row before it sends it, so no row is
/// sent twice: if a worker is killed, its rows in progress have an unknown outcome and are listed by `kandy queue
/// unknown`, and all others go to other workers.
///
/// A worker waits for further rows, unless --until-settled is given. Ctrl-C ends it in order: it begins no more rows,
/// and waits for those in progress; press it again to stop at once.
///
/// It uses the device (or the domain, for users) of its own profile, which must be the one that the rows were queued
/// with. While Redis or the service cannot be reached it begins nothing, and tries again. If the service rejects the
/// credentials, it stops.
///
/// Redis must have each write on its disk before it confirms it, or rows might be sent twice after a crash: set
/// `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`. Otherwise the worker sends nothing, unless
/// --trust-durability is given.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy worker --queue redis://127.0.0.1:6379/spring --until-settled\n  \
    for worker in 1 2 3 4; do kandy worker --queue spring --until-settled & done; wait\n\n\
    Exit codes: 5 some rows have an unknown outcome, 8 some failed, 130 interrupted")]
pub(crate) struct Worker {
    /// Queue: redis://HOST[:PORT]/NAME, or the name of one at the server in KANDY_REDIS_URL
    #[arg(long, value_name = "QUEUE")]
    queue: String,
    /// End when every row of the queue is settled, instead of waiting for further ones
    #[arg(long)]
    until_settled: bool,
    /// Number of concurrent calls
    #[arg(long, value_name = "CALLS", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Maximum rate of calls of this worker, such as 10/s or 600/min (default: none)
    #[arg(long, value_name = "RATE", value_parser = rate)]
    rate: Option<RateLimit>,
    /// Maximum rate of calls of all workers of the queue together; give each the same (default: none)
    #[arg(long, value_name = "RATE", value_parser = rate)]
    shared_rate: Option<RateLimit>,
    #[command(flatten)]
    schedule: ScheduleArguments,
    /// Send although Redis may forget what it confirmed: after a crash of Redis, rows may be sent twice
    #[arg(long)]
    trust_durability: bool,
    #[command(flatten)]
    device: DeviceArguments,
}

const WORKED: OutputSchema =
    OutputSchema { name: "rows", operation: "", at: "", id: "", columns: &["sent", "failed", "unknown", "seconds"] };

/// How often the queue is asked for its first row.
const FIRST_LOOK: Duration = Duration::from_secs(1);

impl Worker {
    pub(crate) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("a worker only sends; `kandy queue status` counts the rows")?;
        context.output.check_fields(&WORKED)?;
        let queue = Queue::open(&self.queue)?;
        let window = Window(self.schedule.schedule()?);
        if let Some(rate) = self.shared_rate {
            context.share_rate(queue.rate_limit(rate));
        }
        let interrupt = Interrupt::listen()?;
        let store = match self.trust_durability {
            true => queue.store().trust_durability(),
            false => queue.store(),
        };
        let kind = tokio::select! {
            kind = first_kind(context, &queue, &store, self.until_settled) => kind?,
            () = interrupt.signaled(1) => return Err(Interrupt::failure()),
        };
        let running = Running { worker: &self, context, queue: &queue, store, window, interrupt: &interrupt };
        match kind {
            None => running.report(&Counter::new(context, self.rate)),
            Some(kind) if kind.kind == UserRow::KIND => {
                kind.check::<UserRow>(&queue, list_target(context)?)?;
                running.run::<UserRow>(&context.domain()?).await
            }
            Some(kind) => {
                let device = tokio::select! {
                    device = context.device(&self.device) => device?,
                    () = interrupt.signaled(1) => return Err(Interrupt::failure()),
                };
                kind.check::<SmsRow>(&queue, queue_target(context, &device)?)?;
                running.run::<SmsRow>(&device).await
            }
        }
    }
}

/// Waits for the first row, and returns its kind; `None` if there is none and the worker should not wait.
async fn first_kind(
    context: &Context,
    queue: &Queue,
    store: &RedisJobStore,
    until_settled: bool,
) -> Result<Option<QueuedKind>> {
    let mut is_reported = false;
    loop {
        let kind = QueuedKind::of(queue, store).await?;
        if kind.is_some() || until_settled {
            return Ok(kind);
        }
        if !is_reported {
            is_reported = true;
            context.output.status(format_args!("queue {queue} is empty; waiting for rows"));
        }
        store.wait(FIRST_LOOK).await;
    }
}

/// A worker whose queue has rows.
struct Running<'a> {
    worker: &'a Worker,
    context: &'a Context,
    queue: &'a Queue,
    store: RedisJobStore,
    window: Window,
    interrupt: &'a Interrupt,
}

impl Running<'_> {
    async fn run<R: QueuedRow<Call: kandy::CallBuilder<Value: 'static>>>(&self, handle: &R::Handle) -> Result {
        let counter = Counter::new(self.context, self.worker.rate);
        let outbox: Outbox<QueuedJob<R>> = Outbox::new(self.store.clone()).observer(counter.clone());
        let ended = loop {
            if let Err(failure) = self.window.opens(self.interrupt, &counter).await {
                break Err(failure);
            }
            let mut worker =
                outbox.worker(|job: QueuedJob<R>| job.row.call(handle)).concurrency(self.worker.concurrency.into());
            if let Some(rate) = self.worker.rate {
                worker = worker.rate_limit(rate);
            }
            if self.worker.until_settled {
                worker = worker.ends_when_settled();
            }
            let stop = async {
                tokio::select! {
                    () = self.interrupt.signaled(1) => counter.eprint(
                        "kandy: waiting for the calls in progress; press Ctrl-C again to stop at once",
                    ),
                    () = self.window.closes() => {}
                }
            };
            let ended = tokio::select! {
                biased;
                () = self.interrupt.signaled(2) => Err(Interrupt::failure()),
                ended = worker.run_until(stop) => ended.map_err(Failure::from),
            };
            if let Err(failure) = ended {
                break Err(failure);
            }
            if self.is_interrupted().await {
                break Err(Interrupt::failure());
            }
            // Either the window has ended, or all rows are settled.
            if self.worker.until_settled {
                match self.store.counts().await {
                    Ok(counts) if counts.is_settled() => break Ok(()),
                    Ok(_) => {}
                    Err(error) => break Err(error.into()),
                }
            }
        };
        let reported = self.report(&counter);
        ended.and(reported)
    }

    async fn is_interrupted(&self) -> bool {
        tokio::select! {
            biased;
            () = self.interrupt.signaled(1) => true,
            () = ready(()) => false,
        }
    }

    fn report(&self, counter: &Counter) -> Result {
        let [sent, failed, unknown] = counter.counts();
        let elapsed = counter.end();
        let mut sentence = format!("{} of {} sent", rows(sent), self.queue);
        add_counts(&mut sentence, &[(failed, "failed"), (unknown, "with unknown outcome")]);
        self.context.output.status(sentence);
        let members = json!({"sent": sent, "failed": failed, "unknown": unknown, "seconds": seconds(elapsed)});
        self.context.output.summary(&WORKED, members)?;
        let queue = self.queue;
        match (unknown, failed) {
            (0, 0) => Ok(()),
            (0, failed) => {
                Err(Failure::Some(format!("{} failed; `kandy queue failures {queue}` lists all", rows(failed))))
            }
            (unknown, _) => Err(Failure::Unknown(format!(
                "{} may or may not have been sent; `kandy queue unknown {queue}` lists all",
                rows(unknown)
            ))),
        }
    }
}
