//! Options of a fault: the requests that trigger it, how often, and the response.
//!
//! Depends on `rule` and the types of the parent module. Begin with [`InjectedFault::on`].

use std::time::Duration;

use kandy_sys::{Operation, operation::Level};

use super::{
    Body, InjectedFault, RetryAfter, http_status,
    rule::{Scope, When},
};

impl InjectedFault {
    /// Restricts the fault to the operation with this id.
    ///
    /// ```
    /// use kandy_emulator::InjectedFault;
    ///
    /// let fault = InjectedFault::http(503).on("sms_send").every(2).times(3);
    /// assert_eq!(fault.to_string(), "http 503, on sms_send, every 2 requests, at most 3 times, not applied");
    /// ```
    ///
    /// # Panics
    ///
    /// If no operation has the id, and for a fault of data channels, which match no operation: a fault that never triggers would make a test that cannot fail.
    #[track_caller]
    pub fn on(self, operation_id: &str) -> Self {
        let operation = Operation::find(operation_id);
        self.scoped(operation.map(Scope::Operation).unwrap_or_else(|| panic!("there is no operation {operation_id}")))
    }

    /// Restricts the fault to the operations with a tag, such as `Device`.
    ///
    /// # Panics
    ///
    /// If no operation has the tag, and for a fault of data channels.
    #[track_caller]
    pub fn on_tag(self, tag: &str) -> Self {
        self.scoped(Scope::tag(tag).unwrap_or_else(|| panic!("there is no tag {tag}")))
    }

    /// Restricts the fault to the operations that take an API key or a token of this level.
    ///
    /// # Panics
    ///
    /// For a fault of data channels.
    #[track_caller]
    pub fn on_level(self, level: Level) -> Self {
        self.scoped(Scope::Level(level))
    }

    #[track_caller]
    fn scoped(mut self, scope: Scope) -> Self {
        assert!(self.channel_event().is_none(), "{} matches no operation", self.kind());
        self.scope = scope;
        self
    }

    /// Triggers on the nth matching request only, counted from 1 since the fault was armed.
    ///
    /// The last call of [`nth`](Self::nth), [`every`](Self::every) and [`probability`](Self::probability) overrides the
    /// others.
    ///
    /// # Panics
    ///
    /// If the number is 0.
    #[track_caller]
    pub fn nth(mut self, nth: u64) -> Self {
        assert!(nth > 0, "requests are counted from 1");
        self.when = When::Nth(nth);
        self
    }

    /// Triggers on every nth matching request: `every(5)` on the 5th, the 10th, and so on.
    ///
    /// # Panics
    ///
    /// If the number is 0.
    #[track_caller]
    pub fn every(mut self, every: u64) -> Self {
        assert!(every > 0, "requests are counted from 1");
        self.when = When::Every(every);
        self
    }

    /// Triggers with a probability from 0 to 1. The same seed selects the same requests.
    ///
    /// # Panics
    ///
    /// If the probability is not from 0 to 1.
    #[track_caller]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability is from 0 to 1");
        self.when = When::Probability { probability, seed };
        self
    }

    /// Limits how often the fault triggers.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Adds a header `Retry-After` in seconds, rounded up, if a response is sent.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(RetryAfter::Seconds(after));
        self
    }

    /// Adds a header `Retry-After` with a date, counted from the emulator's clock, if a response is sent. The date is
    /// rounded up to whole seconds.
    pub fn retry_after_date(mut self, after: Duration) -> Self {
        self.retry_after = Some(RetryAfter::Date(after));
        self
    }

    /// Replaces the HTTP status, if a response is sent.
    ///
    /// # Panics
    ///
    /// If the status is not from 200 to 599.
    #[track_caller]
    pub fn with_http(mut self, http: u16) -> Self {
        self.http = Some(http_status(http).unwrap_or_else(|| panic!("{http} is no HTTP status from 200 to 599")));
        self
    }

    /// Fills the body of [`http`](Self::http) or [`rate_limit`](Self::rate_limit), which is empty by default, with
    /// `text/plain`. Other kinds ignore it.
    pub fn text_body(mut self) -> Self {
        self.body = Body::Text;
        self
    }

    /// Fills the body of [`http`](Self::http) or [`rate_limit`](Self::rate_limit), which is empty by default, with JSON
    /// outside of the API's envelope, as gateways return it. Other kinds ignore it.
    pub fn json_body(mut self) -> Self {
        self.body = Body::Json;
        self
    }

    /// Delays the fault. An operation that is applied is applied before the delay.
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Overrides whether the operation is applied; the default depends on the kind.
    ///
    /// The response of an operation that is not applied is made of its example in the spec. Kinds that do not read the
    /// whole request ignore it.
    pub fn applied(mut self, applied: bool) -> Self {
        self.applied = Some(applied);
        self
    }
}
