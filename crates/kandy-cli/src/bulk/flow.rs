//! The calls of a run: those in flight, those to be sent again after a delay, and the end of the run.
//!
//! [`CallPool`] keeps the calls in flight. Depends on the recorder; [`run`](super::run()) polls it. Begin with [`Flow`].

use std::{collections::BTreeMap, fs::File, path::PathBuf, time::Duration};

use jiff::Timestamp;
use kandy::{CallBuilder, CallPool, Error, RateLimit};
use tokio::time::Instant;

use super::{
    BulkJob,
    fingerprint::{self, Comparison, Fingerprint},
    format::Format,
    read::Row,
    recorder::RowRecorder,
    row_call::{NextStep, RowCall, RowOutcome},
    schedule::Schedule,
};
use crate::failure::Failure;

/// The time that calls in flight get once the run is ending.
const GRACE: Duration = Duration::from_secs(5);

/// How often the clock is read again while no row may begin: it may be set, or the machine may sleep.
const CLOCK_INTERVAL: Duration = Duration::from_secs(30);

/// The calls of a job `W` in flight, each with its row.
type Pool<W> = CallPool<RowCall<<W as BulkJob>::Call>, <<W as BulkJob>::Call as CallBuilder>::Value>;

/// A file whose rows were checked before the first call.
pub(super) struct CheckedList {
    pub(super) path: PathBuf,
    pub(super) format: Format,
    pub(super) source: Fingerprint,
}

/// The calls of a run.
pub(super) struct Flow<'a, W: BulkJob> {
    pub(super) recorder: RowRecorder<'a, W>,
    concurrency: usize,
    pub(super) in_flight: Pool<W>,
    /// Calls that are about to be sent; empty otherwise, but it keeps its memory.
    starting: Vec<(u64, W::Call)>,
    /// Rows to be sent again, by time. No call of them is in flight, so the end of the run releases them at once
    /// (`limited_list_waits_until_interrupted`).
    delayed: BTreeMap<(Instant, u64), RowCall<W::Call>>,
    /// When the next turn under `--rate` is, if a row waits for it. A row is started at its turn, so that the journal announces no
    /// call that only waits (`interrupt_releases_rows_that_wait_for_the_rate`).
    pub(super) next_turn: Option<Instant>,
    /// Why the run ends before the last row.
    pub(super) ending: Option<Failure>,
    /// When the calls in flight are abandoned; set once the run is ending.
    pub(super) until: Option<Instant>,
    is_rate_limit_reported: bool,
    /// When rows may begin; `None` if at any time.
    schedule: Option<Schedule>,
    /// The list, which may be edited while the run waits; `None` for a stream.
    list: Option<CheckedList>,
    /// When the schedule is checked again. Until then no row begins.
    pub(super) closed_until: Option<Instant>,
    /// The time until which the run waits, as it was reported.
    reported: Option<Timestamp>,
    /// When the wait began.
    closed_since: Instant,
}

impl<'a, W: BulkJob> Flow<'a, W> {
    pub(super) fn new(
        recorder: RowRecorder<'a, W>,
        concurrency: usize,
        rate: Option<RateLimit>,
        schedule: Option<Schedule>,
        list: Option<CheckedList>,
    ) -> Self {
        let in_flight = CallPool::new(concurrency);
        let in_flight = match rate {
            Some(rate) => in_flight.rate_limit(rate),
            None => in_flight,
        };
        Self {
            recorder,
            concurrency,
            in_flight,
            starting: Vec::new(),
            delayed: BTreeMap::new(),
            next_turn: None,
            ending: None,
            until: None,
            is_rate_limit_reported: false,
            schedule,
            list,
            closed_until: None,
            reported: None,
            closed_since: Instant::now(),
        }
    }

    /// Returns whether no further call is started.
    pub(super) fn is_ending(&self) -> bool {
        self.until.is_some()
    }

    /// Returns whether the schedule lets no row begin.
    pub(super) fn is_closed(&self) -> bool {
        self.closed_until.is_some()
    }

    /// Checks whether rows may begin now, before each time that some do. Call it if there are rows to begin.
    ///
    /// Outside of the schedule, rows that are sent again after a delay are no longer announced in the journal: a run may
    /// wait for a night, and be killed.
    pub(super) fn check_schedule(&mut self) {
        let Some(schedule) = &self.schedule else { return };
        let now = Timestamp::now();
        let Some(until) = schedule.wait(now) else {
            if self.closed_until.take().is_some() {
                self.reported = None;
                self.recorder.pause(self.closed_since.elapsed());
                match self.check_list() {
                    // If that fails, the recorder is stopping, and the delayed rows are released.
                    Ok(()) => drop(self.recorder.resume(self.delayed.values().map(|call| call.number))),
                    Err(failure) => self.wind_down(Some(failure)),
                }
            }
            return;
        };
        if !self.is_closed() {
            self.closed_since = Instant::now();
            self.recorder.suspend(self.delayed.values().map(|call| call.number));
        }
        if self.reported != Some(until) {
            self.reported = Some(until);
            self.recorder.eprint(format_args!(
                "kandy: waiting until {}; Ctrl-C stops, and the same command resumes",
                schedule.show(until)
            ));
        }
        let left = Duration::try_from(until.duration_since(now)).unwrap_or_default();
        self.closed_until = Some(Instant::now() + left.min(CLOCK_INTERVAL));
    }

    /// Checks that the list was not edited while the run waited: rows that are read from now on were checked before.
    fn check_list(&self) -> Result<(), Failure> {
        let Some(CheckedList { path, format, source }) = &self.list else { return Ok(()) };
        let measured = File::open(path).and_then(|file| fingerprint::measure(&file, Some(*source), *format));
        match measured {
            Ok((_, Comparison::Shorter | Comparison::Changed)) => Err(Failure::local(format!(
                "{} was changed while the run waited; no further row was sent",
                path.display()
            ))),
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::of_file(path.display(), &error)),
        }
    }

    /// Returns whether no row waits for a call or for its response.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.delayed.is_empty()
    }

    /// Returns whether rows wait to be sent again.
    pub(super) fn has_delayed(&self) -> bool {
        !self.delayed.is_empty()
    }

    /// Returns how many rows may be started. Delayed rows take up room, so that a rate limit stops the reading, too.
    pub(super) fn room(&self) -> usize {
        self.in_flight.room().saturating_sub(self.delayed.len())
    }

    /// Returns how many of `rows` rows may be started now, and takes their turns.
    pub(super) fn take_turns(&mut self, rows: usize) -> usize {
        if rows == 0 {
            return 0;
        }
        // A row that is rejected without a call leaves its turn to the next one.
        let now = Instant::now();
        let (turns, wait) = self.in_flight.take_turns(rows, now.into_std());
        self.next_turn = wait.map(|wait| now + wait);
        turns
    }

    /// Starts rows, whose turns are taken.
    pub(super) fn start(&mut self, rows: impl Iterator<Item = Row>) {
        self.recorder.start(rows, &mut self.starting);
        for (number, call) in self.starting.drain(..) {
            RowCall::new(number, call, W::REPEATABLE).send(&mut self.in_flight);
        }
    }

    /// Returns when the next delayed row is due and has its turn.
    pub(super) fn next_due(&self) -> Option<Instant> {
        if self.is_closed() {
            return None;
        }
        self.delayed.first_key_value().map(|((due, _), _)| self.next_turn.map_or(*due, |turn| turn.max(*due)))
    }

    /// Sends the delayed rows that are due, as far as there are turns.
    pub(super) fn send_due(&mut self) {
        let now = Instant::now();
        while self.delayed.first_key_value().is_some_and(|((due, _), _)| *due <= now) && self.take_turns(1) > 0 {
            if let Some((_, call)) = self.delayed.pop_first() {
                call.send(&mut self.in_flight);
            }
        }
    }

    /// Records the outcome of a call, or delays its row.
    pub(super) fn finish(&mut self, mut call: RowCall<W::Call>, result: Result<(), Error>) {
        match call.next_step::<W>(result) {
            NextStep::Record(outcome) => self.record(call.number, outcome),
            NextStep::SendAgain { delay } => {
                if !self.is_rate_limit_reported {
                    self.is_rate_limit_reported = true;
                    self.recorder.eprint(
                        "kandy: the service limits the rate of requests (HTTP 429); rows are retried after a delay",
                    );
                }
                // Once the run is ending, a delayed row would never be due.
                if self.is_ending() {
                    return self.record(call.number, RowOutcome::Released);
                }
                if self.is_closed() {
                    self.recorder.suspend([call.number].into_iter());
                }
                self.delayed.insert((Instant::now() + delay, call.number), call);
            }
        }
    }

    fn record(&mut self, number: u64, outcome: RowOutcome) {
        if let Some(error) = self.recorder.record_outcome(number, outcome, self.concurrency)
            && !self.is_ending()
        {
            self.wind_down(Some(Failure::Call(error)));
        }
    }

    /// Ends the run: starts no further call, releases the delayed rows, and gives the calls in flight [`GRACE`].
    pub(super) fn wind_down(&mut self, ending: Option<Failure>) {
        if self.is_ending() {
            return;
        }
        self.until = Some(Instant::now() + GRACE);
        if let Some(failure) = ending {
            self.ending.get_or_insert(failure);
        }
        // At once, not after GRACE: the journal must have it even if the next signal kills the process
        // (`early_signal_keeps_the_row_unknown`).
        for call in std::mem::take(&mut self.delayed).into_values() {
            self.record(call.number, RowOutcome::Released);
        }
        self.recorder.flush();
    }
}
