use std::{
    fmt,
    time::{Duration, Instant},
};

/// What failed, on what, and how much was tried.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(super) operation: Option<&'static str>,
    /// What the call was about, for people; no credential.
    subject: String,
    /// Whether the subject is more exact than that of the whole call, which must not replace it.
    is_exact: bool,
    pub(super) progress: Progress,
}

/// How much of a call was tried before it ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// How many requests were sent, or tried to be.
    pub(crate) attempts: u32,
    /// How long it all took.
    pub(crate) elapsed: Duration,
    /// When it began, where nobody has asked yet how long it took: the answer costs a look at the clock.
    pub(crate) begun: Option<Instant>,
    /// Whether an attempt before the last one may have been carried out.
    pub(crate) maybe_applied: bool,
}

impl Progress {
    /// Says how long it took, if that is not said yet.
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

    /// Names the part of the call that failed.
    pub(super) fn with_exact_subject(&mut self, subject: String) {
        (self.subject, self.is_exact) = (shortened(subject), true);
    }

    /// Says how much was tried, if that is not said yet.
    pub(super) fn with_progress(&mut self, progress: Progress) {
        if self.progress.attempts == 0 {
            self.progress = progress;
        }
    }

    /// Whether the operation may have been carried out, if the last attempt may have been.
    pub(super) fn maybe_applied(&self, last: bool) -> bool {
        (last || self.progress.maybe_applied) && self.operation.is_none_or(changes_something)
    }

    /// ` after 3 attempts in 1.2 s`, where there was more than one.
    pub(super) fn effort(&self) -> String {
        match self.progress.attempts {
            0 | 1 => String::new(),
            attempts => format!(" after {attempts} attempts in {}", Seconds(self.progress.elapsed)),
        }
    }
}

/// What failed, and on what: `user_create on user russ`.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.operation.unwrap_or("the client"))?;
        match self.subject.as_str() {
            "" => Ok(()),
            subject => write!(f, " on {subject}"),
        }
    }
}

/// As much of a text as helps to recognise what was meant.
fn shortened(mut text: String) -> String {
    const LONGEST: usize = 120;
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// A time, as people read it.
pub(super) struct Seconds(pub(super) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            milliseconds @ 0..1000 => write!(f, "{milliseconds} ms"),
            _ => write!(f, "{:.1} s", self.0.as_secs_f64()),
        }
    }
}

/// Whether an operation changes anything.
fn changes_something(operation: &str) -> bool {
    kandy_sys::Operation::find(operation)
        .is_none_or(|operation| operation.method != http::Method::GET || !operation.idempotent)
}
