//! The loop of a bulk job: reads rows, keeps calls in flight, and hands outcomes to the recorder.
//!
//! Depends on all other modules of `bulk`. Begin with [`run`].

use std::{collections::VecDeque, future::pending, path::PathBuf};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep_until};

use super::{
    BulkArguments, BulkJob, Input, Progress, dry_run,
    fingerprint::{self, Bounded, Comparison, Fingerprint},
    flow::{CheckedList, Flow},
    journal::{FileLocation, Journal, JournalHeader, RejectedKind, ResumeState},
    paths::BulkPaths,
    precheck,
    preparation::row_preparer,
    read::{RowSource, Rows},
    recorder::RowRecorder,
    rejected_file::RejectedFile,
    rejected_target, restart, same_rows,
};
use crate::{
    context::Context,
    failure::{Failure, Result},
    signal::Signals,
};

/// Processes each row of a file, several at a time.
pub(crate) async fn run<W: BulkJob>(context: &Context, job: &W, input: Input, arguments: &BulkArguments) -> Result {
    if context.is_dry_run() {
        return dry_run::check(context, job, input, arguments).await;
    }
    let paths = BulkPaths::find::<W>(&input, arguments)?;
    let (mut journal, mut past) = match &paths.journal {
        Some(path) => Journal::open(path, W::NAME)?,
        None => (Journal::none(), ResumeState::default()),
    };
    // The journal stays open and locked from here on, so that a second run of the same list stops (`journal_is_exclusive`).
    let (input, source, comparison) = measure_input(input, &past)?;
    let journal_header = JournalHeader { what: W::NAME, source, target: job.target()? };
    let length = input.length;
    let (name, is_stream) = (input.name.clone(), input.path.is_none());
    let list = input.path.clone().zip(source);
    let list = list.map(|(path, source)| CheckedList { path, format: input.format, source });
    let same_rows_journal = same_rows::find::<W>(&input, &journal_header, (paths.journal.as_deref(), &past));
    let (columns, reading) = (job.list_columns(), arguments.reading);
    Rows::check(&input, columns.clone(), reading)?;
    precheck::check(job, &input, source.map(|source| source.length), reading)?;
    if W::READS_AHEAD {
        read_ahead(job, &input, source, arguments)?;
    }
    let rows = Rows::open_checked(input, columns, reading)?;
    // The rows of a file are checked already.
    let prepare = row_preparer(job.preparation(), is_stream && !job.allows_duplicates());
    // A new run would write further unknown rows to the same file, and the user could not tell which run a row is of.
    if (arguments.restart || past.is_empty()) && !W::REPEATABLE {
        check_no_unknown_rows(&paths)?;
    }
    match &paths.journal {
        Some(_) if arguments.restart => {
            let done = same_rows_journal.as_ref().map_or(&past, |(_, same_rows_journal)| same_rows_journal);
            restart::confirm::<W>(done, &name, is_stream, arguments.yes)?;
            // A restart appends to no file with rows. Empty files may be reused.
            past.files.retain(|file| file.written.length == 0);
            past = ResumeState { files: past.files, ..ResumeState::default() };
        }
        Some(path) => {
            if let Some((journal, past)) = &same_rows_journal {
                return Err(restart::same_rows_failure(&name, journal, past));
            }
            restart::check::<W>(path, &past, &journal_header, comparison)?;
        }
        None => {}
    }
    job.begin().await?;
    // Not earlier: a bar would be drawn over a prompt.
    let progress = Progress::new(W::NOUNS[1], length, arguments.rate, context.has_progress());
    // From here on the first Ctrl-C ends the run in order instead of killing the process.
    let signals = Signals::listen()?;
    // Open every output before the first call, so that an unwritable path stops the run while nothing was sent
    // (`unwritable_path_is_found_before_sending`).
    let header = rows.header().cloned();
    let form = arguments.reading.form();
    let wanted = paths.failures();
    let found = wanted.find(&mut past)?;
    let failures = RejectedFile::open(&wanted, found, header.as_ref(), form)?;
    let unknown = match W::REPEATABLE {
        true => None,
        false => {
            let wanted = paths.unknown();
            let found = wanted.find(&mut past)?;
            Some(RejectedFile::open(&wanted, found, header.as_ref(), form)?)
        }
    };
    // Everything is checked: only now change the journal, so that a rejected run leaves it as it was.
    journal.start(&journal_header, &past)?;
    for file in [Some(&failures), unknown.as_ref()].into_iter().flatten() {
        file.declare(&mut journal);
    }
    journal.commit("", !W::REPEATABLE)?;
    let earlier = [RejectedKind::Failures, RejectedKind::Unknown].map(|which| {
        let current = if which == RejectedKind::Failures { Some(&failures) } else { unknown.as_ref() };
        earlier(&past, which, &paths, current)
    });
    let ResumeState { finished, begun, counts, .. } = past;
    if counts.all() > 0 {
        let processed = indicatif::HumanCount(counts.all());
        let grown = if comparison == Comparison::Grown { ", and rows were appended since" } else { "" };
        context.output.status(format_args!("{name}: {processed} of its rows are already processed{grown}"));
    }
    let has_unknown_calls = !begun.is_empty();
    let rows = rows.into_source(is_stream, finished, begun, prepare)?;
    let files = (failures, unknown);
    let recorder =
        RowRecorder::new(context, job, name, journal, files, earlier, header, progress, (counts, has_unknown_calls));
    let concurrency = arguments.concurrency.unwrap_or(W::CONCURRENCY).into();
    process(Flow::new(recorder, concurrency, arguments.rate, job.schedule(), list), rows, signals).await
}

/// Computes the fingerprint of a file and compares it with the journal. Bytes that are appended from now on are not
/// read.
pub(super) fn measure_input(input: Input, past: &ResumeState) -> Result<(Input, Option<Fingerprint>, Comparison)> {
    let Some(again) = &input.again else { return Ok((input, None, Comparison::Same)) };
    let before = past.source.filter(|_| !past.is_empty());
    let (whole, comparison) =
        fingerprint::measure(again, before, input.format).map_err(|error| Failure::of_file(&input.name, &error))?;
    let bytes = Box::new(Bounded::new(input.bytes, whole.length));
    Ok((Input { bytes, ..input }, Some(whole), comparison))
}

/// Lets the job note all usable rows: exactly those of the measured file.
fn read_ahead<W: BulkJob>(job: &W, input: &Input, whole: Option<Fingerprint>, arguments: &BulkArguments) -> Result {
    let (Some(file), Some(whole)) = (input.rewound()?, whole) else {
        return Err(Failure::usage(format!(
            "{} can be read only once, but this command reads its list twice: first to count it. Save it as a file",
            input.name
        )));
    };
    let bytes = Box::new(Bounded::new(Box::new(file), whole.length));
    let mut rows = Rows::begin(&input.name, input.format, bytes, job.list_columns(), arguments.reading)?;
    while let Some(row) = rows.next().map_err(dry_run::as_invalid_input)? {
        if let Ok(fields) = &row.fields {
            job.note(fields);
        }
    }
    input.rewound()?;
    Ok(())
}

/// Rejects a new run while a file has rows of unknown outcome from an earlier one.
fn check_no_unknown_rows(paths: &BulkPaths) -> Result {
    let unknown = paths.unknown();
    match rejected_target::left_over(unknown.path) {
        Ok(None) => Ok(()),
        Ok(Some(there)) => Err(Failure::usage(format!(
            "{} has rows of an earlier run with unknown outcome. Check whether they were applied, and move the file \
             away",
            there.display()
        ))),
        Err(error) => Err(unknown.unusable(unknown.path, &error)),
    }
}

/// Returns the files with rows of previous runs, except the current one.
fn earlier(past: &ResumeState, which: RejectedKind, paths: &BulkPaths, current: Option<&RejectedFile>) -> Vec<PathBuf> {
    let own = if which == RejectedKind::Failures { paths.failures() } else { paths.unknown() };
    let files = past.files.iter().filter(|file| file.which == which && file.rows > 0);
    let paths = files.filter_map(|file| match &file.place {
        FileLocation::File(path) => Some(path.clone()),
        FileLocation::NotRecorded => Some(own.path.to_owned()),
        FileLocation::Device => None,
    });
    paths.filter(|path| current.is_none_or(|current| current.path() != path)).collect()
}

/// Starts rows while there is room, and records outcomes as they arrive.
async fn process<W: BulkJob>(mut flow: Flow<'_, W>, mut rows: RowSource, mut signals: Signals) -> Result {
    let mut is_open = true;
    // Rows are taken in batches, so that a reading thread wakes up less often.
    let (mut read, mut unstarted) = (Vec::new(), VecDeque::new());
    loop {
        // A run with nothing left to begin does not wait.
        if !flow.is_ending() && (!unstarted.is_empty() || flow.has_delayed()) {
            flow.check_schedule();
        }
        if flow.recorder.is_stopping() {
            flow.wind_down(None);
        }
        let is_taking = (is_open || !unstarted.is_empty()) && !flow.is_ending();
        if flow.is_idle() && !is_taking {
            break;
        }
        let room = flow.room();
        if is_taking && !flow.is_closed() {
            let turns = flow.take_turns(room.min(unstarted.len()));
            if turns > 0 {
                flow.start(unstarted.drain(..turns));
                continue;
            }
        }
        // The first signal waits for the calls in flight, up to GRACE; the second does not (`first_signal_waits_for_calls_in_flight`,
        // `second_signal_does_not_wait`). Signals come first, so that a busy run cannot delay them.
        tokio::select! {
            biased;
            () = signals.next() => {
                if flow.is_ending() {
                    break;
                }
                if !flow.in_flight.is_empty() {
                    flow.recorder
                        .eprint("kandy: waiting for the calls in progress; press Ctrl-C again to stop at once");
                }
                flow.wind_down(Some(Failure::Interrupted(String::new())));
            }
            () = reached(flow.until) => break,
            () = reached(flow.next_due()) => flow.send_due(),
            () = reached(flow.closed_until), if !flow.is_ending() => {}
            () = reached(flow.next_turn), if is_taking && !flow.is_closed() => flow.next_turn = None,
            Some(outcome) = flow.in_flight.next(), if !flow.in_flight.is_empty() => {
                // All outcomes that are ready are committed together: one write, and one sync, for many rows.
                let mut next = Some(outcome);
                while let Some(outcome) = next {
                    flow.finish(outcome.item, outcome.result.map(drop));
                    next = flow.in_flight.next().now_or_never().flatten();
                }
                flow.recorder.flush();
            }
            has_more = rows.read(&mut read, room), if is_taking && room > 0 && unstarted.is_empty() => {
                is_open = has_more;
                for row in read.drain(..) {
                    match row {
                        Ok(row) => unstarted.push_back(row),
                        Err(failure) => {
                            is_open = false;
                            flow.ending.get_or_insert(failure);
                        }
                    }
                }
            }
        }
    }
    let Flow { mut recorder, in_flight, ending, .. } = flow;
    drop(in_flight);
    recorder.abandon();
    recorder.end(ending, is_open || !unstarted.is_empty())
}

/// Waits until an instant; forever without one.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}
