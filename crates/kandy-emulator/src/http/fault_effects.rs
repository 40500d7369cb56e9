//! The effect of an armed fault on a response.
//!
//! Depends on `faults` and `response`. Begin with `InjectedFault::corrupt`.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use kandy_sys::{ApiFault, Operation};
use serde_json::json;

use super::response::HttpResponse;
use crate::{
    faults::{Body, InjectedFault, Kind, RetryAfter},
    protocol::{
        refusal::{self, Refusal},
        reply::Reply,
    },
    state::clock,
};

/// The text in the body of a response without an envelope.
const TEXT: &str = "The request was refused; try again later.";

impl InjectedFault {
    /// Returns the response of an operation that is not applied: its example.
    pub(crate) fn example_response(operation: &Operation) -> HttpResponse {
        Reply::example(operation).into()
    }

    /// Corrupts a response. `refused` is the HTTP status of a refused credential.
    pub(crate) fn corrupt(&self, response: HttpResponse, refused: StatusCode) -> HttpResponse {
        let mut corrupted = match self.kind {
            Kind::Http | Kind::RateLimit(_) => match self.body {
                Body::Empty => HttpResponse::empty(),
                Body::Text => {
                    HttpResponse { content_type: "text/plain".into(), body: TEXT.into(), ..HttpResponse::empty() }
                }
                Body::Json => HttpResponse::json(&json!({"error": "refused", "message": TEXT})),
            },
            Kind::Status(status) => {
                Refusal { http: StatusCode::OK, fault: ApiFault::new(status, "injected fault") }.into()
            }
            Kind::ExpiredToken => Refusal { http: refused, fault: refusal::token_expired() }.into(),
            Kind::TruncatedJson => HttpResponse { body: response.first_half(), status: None, ..response },
            Kind::WrongJson => HttpResponse { http: response.http, ..HttpResponse::json(&json!({"unexpected": true})) },
            Kind::HtmlPage => HttpResponse::page(self.http.unwrap_or(StatusCode::OK)),
            Kind::WrongContentType => HttpResponse { content_type: "text/plain".into(), ..response },
            _ => response,
        };
        corrupted.http = self.http.unwrap_or(corrupted.http);
        corrupted
    }

    /// Adds the headers of the fault, at this time of the emulator's clock.
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
                    // Of the same clock, so that clients can subtract the two.
                    headers.insert(header::DATE, now);
                }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kandy_sys::Status;

    use super::*;

    #[test]
    fn retry_after_is_rounded_up() {
        let header = |fault: InjectedFault| {
            let mut headers = HeaderMap::new();
            fault.add_headers(&mut headers, 1_481_394_653_597);
            headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok().map(str::to_owned))
        };
        let fault = InjectedFault::http(503);
        assert_eq!(header(fault.clone()), None);
        assert_eq!(header(fault.clone().retry_after(Duration::from_millis(1001))).as_deref(), Some("2"));
        let date = header(fault.clone().retry_after_date(Duration::from_secs(2)));
        assert_eq!(date.as_deref(), Some("Sat, 10 Dec 2016 18:30:56 GMT"));
        assert!(header(fault.retry_after_date(Duration::MAX)).is_some_and(|date| date.ends_with("9999 23:59:59 GMT")));
    }

    #[test]
    fn status_keeps_the_http_status() {
        for (fault, expected) in [
            (InjectedFault::status(10), 200),
            (InjectedFault::status(10).with_http(403), 403),
            (InjectedFault::expired_token(), 403),
            (InjectedFault::expired_token().with_http(401), 401),
        ] {
            let corrupted = fault.clone().corrupt(HttpResponse::empty(), StatusCode::FORBIDDEN);
            assert_eq!((corrupted.http.as_u16(), corrupted.status), (expected, Some(Status::TOKEN_EXPIRED)), "{fault}");
        }
    }
}
