//! The service in memory of `kandy::testing`: its replies, its record, and what the SDK makes of them. No test opens a
//! socket or waits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use kandy::{
    CallEvent, Error, Kandy, Observer, Phase, Sms, Status,
    sys::{
        Body, BoxFuture, OPERATIONS, Request, Transport, TransportFailure,
        operation::{RequestBody, ResponseKind},
    },
    testing::{MockService, Reply},
};
use serde_json::json;

/// Credentials that no record may contain.
const SECRETS: [&str; 4] = ["DAK-canary", "DAS-canary", "UAT-canary", "canary-pass22"];

#[tokio::test]
async fn every_operation_without_a_file_has_the_reply_of_its_example() {
    let service = MockService::new();
    let domain = service.client().domain("DAK-canary", "DAS-canary");
    let raw = domain.raw();
    let mut operations = 0;
    for operation in OPERATIONS {
        if matches!(operation.body, RequestBody::File(_)) {
            continue;
        }
        let mut call = raw.dynamic(operation);
        for parameter in operation.parameters.iter().filter(|parameter| parameter.required) {
            call = call.parameter(parameter.name, "x").expect("a known parameter");
        }
        if matches!(operation.body, RequestBody::Json(_)) {
            call = call.json(json!({}));
        }
        let request = call.into_call().expect("a call").into_request().expect("a request");
        let response = service.send(request).await.expect("a response");
        let Body::Full(body) = response.into_body() else { panic!("{operation}: a stream") };
        match operation.response {
            ResponseKind::File => assert_eq!(json!(String::from_utf8_lossy(&body)).to_string(), operation.example),
            _ => assert_eq!(body, operation.example, "{operation}"),
        }
        operations += 1;
    }
    assert_eq!(service.requests().len(), operations);
    assert_eq!(operations, OPERATIONS.len() - 1, "all but the upload");
}

#[tokio::test]
async fn a_client_of_its_examples_works_with_tokens_lists_files_and_inboxes() {
    let service = MockService::new();
    let kandy = service.client();
    let domain = kandy.domain("DAK-canary", "DAS-canary");
    assert!(!domain.users().await.expect("users").is_empty());
    assert!(domain.users().stream().try_next().await.expect("a stream").is_some());
    let phone = domain.user("russ").device("A149EBB9A69D4E66B62D26FBDEF440C5");
    phone.send_sms("+12245556666", "Hello").await.expect("an SMS");
    let content_id = kandy::ContentId::random();
    let file = phone.download(&content_id).await.expect("a file").bytes(1 << 20).await.expect("bytes");
    assert!(!file.is_empty());
    let mut inbox = phone.messages().stream();
    inbox.try_next().await.expect("a poll").expect("a message").ack().await.expect("an acknowledgement");
    let ids: Vec<_> = service.requests().iter().map(|request| request.operation().id).collect();
    let minted = ids.iter().filter(|id| id.ends_with("access_token_get")).count();
    assert_eq!(minted, 2, "a token of the domain and one of the user, each once: {ids:?}");
}

#[tokio::test(start_paused = true)]
async fn replies_take_effect_in_order_and_retries_take_no_time() {
    let service = MockService::new();
    let users = json!({"users": [{"user_id": "russ", "domain_name": "example.com"}]});
    service.reply("user_list", Reply::result(users));
    for failure in [
        Reply::failure(Phase::Connect),
        Reply::http(503).header("retry-after", "20"),
        Reply::http(429).header("retry-after", "30"),
    ] {
        service.reply_once("user_list", failure);
    }
    let domain = service.client().domain_with_token("DAK-canary", "DAT");
    let users = domain.users().await.expect("users");
    assert_eq!(users[0].full_user_id().as_str(), "russ@example.com");
    assert_eq!(service.requests_of("user_list").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn failures_are_those_of_the_sdk() {
    // The phase of a failure, how often an SMS and a list are sent, and whether the SMS may have been applied.
    let table = [
        (Phase::Connect, 3, 3, false),
        (Phase::ConnectTimeout, 3, 3, false),
        (Phase::Tls, 1, 1, false),
        (Phase::Setup, 1, 1, false),
        (Phase::Send, 1, 3, true),
        (Phase::Receive, 1, 3, true),
        (Phase::Timeout, 1, 3, true),
    ];
    for (phase, sms, lists, maybe_applied) in table {
        let service = MockService::new();
        service.reply("sms_send", Reply::failure(phase));
        service.reply("user_list", Reply::failure(phase));
        let kandy = service.client();
        let phone = kandy.user_with_token("UAT-canary").device("A149");
        let error = phone.send_sms("+12245556666", "Hello").await.expect_err("a failure");
        let Error::Transport(transport) = &error else { panic!("{phase:?}: {error}") };
        assert_eq!(transport.phase(), phase);
        assert_eq!(error.may_have_been_applied(), maybe_applied, "{phase:?}");
        assert!(error.to_string().starts_with("sms_send on SMS to"), "{error}");
        kandy.domain_with_token("DAK", "DAT").users().await.expect_err("a failure");
        let sent = |id| service.requests_of(id).len();
        assert_eq!((sent("sms_send"), sent("user_list")), (sms, lists), "{phase:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn timeouts_and_deadlines_apply_to_slow_replies() {
    let service = MockService::new();
    service.reply("sms_send", Reply::success().after(Duration::from_secs(3600)));
    let phone = service.client().user_with_token("UAT-canary").device("A149");
    for (call, phase) in [
        (phone.send_sms("+12245556666", "Hello"), Phase::Timeout),
        (phone.send_sms("+12245556666", "Hello").deadline(Duration::from_secs(5)), Phase::Deadline),
    ] {
        let error = call.await.expect_err("too slow");
        let Error::Transport(transport) = &error else { panic!("{error}") };
        assert_eq!(transport.phase(), phase);
        assert!(error.may_have_been_applied());
    }
}

#[tokio::test]
async fn replies_may_depend_on_the_request() {
    let service = MockService::new();
    let token = Arc::new(AtomicU32::new(0));
    // Refuses each first token, as a service does whose tokens expire.
    service.reply_with("sms_send", {
        let (token, service) = (token.clone(), service.clone());
        move |request| {
            assert!(request.access_token().is_some());
            assert!(!service.requests().is_empty(), "the service can be used in the closure");
            match token.fetch_add(1, Ordering::Relaxed) {
                0 => Reply::refusal(Status::TOKEN_EXPIRED, "expired"),
                _ => Reply::success(),
            }
        }
    });
    let user = service.client().user_with_password("DAK-canary", "russ", "canary-pass22");
    user.device("A149").send_sms("+12245556666", "Hello").await.expect("with a new token");
    assert_eq!(token.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn refusals_bodies_and_limits_are_those_of_the_sdk() {
    let service = MockService::new();
    let kandy = service.builder().body_limit(100).build().expect("a client");
    let domain = kandy.domain_with_token("DAK-canary", "DAT-canary");

    service.reply("user_list", Reply::refusal(Status::USER_NOT_FOUND, "no DAT-canary here"));
    let error = domain.users().await.expect_err("a refusal");
    assert_eq!(error.status(), Some(Status::USER_NOT_FOUND));
    assert!(error.to_string().contains("no *** here"), "{error}");

    service.reply("user_list", Reply::http(200).body("<html>"));
    assert!(matches!(domain.users().await, Err(Error::Decode(_))));

    service.reply("user_list", Reply::http(200).body("x".repeat(101)));
    let error = domain.users().await.expect_err("too large");
    assert!(error.to_string().contains("100 bytes"), "{error}");
}

#[tokio::test]
async fn the_record_contains_no_credential() {
    let service = MockService::new();
    let kandy = service.client();
    let domain = kandy.domain("DAK-canary", "DAS-canary");
    domain.create_user("russ").password("canary-pass22").await.expect("a user");
    kandy.user_with_token("UAT-canary").devices().await.expect("devices");
    let _ = kandy.user_with_password("DAK-canary", "russ", "canary-pass22").devices().await.expect("devices");
    let requests = service.requests();
    let text = format!(
        "{requests:?} {service:?} {}",
        requests.iter().map(|request| format!("{request} ")).collect::<String>()
    );
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("key=***"), "{text}");
    let reply = Reply::result(json!({"user_access_token": "UAT-canary"}));
    assert!(!format!("{reply:?}").contains("canary"));
}

#[tokio::test]
async fn bulk_calls_and_observers_work() {
    #[derive(Clone, Debug, Default)]
    struct Count(Arc<AtomicU32>);
    impl Observer for Count {
        fn call_finished(&self, call: &CallEvent<'_>) {
            self.0.fetch_add(u32::from(call.outcome.is_success()), Ordering::Relaxed);
        }
    }
    let (service, count) = (MockService::new(), Count::default());
    let kandy = service.builder().observer(count.clone()).build().expect("a client");
    let phone = kandy.user_with_token("UAT-canary").device("A149");
    let mut outcomes = phone.send_many_sms((0..100).map(|at| Sms::new(format!("+1224555{at:04}"), "Hello")));
    while let Some(outcome) = outcomes.next().await {
        outcome.result.expect("sent");
    }
    assert_eq!(count.0.load(Ordering::Relaxed), 100);
    assert_eq!(service.requests_of("sms_send").len(), 100);
}

/// A transport of the caller may fail in its own ways: nothing is assumed of them.
#[tokio::test(start_paused = true)]
async fn other_failures_count_as_possibly_sent() {
    #[derive(Default)]
    struct Broken(AtomicU32);
    impl Transport for Broken {
        fn send<'a>(&'a self, _: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Err(Arc::new(std::io::Error::other("no UAT-canary today")) as TransportFailure) })
        }
    }
    let phone = Kandy::with_transport(Broken::default()).user_with_token("UAT-canary").device("A149");
    let error = phone.send_sms("+12245556666", "Hello").await.expect_err("a failure");
    assert!(error.may_have_been_applied(), "{error}");
    assert!(error.to_string().contains("no *** today"), "{error}");
}

#[test]
#[should_panic(expected = "no operation has the id \"sms_sent\"")]
fn a_rule_for_an_unknown_operation_is_a_mistake_of_the_test() {
    MockService::new().reply("sms_sent", Reply::success());
}
