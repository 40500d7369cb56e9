//! HTTP 401 and 403 prove that the operation was not applied only if the envelope of the service gives the reason.

use std::time::Duration;

use kandy::{Device, Domain, Error};
use kandy_emulator::{Emulator, InjectedFault, NewGroup};

use crate::support::{
    emulator::{TestDomain, requests_of},
    mock_server::{MockServer, json_response},
};

/// An emulator with a domain, two users and a device of one.
struct TwoUsers {
    emulator: Emulator,
    domain: Domain,
    phone: Device,
}

impl TwoUsers {
    async fn new() -> Self {
        Self::on(TestDomain::start().await).await
    }

    async fn on(test: TestDomain) -> Self {
        test.domain.create_user("anna").await.expect("created");
        let (_, phone) = test.create_user("russ").await;
        Self { emulator: test.emulator, domain: test.domain, phone }
    }

    /// Returns how many requests of an operation the emulator has received.
    fn requests(&self, id: &str) -> usize {
        requests_of(&self.emulator, id)
    }
}

/// Faults whose response does not prove whether the operation was applied.
fn ambiguous_responses() -> Vec<(&'static str, InjectedFault)> {
    let success = |http| InjectedFault::latency(Duration::ZERO).with_http(http);
    vec![
        ("403, applied", InjectedFault::http(403).applied(true)),
        ("401, applied", InjectedFault::http(401).applied(true)),
        ("403 with a page, applied", InjectedFault::html_page().with_http(403).applied(true)),
        ("401 with JSON of a gateway, applied", InjectedFault::http(401).json_body().applied(true)),
        ("403 with the envelope of a success", success(403)),
        ("401 with the envelope of a success", success(401)),
        ("403 with half an envelope", InjectedFault::truncated_json().with_http(403)),
        ("403 with status 1, applied", InjectedFault::status(1).with_http(403).applied(true)),
        ("403, not applied", InjectedFault::http(403)),
    ]
}

#[tokio::test]
async fn does_not_retry_an_sms_after_an_ambiguous_401_or_403() {
    for (name, failure) in ambiguous_responses() {
        let test = TwoUsers::new().await;
        let is_sent = !name.contains("not applied");
        test.emulator.inject(failure.on("sms_send").times(1));
        let minted = test.requests("user_access_token_get");
        let error = test.phone.send_sms("+12245556666", "Hello").await.expect_err(name);
        assert!(error.may_have_been_applied() && error.is_unauthorized(), "{name}: {error}");
        assert!(error.to_string().contains("The operation may have been applied"), "{name}: {error}");
        assert_eq!((error.attempts(), test.requests("sms_send")), (1, 1), "{name}");
        assert_eq!(test.emulator.sms().len(), usize::from(is_sent), "{name}");

        // The next call uses a new token.
        assert_eq!(test.requests("user_access_token_get"), minted + 1, "{name}");
        test.phone.send_sms("+12245556666", "Hello again").await.expect(name);
        assert_eq!(test.requests("user_access_token_get"), minted + 1, "{name}");
    }
}

#[tokio::test]
async fn does_not_retry_other_operations_that_are_not_idempotent() {
    for (name, failure) in ambiguous_responses() {
        let test = TwoUsers::new().await;
        for id in ["message_send", "group_message_send", "user_create", "device_create"] {
            test.emulator.inject(failure.clone().on(id).times(1));
        }
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let group = test.emulator.create_group(group).expect("members exist");
        let russ = test.domain.user("russ");
        let (message, to_group, user, device) = (
            test.phone.send_message("anna@example.com", "Hello").await.err(),
            russ.group(group).send_message("Hello").await.err(),
            test.domain.create_user("bert").await.err(),
            russ.create_device("12345678901234").await.err(),
        );
        for error in [message, to_group, user, device] {
            let error = error.expect(name);
            assert!(error.may_have_been_applied() && error.attempts() == 1, "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_refusal_in_the_envelope_renews_the_token_and_retries_the_send() {
    for failure in [
        InjectedFault::expired_token(),
        InjectedFault::expired_token().with_http(200),
        InjectedFault::expired_token().with_http(401),
        InjectedFault::status(55).with_http(401),
        InjectedFault::status(11).with_http(403),
    ] {
        let test = TwoUsers::new().await;
        let minted = test.requests("user_access_token_get");
        test.emulator.inject(failure.clone().on("sms_send").times(1));
        test.phone.send_sms("+12245556666", "Hello").await.unwrap_or_else(|error| panic!("{failure}: {error}"));
        assert_eq!((test.requests("sms_send"), test.emulator.sms().len()), (2, 1), "{failure}");
        assert_eq!(test.requests("user_access_token_get"), minted + 1, "{failure}");
    }
}

/// Both forms of the service: HTTP 403, on which an account portal renews its token, and HTTP 200, which the first clients
/// expect.
#[tokio::test]
async fn expired_and_revoked_tokens_are_renewed_with_both_http_statuses() {
    for (builder, http) in [(Emulator::builder(), 403), (Emulator::builder().refuse_with_200(), 200)] {
        let emulator = builder.token_ttl(Duration::from_secs(3600)).start().expect("a free port");
        let test = TwoUsers::on(TestDomain::on(emulator).await).await;
        test.phone.send_sms("+12245556666", "Hello").await.expect("a valid token");
        for expire in [Emulator::revoke_all_tokens, |emulator: &Emulator| emulator.advance(Duration::from_secs(3600))] {
            let (minted, sent) = (test.requests("user_access_token_get"), test.requests("sms_send"));
            expire(&test.emulator);
            test.phone.send_sms("+12245556666", "Hello again").await.expect("a renewed token");
            assert_eq!(test.requests("sms_send"), sent + 2, "refused once, sent once: {http}");
            assert_eq!(test.requests("user_access_token_get"), minted + 1, "{http}");
            let requests = test.emulator.requests();
            let refused = requests.iter().rev().filter(|request| request.operation == Some("sms_send")).nth(1);
            assert_eq!(refused.map(|request| (request.http_status, request.status)), Some((Some(http), Some(10))));
        }
        assert_eq!(test.emulator.sms().len(), 3, "none is sent twice: {http}");

        // What no new token helps against is reported alike, with either HTTP status.
        let error = test.domain.user("nobody").devices().await.expect_err("no such user");
        assert!(error.is_not_found() && !error.is_unauthorized() && !error.may_have_been_applied(), "{error}");
    }
}

#[tokio::test]
async fn a_server_error_is_never_a_refusal() {
    let test = TwoUsers::new().await;
    test.emulator.inject(InjectedFault::expired_token().with_http(500).applied(true).on("sms_send").times(1));
    let error = test.phone.send_sms("+12245556666", "Hello").await.expect_err("an error");
    assert!(error.may_have_been_applied(), "{error}");
    assert_eq!((test.requests("sms_send"), test.emulator.sms().len()), (1, 1));
}

#[tokio::test]
async fn retries_idempotent_operations() {
    for (name, failure) in ambiguous_responses() {
        let test = TwoUsers::new().await;
        let russ = test.domain.user("russ");
        test.emulator.inject(failure.clone().on("device_list").times(1));
        russ.devices().await.expect(name);
        assert_eq!(test.requests("device_list"), 3, "one before, and two now: {name}");

        // The first attempt may have deleted the device, so not-found is ambiguous.
        let is_applied = !name.contains("not applied");
        test.emulator.inject(failure.on("device_delete").times(1));
        match russ.delete_device(test.phone.id().clone()).await {
            Ok(()) => assert!(!is_applied, "{name}"),
            Err(error) => {
                assert!(is_applied && error.is_not_found() && error.may_have_been_applied(), "{name}: {error}");
            }
        }
        assert_eq!(test.requests("device_delete"), 2, "{name}");
    }
}

#[tokio::test]
async fn a_static_token_leaves_the_same_ambiguity() {
    for body in ["", "<html>no</html>", r#"{"status":0,"message":"success"}"#, r#"{"message":"Forbidden"}"#] {
        let server = MockServer::respond_with(move |_| json_response(403, body)).await;
        let device = server.kandy.user_with_token("UAT-token").device("A149");
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
        assert!(matches!(&error, Error::Api(_)) && error.may_have_been_applied(), "{body}: {error}");
        assert_eq!(server.requests().len(), 1);
    }
    let refused = r#"{"status":11,"message":"permission denied"}"#;
    let server = MockServer::respond_with(move |_| json_response(403, refused)).await;
    let device = server.kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
    assert!(!error.may_have_been_applied(), "{error}");
}
