//! The progress bar on stderr.

use std::{
    fmt,
    time::{Duration, Instant},
};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use kandy::RateLimit;

use crate::eprint::eprint;

/// A progress bar on stderr; hidden where stderr is not a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Whether the bar is on a terminal. Otherwise rows are only counted, without reading the clock for each.
    is_shown: bool,
    began: Instant,
    noun: &'static str,
    /// The maximum rate, as it is shown.
    limit: String,
    /// The number of rows that this run processed.
    count: u64,
    updated: Option<Instant>,
}

/// The minimum interval between two updates.
const UPDATE_INTERVAL: Duration = Duration::from_millis(100);

impl Progress {
    /// Creates a progress bar. `bytes` is the length of the input, if known; `limit` the maximum rate. Without `wanted`,
    /// nothing is shown.
    pub(crate) fn new(noun: &'static str, bytes: Option<u64>, limit: Option<RateLimit>, wanted: bool) -> Self {
        let target = if wanted { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(bytes, target);
        let template = match bytes {
            Some(_) => "{bar:30} {percent}%  {msg}, {eta} left",
            None => "{spinner} {msg}, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(format!("0 {noun}"));
        let limit = limit.map(|limit| format!(" of at most {limit}")).unwrap_or_default();
        let is_shown = !bar.is_hidden();
        Self { bar, is_shown, began: Instant::now(), noun, limit, count: 0, updated: None }
    }

    /// Moves to a position whose rows a previous run processed, without counting them for the rate.
    pub(crate) fn skip_to(&self, byte: u64) {
        if self.count == 0 {
            self.bar.set_position(byte);
            self.bar.reset_eta();
        }
    }

    /// Counts a row that ends at this byte of the file.
    pub(crate) fn add(&mut self, byte: u64, failed: u64) {
        self.count += 1;
        if !self.is_shown {
            return;
        }
        // Drawing costs more than a row: limit it by time, not by count.
        let now = Instant::now();
        if self.updated.is_some_and(|updated| now.duration_since(updated) < UPDATE_INTERVAL) {
            return;
        }
        self.updated = Some(now);
        #[expect(clippy::cast_possible_truncation, reason = "nothing is that fast")]
        let rate = (u128::from(self.count) * 1000 / now.duration_since(self.began).as_millis().max(1)) as u64;
        let failed = if failed == 0 { String::new() } else { format!(", {} failed", HumanCount(failed)) };
        self.bar.set_message(format!(
            "{} {}, {}/s{}{failed}",
            HumanCount(self.count),
            self.noun,
            HumanCount(rate),
            self.limit
        ));
        // Calls finish in any order: never move backwards.
        self.bar.set_position(self.bar.position().max(byte));
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Leaves out a time in which no row could begin.
    pub(crate) fn pause(&mut self, duration: Duration) {
        self.began += duration;
        self.bar.reset_eta();
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Prints a message above the bar.
    pub(crate) fn eprint(&self, what: impl fmt::Display) {
        self.bar.suspend(|| eprint(what));
    }

    /// Removes the bar.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
