//! [`Context`]: the operation, the subject and the attempts that every error of a call carries. Depends on nothing.

use std::{
    fmt,
    time::{Duration, Instant},
};

/// The operation that failed, its subject, and its attempts.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(super) operation: Option<&'static str>,
    /// What the call acts on, such as `user "russ"`; never a credential.
    subject: String,
    /// Whether the subject names a part of the call: the subject of the whole call must not replace it.
    is_exact: bool,
    pub(super) progress: Progress,
}

/// The attempts of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The number of attempts, including those that got no connection.
    pub(crate) attempts: u32,
    /// The duration of the call so far; valid once `begun` is `None`.
    pub(crate) elapsed: Duration,
    /// When the call began, until [`until`](Self::until) computes `elapsed`. Computed late, because it reads the clock
    /// and most calls never need it.
    pub(crate) begun: Option<Instant>,
    /// Whether an attempt before the last one may have been applied.
    pub(crate) maybe_applied: bool,
}

impl Progress {
    /// Computes the duration, unless it is computed already.
    pub(crate) fn until(self, now: Instant) -> Self {
        match self.begun {
            Some(begun) => Self { elapsed: now.saturating_duration_since(begun), begun: None, ..self },
            None => self,
        }
    }
}

impl Context {
    pub(super) fn of(operation: Option<&'static str>) -> Self {
        Self { operation, subject: String::new(), is_exact: false, progress: Progress::default() }
    }

    pub(super) fn with_subject(&mut self, subject: String) {
        if !self.is_exact {
            self.subject = shortened(subject);
        }
    }

    /// Sets the subject to the part of the call that failed.
    pub(super) fn with_exact_subject(&mut self, subject: String) {
        (self.subject, self.is_exact) = (shortened(subject), true);
    }

    /// Sets the attempts, unless they are set already.
    pub(super) fn with_progress(&mut self, progress: Progress) {
        // The innermost request sets it first: where minting a token fails, the attempts are those of the mint.
        if self.progress.attempts == 0 {
            self.progress = progress;
        }
    }

    /// Whether the operation may have been applied; `last` is whether the last attempt may have been.
    pub(super) fn maybe_applied(&self, last: bool) -> bool {
        (last || self.progress.maybe_applied) && self.operation.is_none_or(changes_something)
    }

    /// Returns ` after 3 attempts in 1.2 s`; empty for one attempt.
    pub(super) fn effort(&self) -> String {
        match self.progress.attempts {
            0 | 1 => String::new(),
            attempts => format!(" after {attempts} attempts in {}", Seconds(self.progress.elapsed)),
        }
    }
}

/// Writes the operation and its subject: `user_create on user "russ"`.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.unwrap_or("the client"))?;
        match self.subject.as_str() {
            "" => Ok(()),
            subject => write!(f, " on {subject}"),
        }
    }
}

/// Truncates a text to a length that is still recognisable.
fn shortened(mut text: String) -> String {
    const LONGEST: usize = 120;
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// Displays a duration as `50 ms` or `1.2 s`.
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            milliseconds @ 0..1000 => write!(f, "{milliseconds} ms"),
            _ => write!(f, "{:.1} s", self.0.as_secs_f64()),
        }
    }
}

/// Whether an operation changes data. Operations that the table does not list count as changing.
pub(crate) fn changes_something(operation: &str) -> bool {
    // Some GETs change data, such as `verification_code_check`; the table marks them as not idempotent.
    kandy_sys::Operation::find(operation)
        .is_none_or(|operation| operation.method != http::Method::GET || !operation.idempotent)
}
