//! The text and the classification of every kind of error.

use std::{error::Error as _, sync::Mutex};

use futures_util::FutureExt;
use http::StatusCode;
use kandy_sys::{ApiFault, KNOWN_STATUSES};

use super::*;

fn api(operation: &'static str, http_status: u16, fault: Option<ApiFault>) -> Error {
    let http_status = StatusCode::from_u16(http_status).expect("an HTTP status");
    Error::Api(Arc::new(ApiError::new(operation, http_status, fault)))
}

fn refused(operation: &'static str, status: Status) -> Error {
    api(operation, 200, Some(ApiFault::new(status, "no")))
}

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken pipe")
    }
}

impl std::error::Error for Broken {}

fn transport(operation: &'static str, phase: Phase) -> Error {
    Error::Transport(Arc::new(TransportError::new(Some(operation), phase, Arc::new(Broken))))
}

#[test]
fn a_refusal_names_operation_subject_and_status() {
    let error =
        refused("domain_create", Status::DOMAIN_NAME_UNAVAILABLE).with_subject(|| "domain \"example.com\"".to_owned());
    assert_eq!(
        error.to_string(),
        "domain_create on domain \"example.com\" was refused: status 2001 (DOMAIN_NAME_UNAVAILABLE): no. \
         The domain name cannot be used; choose another."
    );
    assert_eq!(error.operation(), Some("domain_create"));
    assert!(error.is_already_exists() && !error.is_retryable() && !error.may_have_been_applied());

    let error = api("user_list", 403, Some(ApiFault::new(Status::PERMISSION_DENIED, "")));
    assert_eq!(
        error.to_string(),
        "user_list was refused with HTTP 403 Forbidden: status 11 (PERMISSION_DENIED). The credential does not allow this."
    );
    assert!(error.is_unauthorized());
}

#[test]
fn a_raw_refusal_equals_a_wrapped_one() {
    let operation = kandy_sys::Operation::find("sms_send").expect("an operation");
    let fault = ApiFault::new(Status::INSUFFICIENT_FUNDS, "no");
    let error = Error::refused(operation, StatusCode::OK, fault.clone());
    assert_eq!(error.to_string(), api("sms_send", 200, Some(fault)).to_string());
    assert_eq!((error.operation(), error.status()), (Some("sms_send"), Some(Status::INSUFFICIENT_FUNDS)));
}

#[test]
fn a_response_without_envelope_is_a_refusal() {
    let error = api("sms_send", 502, None);
    assert_eq!(
        error.to_string(),
        "sms_send was refused with HTTP 502 Bad Gateway. The operation may have been applied."
    );
    assert_eq!(error.status(), None);
    assert!(error.is_retryable() && error.may_have_been_applied());
    assert!(!api("user_list", 502, None).may_have_been_applied(), "a read changes nothing");
    for http_status in [401, 403] {
        let error = api("sms_send", http_status, None);
        assert!(error.may_have_been_applied() && error.is_unauthorized(), "{error}");
        let refused = api("sms_send", http_status, Some(ApiFault::new(Status::INVALID_CREDENTIALS, "no")));
        assert!(!refused.may_have_been_applied() && refused.is_unauthorized(), "{refused}");
        let broken = api("sms_send", http_status, Some(ApiFault::new(Status::INTERNAL_SERVER_ERROR, "no")));
        assert!(broken.may_have_been_applied(), "a failure inside the service: {broken}");
    }
    assert!(api("user_list", 302, None).to_string().contains("redirects are never followed"));
    assert!(api("user_list", 426, None).to_string().contains("newer client"));
}

#[test]
fn every_known_status_is_named_and_classified() {
    assert!(KNOWN_STATUSES.len() >= 30);
    for known in KNOWN_STATUSES {
        let error = refused("user_list", known.status);
        assert_eq!(error.status(), Some(known.status));
        assert!(error.to_string().contains(known.name), "{error}");
        let found = [Status::DOES_NOT_EXIST, Status::GROUP_NOT_FOUND, Status::USER_NOT_FOUND];
        assert_eq!(error.is_not_found(), found.contains(&known.status), "{error}");
        let exists = [Status::ALREADY_EXISTS, Status::DOMAIN_NAME_UNAVAILABLE];
        assert_eq!(error.is_already_exists(), exists.contains(&known.status), "{error}");
        let unauthorized =
            [Status::TOKEN_EXPIRED, Status::PERMISSION_DENIED, Status::INVALID_CREDENTIALS, Status::INVALID_PASSWORD];
        assert_eq!(error.is_unauthorized(), unauthorized.contains(&known.status), "{error}");
        assert_eq!(error.is_retryable(), known.status == Status::INTERNAL_SERVER_ERROR, "{error}");
    }
}

/// Every status number of the sources has a constant.
#[test]
fn every_documented_status_has_a_constant() {
    let numbers = [
        (Status::OK, 0),
        (Status::INTERNAL_SERVER_ERROR, 1),
        (Status::MISSING_PARAMETERS, 3),
        (Status::TOKEN_EXPIRED, 10),
        (Status::PERMISSION_DENIED, 11),
        (Status::USAGE_QUOTA_EXCEEDED, 12),
        (Status::INSUFFICIENT_FUNDS, 13),
        (Status::VALIDATION_FAILED, 14),
        (Status::MISSING_PARAMETER, 15),
        (Status::INVALID_PARAMETER_VALUE, 16),
        (Status::BAD_PARAMETER_VALUE, 17),
        (Status::UNKNOWN_REQUEST, 18),
        (Status::NO_DATA, 19),
        (Status::ALREADY_EXISTS, 50),
        (Status::INVALID_IDENTIFIER, 51),
        (Status::INVALID_PASSWORD, 52),
        (Status::DOES_NOT_EXIST, 53),
        (Status::INVALID_COUNTRY_CODE, 54),
        (Status::INVALID_CREDENTIALS, 55),
        (Status::GROUP_NOT_FOUND, 700),
        (Status::USER_NOT_FOUND, 701),
        (Status::NOT_IN_GROUP, 702),
        (Status::INVALID_MESSAGE_FORMAT, 710),
        (Status::COMPLETED, 2000),
        (Status::DOMAIN_NAME_UNAVAILABLE, 2001),
        (Status::CLIENT_HTTP_FAILURE, 5000),
        (Status::CLIENT_SOCKET_FAILURE, 6000),
        (Status::CLIENT_SOCKET_FAILURE_1, 6001),
        (Status::CLIENT_SOCKET_FAILURE_2, 6002),
        (Status::CLIENT_SOCKET_FAILURE_3, 6003),
        (Status::CLIENT_SOCKET_FAILURE_4, 6004),
    ];
    assert!(numbers.iter().all(|(status, number)| status.0 == *number));
    assert_eq!(numbers.len(), KNOWN_STATUSES.len());
}

#[test]
fn a_credential_that_the_service_repeats_is_hidden() {
    let key = "UAK0123456789abcdef0123456789abcdef";
    let error = api("user_list", 200, Some(ApiFault::new(Status::INVALID_CREDENTIALS, format!("no such key: {key}"))));
    assert!(error.to_string().contains("no such key: ***"), "{error}");
    assert!(!format!("{error:?}").contains(key), "{error:?}");
}

#[test]
fn an_unknown_status_is_still_one() {
    let error = refused("user_list", Status(4711));
    assert_eq!(error.to_string(), "user_list was refused: status 4711: no");
}

#[test]
fn a_transport_error_names_its_phase() {
    let error = transport("sms_send", Phase::Send).with_subject(|| "SMS to \"+1\"".to_owned());
    assert_eq!(
        error.to_string(),
        "sms_send on SMS to \"+1\": the connection broke before a response arrived (broken pipe); \
         the operation may have been applied"
    );
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("broken pipe"));
    for (phase, applied) in [
        (Phase::Setup, false),
        (Phase::Connect, false),
        (Phase::ConnectTimeout, false),
        (Phase::Tls, false),
        (Phase::Send, true),
        (Phase::Receive, true),
        (Phase::Timeout, true),
        (Phase::Deadline, false),
        (Phase::Throttled, false),
        (Phase::SharedLimit, false),
    ] {
        assert_eq!(transport("sms_send", phase).may_have_been_applied(), applied, "{phase:?}");
        assert!(!transport("user_list", phase).may_have_been_applied(), "{phase:?}");
        let timeouts = [Phase::ConnectTimeout, Phase::Timeout, Phase::Deadline];
        assert_eq!(transport("sms_send", phase).is_timeout(), timeouts.contains(&phase));
        assert_eq!(transport("sms_send", phase).is_retryable(), phase != Phase::Setup);
        assert_eq!(transport("sms_send", phase).is_rate_limited(), phase == Phase::Throttled);
    }
}

/// Returns the error of a raw call with this response.
fn of_response(http_status: u16, headers: &[(http::HeaderName, &str)], body: &'static str) -> Error {
    struct Canned(Mutex<Option<http::Response<kandy_sys::Body>>>);
    impl kandy_sys::Transport for Canned {
        fn send<'a>(
            &'a self,
            _: kandy_sys::Request<'a>,
        ) -> kandy_sys::BoxFuture<'a, Result<http::Response<kandy_sys::Body>, kandy_sys::TransportFailure>> {
            Box::pin(async move { Ok(self.0.lock().expect("no panic").take().expect("one call")) })
        }
    }
    let mut response = http::Response::builder().status(http_status);
    for (name, value) in headers {
        response = response.header(name, *value);
    }
    let canned = Canned(Mutex::new(Some(response.body(body.into()).expect("a response"))));
    let client = kandy_sys::Client::with_transport(Arc::new(canned));
    let call = client.device_delete("A149");
    Error::from(call.into_future().now_or_never().expect("ready").expect_err("a refusal"))
}

#[test]
fn http_429_is_a_refusal_with_retry_after() {
    let seconds = (http::header::RETRY_AFTER, "7");
    let past = (http::header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:46 GMT");
    let quota = r#"{"status":12,"message":"too many"}"#;
    for (headers, body, after) in [
        (&[][..], "", None),
        (&[seconds.clone()][..], "Too Many Requests", Some(7)),
        (&[past][..], r#"{"message":"rate limit exceeded"}"#, Some(0)),
        (&[(http::header::RETRY_AFTER, "soon")][..], quota, None),
    ] {
        let error = of_response(429, headers, body);
        assert!(error.is_rate_limited() && error.is_retryable() && !error.may_have_been_applied(), "{error}");
        assert_eq!(error.retry_after(), after.map(Duration::from_secs), "{body}");
        assert!(error.to_string().contains("The service limits the rate of requests") || body == quota, "{error}");
    }
    let contradiction = of_response(429, &[], r#"{"status":0,"message":"success"}"#);
    assert!(!contradiction.is_rate_limited() && contradiction.may_have_been_applied(), "{contradiction}");
    let overloaded = of_response(503, &[seconds], "");
    assert!(!overloaded.is_rate_limited() && overloaded.may_have_been_applied(), "{overloaded}");
    assert_eq!(overloaded.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(transport("sms_send", Phase::Throttled).retry_after(), None);
}

#[test]
fn a_date_counts_from_when_the_response_was_received() {
    let date = [(http::header::RETRY_AFTER, "Sun, 06 Nov 1994 08:49:47 GMT")];
    let received = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    let error = of_response(429, &date, "").received_at(|| received);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(10)));
}

#[test]
fn a_failing_proxy_is_named_as_such() {
    let advice = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY";
    let proxy = Arc::new(ProxyAddress { address: "proxy.example:3128".to_owned(), advice });
    let through = |phase, source: Arc<dyn std::error::Error + Send + Sync>| {
        let error = TransportError::new(Some("sms_send"), phase, source).through(Some(&proxy));
        (error.proxy().map(str::to_owned), Error::Transport(Arc::new(error)).to_string())
    };
    let dead: Arc<dyn std::error::Error + Send + Sync> =
        Arc::new(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
    let (named, text) = through(Phase::Connect, dead.clone());
    assert_eq!(named.as_deref(), Some(proxy.address.as_str()));
    assert!(text.starts_with("sms_send: the proxy at proxy.example:3128 cannot be reached ("), "{text}");
    assert!(text.ends_with("check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"), "{text}");
    let (_, text) = through(Phase::Connect, Arc::new(Broken));
    assert!(text.contains("the proxy at proxy.example:3128 did not connect to the service (broken pipe)"), "{text}");
    let (_, text) = through(Phase::ConnectTimeout, dead.clone());
    assert!(text.contains("the proxy at proxy.example:3128 did not connect to the service in time"), "{text}");
    for phase in [Phase::Setup, Phase::Tls, Phase::Send, Phase::Receive, Phase::Timeout, Phase::Deadline] {
        let (named, text) = through(phase, dead.clone());
        assert!(named.is_none() && !text.contains("proxy"), "{phase:?}: {text}");
    }
}

#[test]
fn a_long_subject_is_cut_short() {
    let error = refused("user_create", Status::ALREADY_EXISTS).with_subject(|| "ü".repeat(1_000_000));
    assert!(error.to_string().len() < 500 && error.to_string().contains('…'));
}

#[test]
fn attempts_and_duration_are_reported() {
    let tried =
        Progress { attempts: 3, elapsed: Duration::from_millis(1240), maybe_applied: true, ..Progress::default() };
    let error = transport("device_delete", Phase::Connect).with_progress(tried);
    assert_eq!(
        error.to_string(),
        "device_delete: cannot connect to the service after 3 attempts in 1.2 s (broken pipe); \
         the operation may have been applied"
    );
    assert!(error.may_have_been_applied(), "an earlier attempt may have been");
    assert_eq!((error.attempts(), error.elapsed()), (3, tried.elapsed));

    let once =
        Progress { attempts: 1, elapsed: Duration::from_millis(50), maybe_applied: false, ..Progress::default() };
    let error = transport("user_list", Phase::Timeout).with_progress(once);
    assert_eq!(error.to_string(), "user_list: no response arrived in time, or it stalled after 50 ms (broken pipe)");
    assert_eq!(error.with_progress(tried).attempts(), 1, "the progress that is set first stays");

    let gone = refused("device_delete", Status::DOES_NOT_EXIST).with_progress(tried);
    assert!(gone.is_not_found() && gone.may_have_been_applied(), "it may be gone because of an earlier attempt");
}

#[test]
fn a_decode_error_names_the_path() {
    let error = Error::missing("result.device_id").with_operation(Operation::find("device_create"));
    assert_eq!(
        error.to_string(),
        "device_create: the response cannot be decoded: at `result.device_id`: it is missing; \
         the operation may have been applied"
    );
    assert!(error.may_have_been_applied() && !error.is_retryable());
}

#[test]
fn a_bad_argument_is_named() {
    let error = Error::argument("user_id", "it is empty");
    assert_eq!(error.to_string(), "`user_id` cannot be used: it is empty");
    assert_eq!(error.operation(), None);
    assert!(!error.is_retryable() && !error.may_have_been_applied() && !error.is_unauthorized());
}

#[test]
fn errors_are_small_and_shareable() {
    fn is_shareable<T: Send + Sync + Clone + 'static>() {}
    is_shareable::<Error>();
    assert!(size_of::<Error>() <= 16);
}
