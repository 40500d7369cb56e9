use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, mem,
};

use indicatif::HumanCount;

use super::{
    Progress, Work,
    attempt::End,
    journal::{Journal, Kind},
    read::{Raw, Row},
    rejected::Rejected,
    summary::{Counts, pace},
};
use crate::{
    context::Context,
    failure::{Failure, Result},
};

/// Writes down what becomes of rows.
pub(super) struct Settling<'a, W> {
    context: &'a Context,
    work: &'a W,
    /// What the input is called.
    name: String,
    journal: Journal,
    failures: Rejected,
    unknown: Rejected,
    header: Option<csv::ByteRecord>,
    progress: Progress,
    counts: Counts,
    /// Rows whose calls are under way.
    taken: BTreeMap<u64, Taken>,
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
}

/// A row whose call is under way.
struct Taken {
    line: u64,
    end: u64,
    raw: Raw,
    id: String,
}

/// When so many more outcomes than can be under way are unknown one after another, all others would be.
const MOST_IN_DOUBT: usize = 10;

/// How many failures are told at once. All of them are in the file.
const TOLD: u64 = 5;

impl<'a, W: Work> Settling<'a, W> {
    #[expect(clippy::too_many_arguments, reason = "it holds what it takes to do its work")]
    pub(super) fn new(
        context: &'a Context,
        work: &'a W,
        name: String,
        journal: Journal,
        (failures, unknown): (Rejected, Rejected),
        header: Option<csv::ByteRecord>,
        progress: Progress,
        counts: Counts,
    ) -> Self {
        Self {
            context,
            work,
            name,
            journal,
            failures,
            unknown,
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
        }
    }

    /// Takes a row, and answers its call, unless it is settled without.
    fn take(&mut self, row: Row) -> Result<Option<(u64, W::Call)>> {
        let Row { number, line, end, fields, raw, begun } = row;
        self.progress.skip_to(end);
        self.last_line = line;
        let taken = Taken { line, end, raw, id: String::new() };
        if begun {
            self.reject(number, &taken, Kind::Unknown, "an earlier command ended before an answer came")?;
            return Ok(None);
        }
        let (id, call) = match fields {
            Ok(fields) => self.work.call(fields)?,
            Err(reason) => {
                self.reject(number, &taken, Kind::Failed, &reason)?;
                return Ok(None);
            }
        };
        self.taken.insert(number, Taken { id, ..taken });
        Ok(Some((number, call)))
    }

    /// Takes rows, and answers their calls, which may be made from then on.
    pub(super) fn begin(&mut self, rows: impl Iterator<Item = Row>) -> Result<Vec<(u64, W::Call)>> {
        let mut calls = Vec::new();
        for row in rows {
            calls.extend(self.take(row)?);
        }
        if !W::REPEATABLE {
            self.sync_rejected()?;
            self.journal.begin(calls.iter().map(|(number, _)| *number))?;
        }
        self.flush()?;
        Ok(calls)
    }

    /// Writes down what was settled, and tells those who wait for it.
    pub(super) fn flush(&mut self) -> Result {
        self.sync_rejected()?;
        self.journal.flush()?;
        match self.tell_ids() {
            // What is to be done is to be done, whoever listens.
            Err(Failure::ClosedPipe) => {
                self.tells_ids = false;
                Ok(())
            }
            told => told,
        }
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

    /// Rows that the journal is going to call settled last as long as it does. Those that can be done again need not.
    fn sync_rejected(&mut self) -> Result {
        if W::REPEATABLE {
            return Ok(());
        }
        self.failures.sync()?;
        self.unknown.sync()
    }

    /// Settles a row. Answers why no other is to be begun, where that is so.
    pub(super) fn settle(&mut self, number: u64, end: End, concurrency: usize) -> Result<Option<kandy::Error>> {
        let Some(taken) = self.taken.remove(&number) else { return Ok(None) };
        let is_unknown = matches!(end, End::Unknown(_) | End::UnknownForAll(_));
        match end {
            End::Done => {
                self.write_down(number, &taken, Kind::Done, 0);
                if self.tells_ids {
                    self.ids.push(taken.id);
                }
            }
            End::Existing => self.write_down(number, &taken, Kind::Existing, 0),
            End::Failed(error) => self.reject(number, &taken, Kind::Failed, &taken.raw.explain(&error))?,
            End::Unknown(error) => {
                self.reject(number, &taken, Kind::Unknown, &error.to_string())?;
                self.in_doubt += 1;
                if self.in_doubt >= concurrency + MOST_IN_DOUBT {
                    return Ok(Some(error));
                }
            }
            End::UnknownForAll(error) => {
                self.reject(number, &taken, Kind::Unknown, &error.to_string())?;
                return Ok(Some(error));
            }
            End::Stop(error) => {
                self.leave(number, &taken, &error.to_string())?;
                return Ok(Some(error));
            }
            End::Left => self.leave(number, &taken, "it was interrupted")?,
        }
        if !is_unknown {
            self.in_doubt = 0;
        }
        Ok(None)
    }

    /// Nobody waits any longer for what is under way. Of the rows that are `waiting` to be tried again nothing is.
    pub(super) fn give_up(&mut self, waiting: &BTreeSet<u64>) -> Result {
        for (number, taken) in mem::take(&mut self.taken) {
            match W::REPEATABLE || waiting.contains(&number) {
                true => self.leave(number, &taken, "it was interrupted")?,
                false => self.reject(number, &taken, Kind::Unknown, "it was interrupted before an answer came")?,
            }
        }
        self.flush()
    }

    /// A row is not settled, and the same command goes on with it.
    fn leave(&mut self, number: u64, taken: &Taken, reason: &str) -> Result {
        if !self.journal.is_kept() {
            return self.reject(number, taken, Kind::Failed, reason);
        }
        self.has_left = true;
        match W::REPEATABLE {
            true => Ok(()),
            false => {
                self.journal.give_back(number);
                Ok(())
            }
        }
    }

    /// A row failed, or it is not known whether it did.
    fn reject(&mut self, number: u64, taken: &Taken, kind: Kind, reason: &str) -> Result {
        let reason = format!("line {}: {reason}", taken.line);
        let file = match kind {
            Kind::Unknown if !W::REPEATABLE => &mut self.unknown,
            _ => &mut self.failures,
        };
        let length = file.write(&taken.raw, self.header.as_ref(), &reason)?;
        self.told += 1;
        match self.told {
            1..=TOLD => self.say(format_args!("{}, {reason}", self.name)),
            _ if self.told == TOLD + 1 => self.say("and more, which are not told here"),
            _ => {}
        }
        self.write_down(number, taken, kind, length);
        Ok(())
    }

    fn write_down(&mut self, number: u64, taken: &Taken, kind: Kind, length: u64) {
        self.journal.settle(number, kind, length);
        self.counts.add(kind);
        self.progress.add(taken.end, self.counts.failed + self.counts.unknown);
    }

    /// Says something, unless only ids are wanted.
    pub(super) fn say(&self, what: impl fmt::Display) {
        if !self.context.output.is_quiet() {
            self.progress.say(what);
        }
    }

    /// The end: what all of it came to. `ending` is why it ends before the rows do.
    pub(super) fn end(self, ending: Option<Failure>, is_open: bool) -> Result {
        self.progress.end();
        let took = self.progress.took();
        let Counts { failed, unknown, .. } = self.counts;
        // What commands before have done counts, too.
        let in_all = if self.counts.all() > self.progress.count() { "in all " } else { "" };
        let sentence = self.counts.sentence(W::NOUNS, W::VERB);
        self.context.output.done(format_args!("{in_all}{sentence}{}", pace(self.progress.count(), took)));
        if self.context.output.is_json() {
            self.context.output.object(&W::SUMMARY, self.counts.json(W::SUMMARY.columns, took))?;
        }
        match ending {
            // The signal came when there was nothing left to begin.
            Some(Failure::Interrupted(_)) if !is_open && !self.has_left => {}
            Some(failure) => {
                let how = self.how_to_go_on();
                let failure = match failure {
                    Failure::Interrupted(_) => Failure::Interrupted(format!("interrupted; {how}")),
                    other => {
                        let unknown = match unknown {
                            unknown if unknown > 0 && !W::REPEATABLE => {
                                format!("; rows whose outcome is not known: {}", self.unknown.path().display())
                            }
                            _ => String::new(),
                        };
                        self.context.output.done(format_args!("stopped; {how}{unknown}"));
                        other
                    }
                };
                if self.counts.all() == 0 {
                    self.journal.remove()?;
                }
                return Err(failure);
            }
            None if self.progress.count() == 0 && self.counts.all() > 0 => {
                self.context.output.done("nothing was left to do; --restart does all of it again");
            }
            None => {}
        }
        let failures = self.failures.path().display();
        let nouns = |count: u64| format!("{} {}", HumanCount(count), W::NOUNS[usize::from(count != 1)]);
        if unknown > 0 && !W::REPEATABLE {
            let failed = match failed {
                0 => String::new(),
                failed => format!(", and {failed} failed: {failures}"),
            };
            return Err(Failure::Unknown(format!(
                "whether {} {} is not known: {}{failed}",
                nouns(unknown),
                if unknown == 1 { format!("was {}", W::VERB) } else { format!("were {}", W::VERB) },
                self.unknown.path().display(),
            )));
        }
        let failure = (failed + unknown > 0)
            .then(|| Failure::Some(format!("{} failed: mend {failures}, and give that", nouns(failed + unknown))));
        if W::REPEATABLE {
            self.journal.remove()?;
        }
        failure.map_or(Ok(()), Err)
    }

    fn how_to_go_on(&self) -> String {
        match (self.journal.is_kept(), W::REPEATABLE) {
            _ if self.counts.all() == 0 => "nothing is done yet".into(),
            (true, _) => "the same command goes on with the rest".into(),
            (false, true) => "the same input can be given again".into(),
            (false, false) => format!("all rows up to line {} are settled", self.last_line),
        }
    }
}
