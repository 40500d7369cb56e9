//! Fault injection: what goes wrong, on which requests, and when.
//!
//! ```text
//! options what an injected fault can be restricted to, and how its response differs
//! rule    the operations of a fault, and which of their requests trigger it
//! armed   the armed faults, and which one a request triggers
//! channel the faults of data channels
//! rate    counts the requests of a rate limit
//! effect  how much of a request is read, whether it is applied, and how the response is sent
//! json    the JSON of a fault
//! kinds   the kinds, with explanations and the fields of each
//! fields  the fields, with explanations
//! ```
//!
//! Depends on `state::clock` and `protocol::refusal`. What a fault does to a response is in `http::fault_effects`.
//! Begin with [`InjectedFault`] and `Faults::next_match`.

mod armed;
mod channel;
mod effect;
mod fields;
mod json;
mod kinds;
mod options;
mod rate;
mod rule;

use std::{fmt, time::Duration};

pub use armed::ArmedFault;
pub(crate) use armed::Faults;
pub(crate) use channel::{ChannelEvent, PushFault};
pub(crate) use effect::{Delivery, Reading};
use http::StatusCode;
use kandy_sys::Status;
pub(crate) use kinds::kinds;
use rule::{Scope, When};

/// A fault to inject into requests with [`Emulator::inject`](crate::Emulator::inject).
///
/// The constructor selects the kind. Options restrict the operations (default: all), the requests (default: every one)
/// and the number of times. A fault of data channels, such as [`lost_push`](Self::lost_push), matches no request: its
/// numbers count upgrades or pushes.
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
    /// Overrides the HTTP status of the response.
    pub(crate) http: Option<StatusCode>,
    pub(crate) retry_after: Option<RetryAfter>,
    latency: Duration,
    applied: Option<bool>,
    scope: Scope,
    when: When,
    times: Option<u64>,
    /// The body of the kinds `http` and `rate_limit`.
    pub(crate) body: Body,
}

/// The kind of a fault.
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
    /// The requests in a second that do not trigger the fault.
    RateLimit(u32),
    CloseAfterUpgrade,
    DropChannel,
    StallChannel,
    HalfOpenChannel,
    DuplicatePush,
    LostPush,
    LatePush,
}

/// The body of a response without an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    #[default]
    Empty,
    Text,
    Json,
}

/// The header `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    Seconds(Duration),
    /// As a date, counted from the emulator's clock.
    Date(Duration),
}

impl InjectedFault {
    /// Applies the operation, and delays its response.
    pub fn latency(latency: Duration) -> Self {
        Self { latency, ..Self::new(Kind::Latency) }
    }

    /// Reads the request, and sends no response until the client disconnects or the emulator stops.
    pub fn stall() -> Self {
        Self::new(Kind::Stall)
    }

    /// Applies the operation, sends the head and half of the body, and then stalls.
    pub fn stall_during_response() -> Self {
        Self::new(Kind::StallDuringResponse)
    }

    /// Resets the connection before the request body is read. The operation is not applied.
    pub fn close_before_reading() -> Self {
        Self::new(Kind::CloseBeforeReading)
    }

    /// Resets the connection after the first chunk of the request body, or before reading if there is no body. The
    /// operation is not applied.
    pub fn close_during_reading() -> Self {
        Self::new(Kind::CloseDuringReading)
    }

    /// Applies the operation, and closes the connection without a response.
    pub fn close_after_reading() -> Self {
        Self::new(Kind::CloseAfterReading)
    }

    /// Applies the operation, and closes the connection after the head and half of the body that `Content-Length`
    /// announces.
    pub fn close_during_response() -> Self {
        Self::new(Kind::CloseDuringResponse)
    }

    /// Returns an HTTP status with an empty body. The operation is not applied.
    ///
    /// # Panics
    ///
    /// If the status is not from 200 to 599.
    #[track_caller]
    pub fn http(http: u16) -> Self {
        Self::new(Kind::Http).with_http(http)
    }

    /// Returns a status in the API's envelope, with HTTP 200. The operation is not applied.
    pub fn status(status: i64) -> Self {
        Self::new(Kind::Status(Status(status)))
    }

    /// Returns status 10 as for an expired token: with HTTP 403, or HTTP 200 after
    /// [`Builder::refuse_with_200`](crate::Builder::refuse_with_200). The operation is not applied.
    pub fn expired_token() -> Self {
        Self::new(Kind::ExpiredToken)
    }

    /// Applies the operation, and returns the first half of its JSON.
    pub fn truncated_json() -> Self {
        Self::new(Kind::TruncatedJson)
    }

    /// Applies the operation, and returns `{"unexpected":true}`.
    pub fn wrong_json() -> Self {
        Self::new(Kind::WrongJson)
    }

    /// Returns an HTML page with HTTP 200, as captive portals do. The operation is not applied.
    pub fn html_page() -> Self {
        Self::new(Kind::HtmlPage)
    }

    /// Applies the operation, and returns its response as `text/plain`.
    pub fn wrong_content_type() -> Self {
        Self::new(Kind::WrongContentType)
    }

    /// Applies the operation, and pads its response to this length with an additional field. The response is valid
    /// JSON, is generated while it is sent, and has no `Content-Length`.
    pub fn huge_body(bytes: u64) -> Self {
        Self::new(Kind::HugeBody(bytes))
    }

    /// Returns HTTP 429 for requests beyond a number in any one second of the emulator's clock. A refused request is
    /// not applied and does not count. Without [`retry_after`](Self::retry_after) the response has no `Retry-After`.
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
    /// If the number is 0: use [`http(429)`](Self::http) to refuse every request.
    #[track_caller]
    pub fn rate_limit(per_second: u32) -> Self {
        assert!(per_second > 0, "a rate limit admits at least one request");
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

    /// Returns the kind, as it is named in JSON and in the request log.
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
            Kind::CloseAfterUpgrade => "close_after_upgrade",
            Kind::DropChannel => "drop_channel",
            Kind::StallChannel => "stall_channel",
            Kind::HalfOpenChannel => "half_open_channel",
            Kind::DuplicatePush => "duplicate_push",
            Kind::LostPush => "lost_push",
            Kind::LatePush => "late_push",
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
            Body::Text => f.write_str(" with a text body")?,
            Body::Json => f.write_str(" with a JSON body")?,
        }
        match self.retry_after {
            Some(RetryAfter::Seconds(after)) => write!(f, ", retry after {after:?}")?,
            Some(RetryAfter::Date(after)) => write!(f, ", retry at a date in {after:?}")?,
            None => {}
        }
        if !self.latency.is_zero() {
            write!(f, ", delayed by {:?}", self.latency)?;
        }
        let channel_events = self.channel_events();
        match channel_events {
            Some(events) => write!(f, ", on {events}{}", self.when)?,
            None => write!(f, ", {}{}", self.scope, self.when)?,
        }
        if let Some(times) = self.times {
            write!(f, ", at most {times} times")?;
        }
        match channel_events {
            Some(_) => Ok(()),
            None => f.write_str(if self.is_applied() { ", applied" } else { ", not applied" }),
        }
    }
}
