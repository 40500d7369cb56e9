//! [`is_refusal`]: whether a response proves that the operation was not applied. Depends on nothing.

use http::StatusCode;
use kandy_sys::{Envelope, NoResult, Status};

/// Whether a response proves that the operation was not applied. The only place that decides this: it determines
/// [`may_have_been_applied`](crate::Error::may_have_been_applied) of an error, and the retry loop sends a request that
/// is not idempotent again only after such a response (test `no_duplicate_sends`).
///
/// `envelope` is the status in the body, and `None` where the body is not a valid envelope.
///
/// * HTTP 429 means that the request was refused for its rate (RFC 6585), with any body but the envelope of a success.
/// * A 5xx, and status 1, may be returned after the operation was applied.
/// * Every other status but 0 is a refusal by the service.
/// * A response without an envelope may come from a proxy after the service applied the operation, so it proves
///   nothing; nor does HTTP 401 or 403 with the envelope of a success.
pub(crate) fn is_refusal(http_status: StatusCode, envelope: Option<Status>) -> bool {
    match envelope {
        Some(Status::OK) => false,
        _ if http_status == StatusCode::TOO_MANY_REQUESTS => true,
        _ if http_status.is_server_error() => false,
        None | Some(Status::INTERNAL_SERVER_ERROR) => false,
        Some(_) => true,
    }
}

/// Returns the status of an envelope, if the whole body is a valid one.
pub(crate) fn envelope_status(body: &[u8]) -> Option<Status> {
    Envelope::<NoResult>::read(body).ok().map(|envelope| envelope.status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_status_of_the_service_or_http_429_is_a_refusal() {
        for (http_status, body, expected) in [
            (200, r#"{"status":10,"message":"token expired"}"#, true),
            (401, r#"{"status":10,"message":"token expired"}"#, true),
            (403, r#"{"message":"no","status":"11"}"#, true),
            (403, r#"{"status":55,"message":"no"}"#, true),
            (404, r#"{"status":18,"message":"no"}"#, true),
            (403, r#"{"status":0,"message":"success"}"#, false),
            (401, r#"{"status":1,"message":"internal error"}"#, false),
            (401, "", false),
            (403, "<html>no</html>", false),
            (403, r#"{"message":"no"}"#, false),
            (403, r#"{"status":10,"mess"#, false),
            (403, r#"{"status":10,"message":"no","status":0}"#, false),
            (500, r#"{"status":10,"message":"token expired"}"#, false),
            (503, "", false),
            (429, "", true),
            (429, "Too Many Requests", true),
            (429, r#"{"message":"rate limit exceeded"}"#, true),
            (429, r#"{"status":12,"message":"quota"}"#, true),
            (429, r#"{"status":1,"message":"too many"}"#, true),
            (429, r#"{"status":0,"message":"success"}"#, false),
            (302, "", false),
        ] {
            let http = StatusCode::from_u16(http_status).expect("an HTTP status");
            assert_eq!(is_refusal(http, envelope_status(body.as_bytes())), expected, "{http_status} {body}");
        }
    }
}
