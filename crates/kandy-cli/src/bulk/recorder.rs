//! Records what becomes of rows: in the journal, in the files for rejected rows, on stderr, and in the counts.
//!
//! Depends on the journal and the rejected files; knows nothing of the loop that makes the calls. Begin with
//! [`RowRecorder`].

mod commit;
mod finish;

use std::{collections::HashMap, fmt, mem, path::PathBuf, time::Duration};

use super::{
    BulkJob, Progress, RowCheck,
    journal::{self, Journal},
    outcome::{Counts, RowStatus},
    read::{RawRow, Row},
    rejected_file::{Pending, RejectedFile},
    row_call::RowOutcome,
    unrecorded::UnrecordedRows,
};
use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// Records the outcomes of rows.
pub(super) struct RowRecorder<'a, W> {
    context: &'a Context,
    job: &'a W,
    /// The name of the input, for messages.
    name: String,
    journal: Journal,
    failures: RejectedFile,
    /// The file for rows with unknown outcome; `None` where they go to `failures`.
    unknown: Option<RejectedFile>,
    /// Files of previous runs with failed rows, and with rows of unknown outcome.
    earlier: [Vec<PathBuf>; 2],
    header: Option<csv::ByteRecord>,
    progress: Progress,
    counts: Counts,
    /// Rows whose calls are in flight. A hash table, which keeps its memory while rows come and go.
    in_flight: HashMap<u64, InFlightRow>,
    /// Ids of completed rows that are to be printed, for `--quiet`: a line each.
    ids: String,
    prints_ids: bool,
    /// The number of consecutive unknown outcomes.
    consecutive_unknown: usize,
    /// The number of rejected rows that were reported on stderr.
    reported: u64,
    /// The line of the last row that was started.
    last_line: u64,
    /// Whether a row was started and is left for the next run.
    has_unprocessed: bool,
    /// Why outcomes cannot be recorded; no further call is started.
    local_failure: Option<Failure>,
    /// Why ids cannot be printed.
    output_failure: Option<Failure>,
    unrecorded: UnrecordedRows,
    /// Whether a previous run sent calls whose outcome is unknown.
    has_unknown_calls: bool,
}

/// A row whose call is in flight.
struct InFlightRow {
    line: u64,
    end: u64,
    raw: RawRow,
    id: String,
    /// Whether the journal announces its call, or is about to.
    is_begun: bool,
}

/// This many consecutive unknown outcomes beyond the calls in flight stop the run: every further call would have one,
/// too.
const MAX_UNKNOWN: usize = 10;

/// The number of rejected rows that are reported on stderr. The file has all of them.
const MAX_REPORTED: u64 = 5;

impl<'a, W: BulkJob> RowRecorder<'a, W> {
    #[expect(clippy::too_many_arguments, reason = "it holds what it takes to do its work")]
    pub(super) fn new(
        context: &'a Context,
        job: &'a W,
        name: String,
        journal: Journal,
        (failures, unknown): (RejectedFile, Option<RejectedFile>),
        earlier: [Vec<PathBuf>; 2],
        header: Option<csv::ByteRecord>,
        progress: Progress,
        (counts, has_unknown_calls): (Counts, bool),
    ) -> Self {
        Self {
            context,
            job,
            name,
            journal,
            failures,
            unknown,
            earlier,
            header,
            progress,
            counts,
            in_flight: HashMap::new(),
            ids: String::new(),
            prints_ids: context.output.prints_ids(),
            consecutive_unknown: 0,
            reported: 0,
            last_line: 0,
            has_unprocessed: false,
            local_failure: None,
            output_failure: None,
            unrecorded: UnrecordedRows::default(),
            has_unknown_calls,
        }
    }

    /// Returns whether no further call may be started, because of a failure on this machine.
    pub(super) fn is_stopping(&self) -> bool {
        self.local_failure.is_some() || self.output_failure.is_some()
    }

    /// Prepares the call of a row. Returns `None` if the row is rejected without a call.
    fn prepare(&mut self, row: Row) -> Result<Option<(u64, W::Call)>> {
        let Row { number, line, end, fields, raw, begun, suppressed } = row;
        self.progress.skip_to(end);
        self.last_line = line;
        let in_flight = InFlightRow { line, end, raw, id: String::new(), is_begun: false };
        if begun {
            self.reject(number, &in_flight, RowStatus::Unknown, "an earlier run ended before a response arrived");
            return Ok(None);
        }
        if suppressed {
            self.record(number, &in_flight, RowStatus::Suppressed);
            return Ok(None);
        }
        let checked = fields.map(|mut fields| (self.job.check(&mut fields), fields));
        let (id, call) = match checked {
            Ok((RowCheck::Send, fields)) => self.job.call(fields)?,
            Ok((RowCheck::Existing, _)) => {
                self.record(number, &in_flight, RowStatus::Existing);
                return Ok(None);
            }
            Ok((RowCheck::Refused(reason), _)) | Err(reason) => {
                self.reject(number, &in_flight, RowStatus::Failed, &reason);
                return Ok(None);
            }
        };
        self.in_flight.insert(number, InFlightRow { id, is_begun: !W::REPEATABLE, ..in_flight });
        Ok(Some((number, call)))
    }

    /// Starts rows. Adds their calls to `calls`, which may be sent once this returns: none if they cannot be recorded.
    pub(super) fn start(&mut self, rows: impl Iterator<Item = Row>, calls: &mut Vec<(u64, W::Call)>) {
        for row in rows {
            match self.prepare(row) {
                Ok(call) => calls.extend(call),
                Err(failure) => self.stop(failure),
            }
        }
        // Write-ahead: the announcements are on disk before the caller gets the calls. After a kill from here on, the next run
        // lists the rows as unknown and does not send them (`kill_sends_nothing_twice`); after a kill before, it sends them.
        // A repeatable call needs no announcement, which saves a sync per batch.
        let announcements = match W::REPEATABLE {
            true => String::new(),
            false => calls.iter().map(|(number, _)| journal::beginning(*number)).collect(),
        };
        let is_journaled = self.commit(&announcements);
        if self.local_failure.is_some() {
            // None of these calls may be sent. Release those that were announced; the others are not in the journal and
            // simply remain for the next run (`limited_journal_stops_the_run`).
            for (number, _) in mem::take(calls) {
                let Some(in_flight) = self.in_flight.remove(&number) else { continue };
                self.release(number, &in_flight, "not started");
                if !is_journaled {
                    self.unrecorded.not_sent.remove(in_flight.line);
                }
            }
        }
        self.flush();
    }

    /// Stops starting calls.
    fn stop(&mut self, failure: Failure) {
        self.local_failure.get_or_insert(failure);
    }

    /// Records the outcome of a call. Returns an error that stops the run.
    pub(super) fn record_outcome(&mut self, number: u64, end: RowOutcome, concurrency: usize) -> Option<kandy::Error> {
        let in_flight = self.in_flight.remove(&number)?;
        let is_unknown = matches!(end, RowOutcome::Unknown(_) | RowOutcome::UnknownForAll(_));
        match end {
            RowOutcome::Done => {
                self.record(number, &in_flight, RowStatus::Done);
                if self.prints_ids {
                    self.ids.push_str(&in_flight.id);
                    self.ids.push('\n');
                }
            }
            RowOutcome::Existing => self.record(number, &in_flight, RowStatus::Existing),
            RowOutcome::Failed(error) => {
                self.reject(number, &in_flight, RowStatus::Failed, &in_flight.raw.explain(&error))
            }
            RowOutcome::Unknown(error) => {
                self.reject(number, &in_flight, RowStatus::Unknown, &error.to_string());
                // Up to `concurrency` calls may fail before the first failure is seen. More in a row mean that the service does
                // not respond to any (`unresponsive_service_stops_the_run`).
                self.consecutive_unknown += 1;
                if self.consecutive_unknown >= concurrency + MAX_UNKNOWN {
                    return Some(error);
                }
            }
            RowOutcome::UnknownForAll(error) => {
                self.reject(number, &in_flight, RowStatus::Unknown, &error.to_string());
                return Some(error);
            }
            RowOutcome::Stop(error) => {
                self.release(number, &in_flight, &error.to_string());
                return Some(error);
            }
            RowOutcome::Released => self.release(number, &in_flight, "interrupted"),
        }
        if !is_unknown {
            self.consecutive_unknown = 0;
        }
        None
    }

    /// Abandons the calls in flight. A call that may be repeated leaves its row for the next run.
    pub(super) fn abandon(&mut self) {
        let mut rows: Vec<_> = mem::take(&mut self.in_flight).into_iter().collect();
        rows.sort_unstable_by_key(|(number, _)| *number);
        for (number, in_flight) in rows {
            match W::REPEATABLE {
                true => self.release(number, &in_flight, "interrupted"),
                false => self.reject(number, &in_flight, RowStatus::Unknown, "interrupted before a response arrived"),
            }
        }
        self.flush();
    }

    /// Leaves out of the pace a time in which no row could begin.
    pub(super) fn pause(&mut self, duration: Duration) {
        self.progress.pause(duration);
    }

    /// Records that the calls of these rows are not sent for now, so that a kill does not make the rows unknown.
    pub(super) fn suspend(&mut self, numbers: impl Iterator<Item = u64>) {
        if W::REPEATABLE {
            return;
        }
        numbers.for_each(|number| self.journal.release(number));
        self.flush();
    }

    /// Announces the calls of suspended rows again. Returns false if they must not be sent, because that is not recorded.
    pub(super) fn resume(&mut self, numbers: impl Iterator<Item = u64>) -> bool {
        if !W::REPEATABLE {
            let announcements: String = numbers.map(journal::beginning).collect();
            self.commit(&announcements);
        }
        self.local_failure.is_none()
    }

    /// Leaves a row for the next run.
    fn release(&mut self, number: u64, in_flight: &InFlightRow, reason: &str) {
        if !self.journal.is_kept() {
            return self.reject(number, in_flight, RowStatus::Failed, reason);
        }
        self.has_unprocessed = true;
        if !W::REPEATABLE {
            self.journal.release(number);
            self.unrecorded.not_sent.insert(in_flight.line);
        }
    }

    /// Records a row that failed or has an unknown outcome.
    fn reject(&mut self, number: u64, in_flight: &InFlightRow, status: RowStatus, reason: &str) {
        let reason = format!("line {}: {reason}", in_flight.line);
        let row = Pending { number, line: in_flight.line, status, is_begun: in_flight.is_begun };
        let file = match (&mut self.unknown, status) {
            (Some(unknown), RowStatus::Unknown) => unknown,
            _ => &mut self.failures,
        };
        file.add(&in_flight.raw, self.header.as_ref(), &reason, row);
        self.reported += 1;
        match self.reported {
            1..=MAX_REPORTED => self.eprint(format_args!("{}, {reason}", self.name)),
            _ if self.reported == MAX_REPORTED + 1 => self.eprint("further failed rows are not shown here"),
            _ => {}
        }
        self.count(in_flight, status);
    }

    fn record(&mut self, number: u64, in_flight: &InFlightRow, status: RowStatus) {
        self.journal.record(number, status);
        // A suppressed row that is not recorded is suppressed again.
        if status != RowStatus::Suppressed {
            self.unrecorded.note_done(in_flight.line);
        }
        self.count(in_flight, status);
    }

    fn count(&mut self, in_flight: &InFlightRow, status: RowStatus) {
        self.counts.add(status);
        self.progress.add(in_flight.end, self.counts.failed + self.counts.unknown);
    }

    /// Prints a message, unless only ids are wanted.
    pub(super) fn eprint(&self, what: impl fmt::Display) {
        if !self.context.output.is_quiet() {
            self.progress.eprint(what);
        }
    }
}
