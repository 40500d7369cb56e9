//! The calls of a run: those in flight, those to be sent again after a delay, and the end of the run.
//!
//! [`CallPool`] keeps the calls in flight. Depends on the recorder; [`run`](super::run()) polls it. Begin with [`Flow`].

use std::{collections::BTreeMap, time::Duration};

use kandy::{CallBuilder, CallPool, Error};
use tokio::time::Instant;

use super::{
    BulkJob,
    read::Row,
    recorder::RowRecorder,
    row_call::{NextStep, RowCall, RowOutcome},
};
use crate::failure::Failure;

/// The time that calls in flight get once the run is ending.
const GRACE: Duration = Duration::from_secs(5);

/// The calls of a job `W` in flight, each with its row.
type Pool<W> = CallPool<RowCall<<W as BulkJob>::Call>, <<W as BulkJob>::Call as CallBuilder>::Value>;

/// The calls of a run.
pub(super) struct Flow<'a, W: BulkJob> {
    pub(super) recorder: RowRecorder<'a, W>,
    concurrency: usize,
    pub(super) in_flight: Pool<W>,
    /// Rows to be sent again, by time. No call of them is in flight, so the end of the run releases them at once
    /// (`limited_list_waits_until_interrupted`).
    delayed: BTreeMap<(Instant, u64), RowCall<W::Call>>,
    /// Why the run ends before the last row.
    pub(super) ending: Option<Failure>,
    /// When the calls in flight are abandoned; set once the run is ending.
    pub(super) until: Option<Instant>,
    is_rate_limit_reported: bool,
}

impl<'a, W: BulkJob> Flow<'a, W> {
    pub(super) fn new(recorder: RowRecorder<'a, W>, concurrency: usize) -> Self {
        Self {
            recorder,
            concurrency,
            in_flight: CallPool::new(concurrency),
            delayed: BTreeMap::new(),
            ending: None,
            until: None,
            is_rate_limit_reported: false,
        }
    }

    /// Returns whether no further call is started.
    pub(super) fn is_ending(&self) -> bool {
        self.until.is_some()
    }

    /// Returns whether no row waits for a call or for its response.
    pub(super) fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.delayed.is_empty()
    }

    /// Returns how many rows may be started. Delayed rows take up room, so that a rate limit stops the reading, too.
    pub(super) fn room(&self) -> usize {
        self.in_flight.room().saturating_sub(self.delayed.len())
    }

    /// Starts rows.
    pub(super) fn start(&mut self, rows: impl Iterator<Item = Row>) {
        for (number, call) in self.recorder.start(rows) {
            self.send(RowCall::new(number, call, W::REPEATABLE));
        }
    }

    fn send(&mut self, call: RowCall<W::Call>) {
        let request = call.request();
        self.in_flight.push(call, request);
    }

    /// Returns when the next delayed row is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.delayed.first_key_value().map(|((due, _), _)| *due)
    }

    /// Sends the delayed rows that are due.
    pub(super) fn send_due(&mut self) {
        let now = Instant::now();
        while let Some(row) = self.delayed.first_entry().filter(|row| row.key().0 <= now) {
            let call = row.remove();
            self.send(call);
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
                match self.is_ending() {
                    true => self.record(call.number, RowOutcome::Released),
                    false => drop(self.delayed.insert((Instant::now() + delay, call.number), call)),
                }
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
