//! What a failure does to a request and its answer.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use kandy_sys::{Fault, Operation};
use serde_json::json;

use super::{Body, Failure, Kind, RetryAfter};
use crate::{
    answer::{Answer, Reply},
    clock, refusal,
};

/// What the text and the JSON of a refusal without an envelope have.
const TEXT: &str = "The request was refused; try again later.";

/// How much of a request is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Nothing,
    FirstPart,
    Everything,
}

/// How an answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// In full, with so many bytes put in.
    Padded(u64),
    /// The head and half of the body; then the connection is closed.
    HalfThenClose,
    /// The head and half of the body; then nothing.
    HalfThenNothing,
    /// Not at all, and the connection stays open.
    Nothing,
    /// Not at all; the connection is closed.
    Close,
    /// Not at all; the connection is reset.
    Reset,
}

impl Delivery {
    /// Whether anything of the answer leaves.
    pub(crate) fn answers(self) -> bool {
        !matches!(self, Self::Nothing | Self::Close | Self::Reset)
    }
}

impl Failure {
    pub(crate) fn reading(&self) -> Reading {
        match self.kind {
            Kind::CloseBeforeReading => Reading::Nothing,
            Kind::CloseDuringReading => Reading::FirstPart,
            _ => Reading::Everything,
        }
    }

    pub(crate) fn is_carried_out(&self) -> bool {
        let by_kind = !matches!(
            self.kind,
            Kind::Stall | Kind::Http | Kind::Status(_) | Kind::ExpiredToken | Kind::HtmlPage | Kind::RateLimit(_)
        );
        self.reading() == Reading::Everything && self.carried_out.unwrap_or(by_kind)
    }

    pub(crate) fn lateness(&self) -> Duration {
        self.latency
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self.kind {
            Kind::CloseBeforeReading | Kind::CloseDuringReading => Delivery::Reset,
            Kind::CloseAfterReading => Delivery::Close,
            Kind::CloseDuringAnswer => Delivery::HalfThenClose,
            Kind::Stall => Delivery::Nothing,
            Kind::StallDuringAnswer => Delivery::HalfThenNothing,
            Kind::HugeBody(bytes) => Delivery::Padded(bytes),
            _ => Delivery::Whole,
        }
    }

    /// What an operation that is not carried out seems to answer.
    pub(crate) fn pretended(operation: &Operation) -> Answer {
        Reply::example(operation).into()
    }

    /// What is answered in place of `answer`.
    pub(crate) fn spoil(&self, answer: Answer) -> Answer {
        let mut spoilt = match self.kind {
            Kind::Http | Kind::RateLimit(_) => match self.body {
                Body::Empty => Answer::empty(),
                Body::Text => Answer { content_type: "text/plain".into(), body: TEXT.into(), ..Answer::empty() },
                Body::Json => Answer::json(&json!({"error": "refused", "message": TEXT})),
            },
            Kind::Status(status) => Fault::new(status, "failure on command").into(),
            Kind::ExpiredToken => refusal::token_expired().into(),
            Kind::TruncatedJson => Answer { body: answer.first_half(), status: None, ..answer },
            Kind::WrongJson => Answer { http: answer.http, ..Answer::json(&json!({"unexpected": true})) },
            Kind::HtmlPage => Answer::page(self.http.unwrap_or(StatusCode::OK)),
            Kind::WrongContentType => Answer { content_type: "text/plain".into(), ..answer },
            _ => answer,
        };
        spoilt.http = self.http.unwrap_or(spoilt.http);
        spoilt
    }

    /// Adds the headers that a failure brings, at this time of the emulator.
    pub(crate) fn add_headers(&self, headers: &mut HeaderMap, now: u64) {
        let seconds = |after| clock::millis(after).div_ceil(1000);
        match self.retry_after {
            Some(RetryAfter::Seconds(after)) => {
                headers.insert(header::RETRY_AFTER, seconds(after).into());
            }
            Some(RetryAfter::Date(after)) => {
                let date = |at| HeaderValue::try_from(clock::http_date(at));
                let at = now.saturating_add(clock::millis(after)).div_ceil(1000).saturating_mul(1000);
                if let (Ok(at), Ok(now)) = (date(at), date(now)) {
                    headers.insert(header::RETRY_AFTER, at);
                    // Of the same clock, so that the one makes sense beside the other.
                    headers.insert(header::DATE, now);
                }
            }
            None => {}
        }
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        refusal::Refusal::from(fault).into()
    }
}

#[cfg(test)]
mod tests {
    use kandy_sys::Status;

    use super::*;

    #[test]
    fn what_is_not_read_is_not_carried_out() {
        for failure in [Failure::close_before_reading(), Failure::close_during_reading()] {
            assert!(!failure.carried_out(true).is_carried_out());
        }
        assert!(Failure::stall().carried_out(true).is_carried_out());
        assert!(!Failure::close_after_reading().carried_out(false).is_carried_out());
    }

    #[test]
    fn retry_after_is_rounded_up() {
        let header = |failure: Failure| {
            let mut headers = HeaderMap::new();
            failure.add_headers(&mut headers, 1_481_394_653_597);
            headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok().map(str::to_owned))
        };
        let failure = Failure::http(503);
        assert_eq!(header(failure.clone()), None);
        assert_eq!(header(failure.clone().retry_after(Duration::from_millis(1001))).as_deref(), Some("2"));
        let date = header(failure.clone().retry_after_date(Duration::from_secs(2)));
        assert_eq!(date.as_deref(), Some("Sat, 10 Dec 2016 18:30:56 GMT"));
        assert!(
            header(failure.retry_after_date(Duration::MAX)).is_some_and(|date| date.ends_with("9999 23:59:59 GMT"))
        );
    }

    #[test]
    fn nothing_more_is_known_than_status() {
        let spoilt = Failure::status(Status::TOKEN_EXPIRED.0).with_http(403).spoil(Answer::empty());
        assert_eq!((spoilt.http.as_u16(), spoilt.status), (403, Some(Status::TOKEN_EXPIRED)));
    }
}
