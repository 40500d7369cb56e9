//! Fault injection: what goes wrong, on which requests, and when.
//!
//! ```text
//! rule    the operations of a fault, and which of their requests trigger it
//! armed   the armed faults, and which one a request triggers
//! rate    counts the requests of a rate limit
//! effect  how much of a request is read, whether it is carried out, and how the response is sent
//! json    the JSON of a fault
//! ```
//!
//! Depends on `state::clock` and `protocol::refusal`. What a fault does to a response is in `http::fault_effects`.
//! Begin with [`InjectedFault`] and `Faults::next_match`.

mod armed;
mod effect;
mod json;
mod rate;
mod rule;

use std::{fmt, time::Duration};

pub use armed::ArmedFault;
pub(crate) use armed::Faults;
pub(crate) use effect::{Delivery, Reading};
use http::StatusCode;
use kandy_sys::{Operation, Status, operation::Level};
use rule::{Scope, When};

/// A fault that an emulator is told to play, see [`Emulator::fail`](crate::Emulator::fail).
///
/// It begins with what goes wrong. Then it may be said where (every operation unless it is said), when
/// (always unless it is said), and how often.
///
/// ```
/// use std::time::Duration;
///
/// use kandy_emulator::{Emulator, InjectedFault};
///
/// let emulator = Emulator::start()?;
/// emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
/// emulator.inject(InjectedFault::http(503).retry_after(Duration::from_secs(2)).on_tag("Device").every(5));
/// emulator.inject(InjectedFault::expired_token().probability(0.1, 42).times(3));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct InjectedFault {
    pub(crate) kind: Kind,
    /// In place of the HTTP status that the answer would have.
    pub(crate) http: Option<StatusCode>,
    pub(crate) retry_after: Option<RetryAfter>,
    latency: Duration,
    applied: Option<bool>,
    scope: Scope,
    when: When,
    times: Option<u64>,
    /// What a refusal has in its body, where the kind does not say it.
    pub(crate) body: Body,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Latency,
    Stall,
    StallDuringResponse,
    CloseBeforeReading,
    CloseDuringReading,
    CloseAfterReading,
    CloseDuringResponse,
    Http,
    Status(Status),
    ExpiredToken,
    TruncatedJson,
    WrongJson,
    HtmlPage,
    WrongContentType,
    HugeBody(u64),
    /// So many requests in a second are not hit.
    RateLimit(u32),
}

/// What is in the body of an HTTP status that comes without an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    #[default]
    Empty,
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    Seconds(Duration),
    /// As a date, that far from the emulator's clock.
    Date(Duration),
}

impl InjectedFault {
    /// The operation is carried out, and its answer is late by this.
    pub fn latency(latency: Duration) -> Self {
        Self { latency, ..Self::new(Kind::Latency) }
    }

    /// The request is read, and nothing ever comes. It ends when the client leaves or the emulator stops.
    pub fn stall() -> Self {
        Self::new(Kind::Stall)
    }

    /// The operation is carried out; the head and half of the body are answered, then nothing more.
    pub fn stall_during_response() -> Self {
        Self::new(Kind::StallDuringResponse)
    }

    /// The connection is reset before the body of the request is read. Nothing is carried out.
    pub fn close_before_reading() -> Self {
        Self::new(Kind::CloseBeforeReading)
    }

    /// The connection is reset after the first part of the body has arrived, or before reading where
    /// there is no body. Nothing is carried out.
    pub fn close_during_reading() -> Self {
        Self::new(Kind::CloseDuringReading)
    }

    /// The operation is carried out, and the connection is closed without an answer.
    pub fn close_after_reading() -> Self {
        Self::new(Kind::CloseAfterReading)
    }

    /// The operation is carried out; the connection is closed after the head and half of the body that
    /// `Content-Length` promises.
    pub fn close_during_response() -> Self {
        Self::new(Kind::CloseDuringResponse)
    }

    /// This HTTP status with an empty body. Nothing is carried out.
    ///
    /// # Panics
    ///
    /// If it is not from 200 to 599.
    #[track_caller]
    pub fn http(http: u16) -> Self {
        Self::new(Kind::Http).with_http(http)
    }

    /// This status number in the API's envelope, with HTTP 200. Nothing is carried out.
    pub fn status(status: i64) -> Self {
        Self::new(Kind::Status(Status(status)))
    }

    /// What an expired token is answered with: status 10. Nothing is carried out.
    pub fn expired_token() -> Self {
        Self::new(Kind::ExpiredToken)
    }

    /// The operation is carried out, and the JSON of its answer is cut in half.
    pub fn truncated_json() -> Self {
        Self::new(Kind::TruncatedJson)
    }

    /// The operation is carried out, and the answer is `{"unexpected":true}`.
    pub fn wrong_json() -> Self {
        Self::new(Kind::WrongJson)
    }

    /// HTTP 200 with a page for people, as captive portals and proxies answer it. Nothing is carried out.
    pub fn html_page() -> Self {
        Self::new(Kind::HtmlPage)
    }

    /// The operation is carried out, and its answer calls itself `text/plain`.
    pub fn wrong_content_type() -> Self {
        Self::new(Kind::WrongContentType)
    }

    /// The operation is carried out, and its answer has a member more, which makes it this long. It is
    /// valid, made while it is sent, and does not tell its length beforehand.
    pub fn huge_body(bytes: u64) -> Self {
        Self::new(Kind::HugeBody(bytes))
    }

    /// HTTP 429 for requests beyond so many in any one second of the emulator's clock. What is refused is not carried
    /// out. Without [`retry_after`](Self::retry_after) the client has to find out itself when to come back.
    ///
    /// ```
    /// use std::time::Duration;
    /// use kandy_emulator::InjectedFault;
    ///
    /// let limit = InjectedFault::rate_limit(20).retry_after(Duration::from_secs(1)).json_body().on("sms_send");
    /// assert_eq!(limit.kind(), "rate_limit");
    /// ```
    ///
    /// # Panics
    ///
    /// If it is 0: an operation that is always refused is [`http(429)`](Self::http).
    #[track_caller]
    pub fn rate_limit(per_second: u32) -> Self {
        assert!(per_second > 0, "a rate limit lets at least one request through");
        Self::new(Kind::RateLimit(per_second)).with_http(429)
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            http: None,
            retry_after: None,
            latency: Duration::ZERO,
            applied: None,
            scope: Scope::Everything,
            when: When::Always,
            times: None,
            body: Body::Empty,
        }
    }

    /// Only on the operation with this id.
    ///
    /// # Panics
    ///
    /// If there is none: a fault that never comes would make a test that cannot fail.
    #[track_caller]
    pub fn on(mut self, operation_id: &str) -> Self {
        let operation = Operation::find(operation_id);
        self.scope = operation.map(Scope::Operation).unwrap_or_else(|| panic!("there is no operation {operation_id}"));
        self
    }

    /// Only on the operations of a chapter, such as `Device`.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn on_tag(mut self, tag: &str) -> Self {
        self.scope = Scope::tag(tag).unwrap_or_else(|| panic!("there is no chapter {tag}"));
        self
    }

    /// Only on the operations that take a key or a token of this level.
    pub fn on_level(mut self, level: Level) -> Self {
        self.scope = Scope::Level(level);
        self
    }

    /// Only on the nth request that it could hit, counted from 1 since it was armed.
    ///
    /// Of [`nth`](Self::nth), [`every`](Self::every) and [`probability`](Self::probability) the last counts.
    ///
    /// # Panics
    ///
    /// If it is 0.
    #[track_caller]
    pub fn nth(mut self, nth: u64) -> Self {
        assert!(nth > 0, "requests are counted from 1");
        self.when = When::Nth(nth);
        self
    }

    /// On every nth request that it could hit: `every(5)` hits the 5th, the 10th, and so on.
    ///
    /// # Panics
    ///
    /// If it is 0.
    #[track_caller]
    pub fn every(mut self, every: u64) -> Self {
        assert!(every > 0, "requests are counted from 1");
        self.when = When::Every(every);
        self
    }

    /// With a probability from 0 to 1. The same seed hits the same requests.
    ///
    /// # Panics
    ///
    /// If it is no number from 0 to 1.
    #[track_caller]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability is from 0 to 1");
        self.when = When::Probability { probability, seed };
        self
    }

    /// At most so many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// With a header `Retry-After` that names seconds, if anything is answered. They are rounded up.
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(RetryAfter::Seconds(after));
        self
    }

    /// With a header `Retry-After` that names a date, that far from the emulator's clock, if anything is
    /// answered. Dates have whole seconds; it is rounded up.
    pub fn retry_after_date(mut self, after: Duration) -> Self {
        self.retry_after = Some(RetryAfter::Date(after));
        self
    }

    /// With this HTTP status, if anything is answered.
    ///
    /// # Panics
    ///
    /// If it is not from 200 to 599.
    #[track_caller]
    pub fn with_http(mut self, http: u16) -> Self {
        self.http = Some(http_status(http).unwrap_or_else(|| panic!("{http} is no HTTP status from 200 to 599")));
        self
    }

    /// With a sentence as `text/plain` in the body of [`http`](Self::http) or [`rate_limit`](Self::rate_limit), which
    /// is empty otherwise. It changes nothing of other kinds.
    pub fn text_body(mut self) -> Self {
        self.body = Body::Text;
        self
    }

    /// With JSON that is not the API's envelope in the body of [`http`](Self::http) or
    /// [`rate_limit`](Self::rate_limit), as gateways answer it. It changes nothing of other kinds.
    pub fn json_body(mut self) -> Self {
        self.body = Body::Json;
        self
    }

    /// The fault comes later by this. What is carried out has been carried out by then.
    pub fn with_latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Whether the operation is carried out, other than the kind of fault has it.
    ///
    /// If it is not, an answer is made of the example of the operation. It changes nothing where the
    /// request is not read to its end.
    pub fn applied(mut self, applied: bool) -> Self {
        self.applied = Some(applied);
        self
    }

    /// What goes wrong, as it is called in JSON and in the request log.
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Latency => "latency",
            Kind::Stall => "stall",
            Kind::StallDuringResponse => "stall_during_response",
            Kind::CloseBeforeReading => "close_before_reading",
            Kind::CloseDuringReading => "close_during_reading",
            Kind::CloseAfterReading => "close_after_reading",
            Kind::CloseDuringResponse => "close_during_response",
            Kind::Http => "http",
            Kind::Status(_) => "status",
            Kind::ExpiredToken => "expired_token",
            Kind::TruncatedJson => "truncated_json",
            Kind::WrongJson => "wrong_json",
            Kind::HtmlPage => "html_page",
            Kind::WrongContentType => "wrong_content_type",
            Kind::HugeBody(_) => "huge_body",
            Kind::RateLimit(_) => "rate_limit",
        }
    }
}

fn http_status(http: u16) -> Option<StatusCode> {
    StatusCode::from_u16(http).ok().filter(|_| (200..=599).contains(&http))
}

impl fmt::Display for InjectedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self.kind {
            Kind::Status(status) => write!(f, " {}", status.0)?,
            Kind::HugeBody(bytes) => write!(f, " of {bytes} bytes")?,
            Kind::RateLimit(per_second) => write!(f, " of {per_second} per second")?,
            _ => {}
        }
        match self.http {
            Some(http) if self.kind == Kind::Http => write!(f, " {}", http.as_u16())?,
            Some(http) => write!(f, " with HTTP {}", http.as_u16())?,
            None => {}
        }
        match self.body {
            Body::Empty => {}
            Body::Text => f.write_str(" and a text")?,
            Body::Json => f.write_str(" and JSON")?,
        }
        match self.retry_after {
            Some(RetryAfter::Seconds(after)) => write!(f, ", to be repeated after {after:?}")?,
            Some(RetryAfter::Date(after)) => write!(f, ", to be repeated at a date in {after:?}")?,
            None => {}
        }
        if !self.latency.is_zero() {
            write!(f, ", after {:?}", self.latency)?;
        }
        write!(f, ", {}{}", self.scope, self.when)?;
        if let Some(times) = self.times {
            write!(f, ", at most {times} times")?;
        }
        f.write_str(if self.is_applied() { ", carried out" } else { ", not carried out" })
    }
}
