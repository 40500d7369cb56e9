//! [`Report`]: what `--forward-to` writes to stderr while it runs, and its counts.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use super::delivery::Delivery;
use crate::eprint::eprint;

/// The shortest time between two lines about failures, so that an outage does not fill a log.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// The number of undelivered messages that are reported one by one.
const MAX_REPORTED: u64 = 10;

/// The number of characters of an id that are shown.
const MAX_ID: usize = 100;

/// Counts messages, and reports when deliveries begin to fail and when they succeed again.
pub(super) struct Report {
    is_quiet: bool,
    origin: String,
    delivered: Cell<u64>,
    undelivered: Cell<u64>,
    waiting: Cell<usize>,
    /// Whether the last line was about a failure.
    is_failing: Cell<bool>,
    last_line: Cell<Option<Instant>>,
    /// The reason of the last failure, for the end.
    last_reason: RefCell<Option<String>>,
}

/// What became of the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) undelivered: u64,
    pub(crate) waiting: usize,
}

impl Report {
    pub(super) fn new(origin: &str, is_quiet: bool) -> Self {
        Self {
            is_quiet,
            origin: origin.to_owned(),
            delivered: Cell::new(0),
            undelivered: Cell::new(0),
            waiting: Cell::new(0),
            is_failing: Cell::new(false),
            last_line: Cell::new(None),
            last_reason: RefCell::new(None),
        }
    }

    /// Sets the number of messages that were read and are not settled.
    pub(super) fn set_waiting(&self, waiting: usize) {
        self.waiting.set(waiting);
    }

    /// Counts a delivered message.
    pub(super) fn delivered(&self) {
        self.delivered.set(self.delivered.get() + 1);
        if self.is_failing.get() && self.may_print() {
            self.is_failing.set(false);
            self.print(format_args!("{} accepts messages again; {} wait", self.origin, self.waiting.get()));
        }
    }

    /// Records a failed attempt that is repeated.
    pub(super) fn failed(&self, reason: &str) {
        *self.last_reason.borrow_mut() = Some(reason.to_owned());
        if self.may_print() {
            self.is_failing.set(true);
            self.print(format_args!(
                "{} did not accept a message ({reason}), which is sent again; {} wait",
                self.origin,
                self.waiting.get()
            ));
        }
    }

    /// Counts a message whose last attempt failed.
    pub(super) fn undelivered(&self, delivery: &Delivery, attempts: u32, reason: &str) {
        *self.last_reason.borrow_mut() = Some(reason.to_owned());
        self.undelivered.set(self.undelivered.get() + 1);
        // Senders choose the ids.
        let id = delivery.message_id.as_deref().unwrap_or(&delivery.webhook_id);
        let id: String = id.chars().take(MAX_ID).collect();
        match self.undelivered.get() {
            1..=MAX_REPORTED => {
                let times = if attempts == 1 { "attempt" } else { "attempts" };
                eprint(format_args!("kandy: message {id} was not delivered after {attempts} {times}: {reason}"));
            }
            count if count == MAX_REPORTED + 1 => eprint("kandy: further undelivered messages are not shown here"),
            _ => {}
        }
    }

    /// Reports that the command ends as soon as the attempts that are under way do.
    pub(super) fn stopping(&self) {
        if !self.is_quiet {
            eprint("kandy: waiting for the deliveries in progress; press Ctrl-C again to stop at once");
        }
    }

    /// Reports the end and returns the counts.
    pub(super) fn end(&self) -> Counts {
        let counts = Counts {
            delivered: self.delivered.get(),
            undelivered: self.undelivered.get(),
            waiting: self.waiting.get(),
        };
        let Counts { delivered, undelivered, waiting } = counts;
        let because = match &*self.last_reason.borrow() {
            Some(reason) if waiting > 0 => format!(" (last failure: {reason})"),
            _ => String::new(),
        };
        self.print(format_args!("delivered {delivered}, not delivered {undelivered}, waiting {waiting}{because}"));
        counts
    }

    fn may_print(&self) -> bool {
        self.last_line.get().is_none_or(|last| last.elapsed() >= LINE_INTERVAL)
    }

    fn print(&self, what: std::fmt::Arguments<'_>) {
        self.last_line.set(Some(Instant::now()));
        if !self.is_quiet {
            eprint(what);
        }
    }
}
