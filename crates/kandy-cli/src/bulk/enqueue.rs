//! Adds the rows of a list to a queue, from which workers send them.
//!
//! There is no journal: Redis knows which rows it has. Begin with [`enqueue`].

use std::{collections::BTreeSet, mem};

use kandy_outbox::{NewJob, Outbox};
use serde_json::json;

use super::{
    BulkArguments, BulkJob, Fields, Input, Progress, RowCheck, dry_run,
    figures::rows,
    journal::{Finished, Journal},
    paths::BulkPaths,
    precheck,
    preparation::row_preparer,
    queued::{JobMaker, QueuedKind, QueuedRow},
    read::{Row, Rows},
    run::measure_input,
    summary::{add_counts, pace, seconds},
};
use crate::{
    context::Context,
    failure::{Failure, Result},
    output::OutputSchema,
    queue::Queue,
    signal::Signals,
};

/// A job whose rows workers can send.
pub(crate) trait QueueableJob: BulkJob {
    /// What a queue stores of a row.
    type Row: QueuedRow;

    /// Returns a short hash of the base URL, and of the device or domain.
    fn queue_target(&self) -> Result<u32>;

    /// Returns the handle that makes calls.
    fn handle(&self) -> &<Self::Row as QueuedRow>::Handle;

    /// Returns what a queue stores of a row.
    fn row(&self, fields: Fields) -> Result<Self::Row>;
}

const QUEUED: OutputSchema = OutputSchema {
    name: "rows",
    operation: "",
    at: "",
    id: "",
    columns: &["queued", "known", "failed", "suppressed", "seconds"],
};

/// The number of rows that are added at once.
const BATCH: usize = 1000;

/// What became of the rows.
#[derive(Default)]
struct Counts {
    queued: u64,
    /// Rows that the queue had already.
    known: u64,
    failed: u64,
    suppressed: u64,
}

/// Adds each row of a list to a queue. Rows that it has already are left out.
pub(crate) async fn enqueue<W: QueueableJob>(
    context: &Context,
    job: &W,
    input: Input,
    arguments: &BulkArguments,
    queue: &Queue,
) -> Result {
    if context.is_dry_run() {
        return dry_run::check(context, job, input, arguments).await;
    }
    reject_options(arguments)?;
    context.output.check_fields(&QUEUED)?;
    check_not_begun::<W>(&input, arguments)?;
    let store = queue.store();
    let target = job.queue_target()?;
    if let Some(kind) = QueuedKind::of(queue, &store).await? {
        kind.check::<W::Row>(queue, target)?;
    }
    let (input, source, _) = measure_input(input, &Default::default())?;
    let (name, is_stream, length) = (input.name.clone(), input.path.is_none(), input.length);
    let (columns, reading) = (job.list_columns(), arguments.reading);
    Rows::check(&input, columns.clone(), reading)?;
    precheck::check(job, &input, source.map(|source| source.length), reading)?;
    let prepare = row_preparer(job.preparation(), is_stream && !job.allows_duplicates());
    let list = Rows::open_checked(input, columns, reading)?;
    let (mut receiver, reader) = list.read_prepared(Finished::default(), BTreeSet::new(), prepare)?;
    let mut progress = Progress::new("rows", length, None, context.has_progress());
    let mut signals = Signals::listen()?;
    let mut adding = Adding {
        job,
        name,
        outbox: Outbox::new(store),
        jobs: JobMaker::new(target, job.allows_duplicates()),
        batch: Vec::new(),
        counts: Counts::default(),
    };
    let read = async {
        while let Some(row) = receiver.recv().await {
            let row = row?;
            let end = row.end;
            if let Some(reason) = adding.add(row).await? {
                progress.eprint(reason);
            }
            progress.add(end, adding.counts.failed);
        }
        adding.flush().await
    };
    let ended = tokio::select! {
        biased;
        () = signals.next() => Err(Failure::Interrupted("interrupted; the same command adds the other rows".into())),
        ended = read => ended,
    };
    // A reader that panicked must not look like the end of the input. After a failure it may wait for more of it.
    let ended = match ended {
        Ok(()) => reader.join().map_err(|_| Failure::local("the file was not read to the end")),
        failure => failure,
    };
    progress.end();
    adding.report(context, queue, &progress)?;
    ended?;
    match adding.counts.failed {
        0 => Ok(()),
        failed => Err(Failure::Some(format!(
            "{} cannot be used. Correct the list and run the command again: it adds only what is missing",
            rows(failed)
        ))),
    }
}

/// Rejects options that concern sending, which workers do.
fn reject_options(arguments: &BulkArguments) -> Result {
    let workers = [("--concurrency", arguments.concurrency.is_some()), ("--rate", arguments.rate.is_some())];
    if let Some((option, _)) = workers.into_iter().find(|(_, is_given)| *is_given) {
        return Err(Failure::usage(format!("with --queue, workers send: give {option} to `kandy worker`")));
    }
    let without = [
        ("--journal", arguments.journal.is_some()),
        ("--restart", arguments.restart),
        ("--failures", arguments.failures.is_some()),
    ];
    match without.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(Failure::usage(format!(
            "{option} cannot be used with --queue, which keeps the progress; see `kandy queue`"
        ))),
        None => Ok(()),
    }
}

/// Rejects a list of which a run without a queue has sent rows: they would be sent twice.
fn check_not_begun<W: BulkJob>(input: &Input, arguments: &BulkArguments) -> Result {
    let Some(path) = BulkPaths::find::<W>(input, arguments)?.journal else { return Ok(()) };
    let past = Journal::peek(&path, W::NAME).unwrap_or_default();
    match W::REPEATABLE || past.is_empty() {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "{} records that rows of this list were sent without a queue, and the queue would send them again. Run the \
             command without --queue, or queue a list with the other rows",
            path.display()
        ))),
    }
}

/// Adds rows.
struct Adding<'a, W: QueueableJob> {
    job: &'a W,
    name: String,
    outbox: Outbox<W::Row>,
    jobs: JobMaker,
    batch: Vec<NewJob>,
    counts: Counts,
}

impl<W: QueueableJob> Adding<'_, W> {
    /// Adds a row, at once or with further ones. Returns what is wrong with it.
    async fn add(&mut self, row: Row) -> Result<Option<String>> {
        let Row { line, fields, raw, suppressed, .. } = row;
        if suppressed {
            self.counts.suppressed += 1;
            return Ok(None);
        }
        let reason = match fields {
            Err(reason) => Some(reason),
            Ok(mut fields) => match self.job.check(&mut fields) {
                RowCheck::Existing => return Ok(None),
                RowCheck::Refused(reason) => Some(reason),
                RowCheck::Send => {
                    let row = self.job.row(fields)?;
                    let call = row.clone().call(self.job.handle());
                    let reason = dry_run::refusal_of_call(call, &raw).await?;
                    if reason.is_none() {
                        self.batch.push(self.jobs.job(row)?);
                    }
                    reason
                }
            },
        };
        if self.batch.len() >= BATCH {
            self.flush().await?;
        }
        self.counts.failed += u64::from(reason.is_some());
        Ok(reason.map(|reason| format!("{}, line {line}: {reason}", self.name)))
    }

    async fn flush(&mut self) -> Result {
        let batch = mem::take(&mut self.batch);
        let count = batch.len() as u64;
        let added = self.outbox.add_all(batch).await?;
        self.counts.queued += added;
        self.counts.known += count - added;
        Ok(())
    }

    fn report(&self, context: &Context, queue: &Queue, progress: &Progress) -> Result {
        let Counts { queued, known, failed, suppressed } = self.counts;
        let elapsed = progress.elapsed();
        let mut sentence = format!("{} queued in {queue}", rows(queued));
        add_counts(&mut sentence, &[(known, "already there"), (failed, "unusable"), (suppressed, "suppressed")]);
        context.output.status(format_args!("{sentence}{}", pace(progress.count(), elapsed)));
        let members = json!({
            "queued": queued, "known": known, "failed": failed, "suppressed": suppressed, "seconds": seconds(elapsed),
        });
        context.output.summary(&QUEUED, members)
    }
}
