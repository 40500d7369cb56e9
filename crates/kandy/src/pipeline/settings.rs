//! [`Settings`] of a client, and the [`Options`] with which one call overrides them. Depends on the retry
//! policy and the throttle.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{retry::RetryPolicy, throttle::ItemLimit};
use crate::Clock;

/// What the calls of a client have in common.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// For one attempt: until the headers of its response, and for each pause within its body.
    pub(crate) timeout: Duration,
    pub(crate) time_limit: TimeLimit,
    pub(crate) body_limit: usize,
    pub(crate) retry: RetryPolicy,
    /// The limit of the bulk call that the call is an item of.
    pub(crate) item_limit: Option<Arc<ItemLimit>>,
}

impl Settings {
    /// Returns these settings with the options of one call applied.
    pub(crate) fn with(&self, options: &Options) -> Self {
        Self {
            timeout: options.timeout.unwrap_or(self.timeout),
            time_limit: options.deadline.map_or(self.time_limit, TimeLimit::Total),
            body_limit: self.body_limit,
            retry: options.retry.clone().unwrap_or_else(|| self.retry.clone()),
            item_limit: options.item_limit.clone(),
        }
    }
}

/// What one call overrides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) item_limit: Option<Arc<ItemLimit>>,
}

/// How long a call may take, with all its attempts and the waits between them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TimeLimit {
    /// The default: bounds everything but a body that keeps moving, however long that takes.
    Idle(Duration),
    /// Set by the caller: bounds everything.
    Total(Duration),
}

impl TimeLimit {
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::Idle(duration) | Self::Total(duration) => duration,
        }
    }
}

/// When a call has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    begin: Instant,
    limit: TimeLimit,
}

impl Deadline {
    pub(crate) fn new(begin: Instant, limit: TimeLimit) -> Self {
        Self { begin, limit }
    }

    /// Returns when the call began.
    pub(crate) fn begin(&self) -> Instant {
        self.begin
    }

    /// Returns the time that is left at `now`.
    pub(crate) fn left(&self, now: Instant) -> Duration {
        self.limit.duration().saturating_sub(now.saturating_duration_since(self.begin))
    }

    /// Whether it bounds a body that keeps moving, too.
    pub(crate) fn is_total(&self) -> bool {
        matches!(self.limit, TimeLimit::Total(_))
    }

    /// Returns how long a body that keeps moving may take from now on; `None` if that is not bounded.
    pub(crate) fn left_for_body(&self, clock: &dyn Clock) -> Option<Duration> {
        self.is_total().then(|| self.left(clock.now()))
    }
}
