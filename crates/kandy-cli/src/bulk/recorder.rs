mod finish;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, mem,
    path::PathBuf,
};

use super::{
    BulkJob, Progress,
    attempt::RowOutcome,
    journal::{self, Journal},
    outcome::{Counts, RowStatus},
    read::{RawRow, Row},
    rejected_file::{Pending, RejectedFile},
    unrecorded::UnrecordedRows,
};
use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// Writes down what becomes of rows.
pub(super) struct RowRecorder<'a, W> {
    context: &'a Context,
    work: &'a W,
    /// What the input is called.
    name: String,
    journal: Journal,
    failures: RejectedFile,
    /// None where the file of failures takes them.
    unknown: Option<RejectedFile>,
    /// Files of runs before that have failures, or rows of unknown outcome, in them.
    earlier: [Vec<PathBuf>; 2],
    header: Option<csv::ByteRecord>,
    progress: Progress,
    counts: Counts,
    /// Rows whose calls are under way.
    taken: BTreeMap<u64, InFlightRow>,
    /// What those are known by that are done, and were not told yet; only where that is wanted.
    ids: Vec<String>,
    tells_ids: bool,
    /// How many outcomes were unknown one after another.
    in_doubt: usize,
    /// How many failures were told.
    told: u64,
    /// The line of the last row that was taken.
    last_line: u64,
    /// Whether a row was taken and is not settled.
    has_left: bool,
    /// Why what becomes of rows cannot be written down, and no other is to be begun.
    trouble: Option<Failure>,
    /// Why ids cannot be printed.
    unheard: Option<Failure>,
    lost: UnrecordedRows,
    /// Whether commands before have begun calls of which it is not known what they came to.
    has_begun: bool,
}

/// A row whose call is under way.
struct InFlightRow {
    line: u64,
    end: u64,
    raw: RawRow,
    id: String,
    /// Whether the journal has, or is about to have, that its call was begun.
    is_begun: bool,
}

/// When so many more outcomes than can be under way are unknown one after another, all others would be.
const MOST_IN_DOUBT: usize = 10;

/// How many failures are told at once. All of them are in the file.
const TOLD: u64 = 5;

impl<'a, W: BulkJob> RowRecorder<'a, W> {
    #[expect(clippy::too_many_arguments, reason = "it holds what it takes to do its work")]
    pub(super) fn new(
        context: &'a Context,
        work: &'a W,
        name: String,
        journal: Journal,
        (failures, unknown): (RejectedFile, Option<RejectedFile>),
        earlier: [Vec<PathBuf>; 2],
        header: Option<csv::ByteRecord>,
        progress: Progress,
        (counts, has_begun): (Counts, bool),
    ) -> Self {
        Self {
            context,
            work,
            name,
            journal,
            failures,
            unknown,
            earlier,
            header,
            progress,
            counts,
            taken: BTreeMap::new(),
            ids: Vec::new(),
            tells_ids: context.output.is_ids(),
            in_doubt: 0,
            told: 0,
            last_line: 0,
            has_left: false,
            trouble: None,
            unheard: None,
            lost: UnrecordedRows::default(),
            has_begun,
        }
    }

    /// Whether no other row is to be begun, because something on this machine failed.
    pub(super) fn is_stopping(&self) -> bool {
        self.trouble.is_some() || self.unheard.is_some()
    }

    /// Takes a row, and answers its call, unless it is settled without.
    fn take(&mut self, row: Row) -> Result<Option<(u64, W::Call)>> {
        let Row { number, line, end, fields, raw, begun } = row;
        self.progress.skip_to(end);
        self.last_line = line;
        let taken = InFlightRow { line, end, raw, id: String::new(), is_begun: false };
        if begun {
            self.reject(number, &taken, RowStatus::Unknown, "an earlier run ended before a response arrived");
            return Ok(None);
        }
        let (id, call) = match fields {
            Ok(fields) => self.work.call(fields)?,
            Err(reason) => {
                self.reject(number, &taken, RowStatus::Failed, &reason);
                return Ok(None);
            }
        };
        self.taken.insert(number, InFlightRow { id, is_begun: !W::REPEATABLE, ..taken });
        Ok(Some((number, call)))
    }

    /// Takes rows, and answers their calls, which may be made from then on: none if that cannot be written down.
    pub(super) fn begin(&mut self, rows: impl Iterator<Item = Row>) -> Vec<(u64, W::Call)> {
        let mut calls = Vec::new();
        for row in rows {
            match self.take(row) {
                Ok(call) => calls.extend(call),
                Err(failure) => self.stop(failure),
            }
        }
        let beginning = match W::REPEATABLE {
            true => String::new(),
            false => calls.iter().map(|(number, _)| journal::beginning(*number)).collect(),
        };
        let is_journaled = self.commit(&beginning);
        if self.trouble.is_some() {
            for (number, _) in mem::take(&mut calls) {
                let Some(taken) = self.taken.remove(&number) else { continue };
                self.leave(number, &taken, "not started");
                if !is_journaled {
                    self.lost.not_sent.remove(taken.line);
                }
            }
        }
        self.flush();
        calls
    }

    /// Writes down what was settled, and tells those who wait for it.
    pub(super) fn flush(&mut self) {
        self.commit("");
        match self.tell_ids() {
            Ok(()) => {}
            Err(failure) => {
                self.tells_ids = false;
                self.ids.clear();
                // Rows are processed even if the reader of the ids has closed the pipe.
                if !matches!(failure, Failure::ClosedPipe) {
                    self.unheard.get_or_insert(failure);
                }
            }
        }
    }

    /// Writes first to the journal and then to the files of rows that are not done. Answers whether the journal has it.
    /// Where a call must not be made twice, all of it lasts even when the power fails.
    fn commit(&mut self, beginning: &str) -> bool {
        let mut lines = String::new();
        let mut announced = Vec::new();
        for file in [Some(&self.failures), self.unknown.as_ref()].into_iter().flatten() {
            if let Some(line) = file.announcement() {
                lines.push_str(&line);
                announced.push(file.which);
            }
        }
        lines.push_str(beginning);
        let lasting = !W::REPEATABLE;
        let journaled = self.journal.commit(&lines, lasting && !lines.is_empty());
        let is_journaled = journaled.is_ok();
        match journaled {
            Ok(()) => {
                self.lost.done = Default::default();
                self.lost.not_sent = Default::default();
            }
            Err(failure) => self.stop(failure),
        }
        let (mut unwritten, mut failures) = (Vec::new(), Vec::new());
        for file in [Some(&mut self.failures), self.unknown.as_mut()].into_iter().flatten() {
            // What the journal does not know of must not be in a file: the next run comes to the same rows again.
            let is_announced = is_journaled && announced.contains(&file.which);
            let written = if is_journaled { file.write(lasting) } else { Ok(()) };
            match written {
                Ok(()) if is_announced => self.journal.confirm(file.which),
                Ok(()) => {}
                Err(failure) => {
                    failures.push(failure);
                    if is_announced {
                        self.journal.withdraw(file.which);
                    }
                }
            }
            unwritten.extend(file.take_unwritten().into_iter().map(|row| (row, is_announced)));
        }
        for (row, is_announced) in unwritten {
            // It was not sent, so the next run may try it again. A withdrawn announcement says that, too.
            if row.kind == RowStatus::Failed && row.is_begun && !is_announced && self.journal.is_kept() {
                self.journal.release(row.number);
                self.lost.not_sent.insert(row.line);
            }
            let lines = if row.kind == RowStatus::Unknown { &mut self.lost.unknown } else { &mut self.lost.failed };
            lines.insert(row.line);
        }
        failures.into_iter().for_each(|failure| self.stop(failure));
        is_journaled
    }

    /// No other row is to be begun.
    fn stop(&mut self, failure: Failure) {
        self.trouble.get_or_insert(failure);
    }

    fn tell_ids(&mut self) -> Result {
        if self.ids.is_empty() {
            return Ok(());
        }
        for id in self.ids.drain(..) {
            self.context.output.text(id)?;
        }
        self.context.output.flush()
    }

    /// Settles a row. Answers why no other is to be begun, where that is so.
    pub(super) fn settle(&mut self, number: u64, end: RowOutcome, concurrency: usize) -> Option<kandy::Error> {
        let taken = self.taken.remove(&number)?;
        let is_unknown = matches!(end, RowOutcome::Unknown(_) | RowOutcome::UnknownForAll(_));
        match end {
            RowOutcome::Done => {
                self.write_down(number, &taken, RowStatus::Done);
                if self.tells_ids {
                    self.ids.push(taken.id);
                }
            }
            RowOutcome::Existing => self.write_down(number, &taken, RowStatus::Existing),
            RowOutcome::Failed(error) => self.reject(number, &taken, RowStatus::Failed, &taken.raw.explain(&error)),
            RowOutcome::Unknown(error) => {
                self.reject(number, &taken, RowStatus::Unknown, &error.to_string());
                self.in_doubt += 1;
                if self.in_doubt >= concurrency + MOST_IN_DOUBT {
                    return Some(error);
                }
            }
            RowOutcome::UnknownForAll(error) => {
                self.reject(number, &taken, RowStatus::Unknown, &error.to_string());
                return Some(error);
            }
            RowOutcome::Stop(error) => {
                self.leave(number, &taken, &error.to_string());
                return Some(error);
            }
            RowOutcome::Left => self.leave(number, &taken, "interrupted"),
        }
        if !is_unknown {
            self.in_doubt = 0;
        }
        None
    }

    /// Nobody waits any longer for what is under way. Of the rows that are `waiting` to be tried again nothing is.
    pub(super) fn give_up(&mut self, waiting: &BTreeSet<u64>) {
        for (number, taken) in mem::take(&mut self.taken) {
            match W::REPEATABLE || waiting.contains(&number) {
                true => self.leave(number, &taken, "interrupted"),
                false => self.reject(number, &taken, RowStatus::Unknown, "interrupted before a response arrived"),
            }
        }
        self.flush();
    }

    /// The row stays unsettled; the next run of the same command processes it.
    fn leave(&mut self, number: u64, taken: &InFlightRow, reason: &str) {
        if !self.journal.is_kept() {
            return self.reject(number, taken, RowStatus::Failed, reason);
        }
        self.has_left = true;
        if !W::REPEATABLE {
            self.journal.release(number);
            self.lost.not_sent.insert(taken.line);
        }
    }

    /// A row failed, or it is not known whether it did.
    fn reject(&mut self, number: u64, taken: &InFlightRow, kind: RowStatus, reason: &str) {
        let reason = format!("line {}: {reason}", taken.line);
        let row = Pending { number, line: taken.line, kind, is_begun: taken.is_begun };
        let file = match (&mut self.unknown, kind) {
            (Some(unknown), RowStatus::Unknown) => unknown,
            _ => &mut self.failures,
        };
        file.add(&taken.raw, self.header.as_ref(), &reason, row);
        self.told += 1;
        match self.told {
            1..=TOLD => self.eprint(format_args!("{}, {reason}", self.name)),
            _ if self.told == TOLD + 1 => self.eprint("further failed rows are not shown here"),
            _ => {}
        }
        self.count(taken, kind);
    }

    fn write_down(&mut self, number: u64, taken: &InFlightRow, kind: RowStatus) {
        self.journal.settle(number, kind);
        self.lost.done.insert(taken.line);
        self.count(taken, kind);
    }

    fn count(&mut self, taken: &InFlightRow, kind: RowStatus) {
        self.counts.add(kind);
        self.progress.add(taken.end, self.counts.failed + self.counts.unknown);
    }

    /// Says something, unless only ids are wanted.
    pub(super) fn eprint(&self, what: impl fmt::Display) {
        if !self.context.output.is_quiet() {
            self.progress.eprint(what);
        }
    }
}
