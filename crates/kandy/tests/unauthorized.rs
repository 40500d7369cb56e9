//! HTTP 401 and 403 prove that nothing was done only where the envelope of the service says why.

mod support;

use std::time::Duration;

use kandy::{Device, Domain, Error, Kandy};
use kandy_emulator::{Emulator, InjectedFault, NewGroup};
use support::{Recorder, json};

/// An emulator with a domain, two users and the device of one.
struct Stage {
    emulator: Emulator,
    domain: Domain,
    phone: Device,
}

impl Stage {
    async fn new() -> Self {
        let emulator = Emulator::start().expect("a free port");
        let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        let created = account.create_domain("example.com").await.expect("a domain");
        let domain = kandy.domain(&created.api_key, &created.api_secret);
        domain.create_user("russ").await.expect("a user");
        domain.create_user("anna").await.expect("a user");
        let russ = domain.user("russ");
        let phone = russ.device(russ.devices().await.expect("devices").remove(0).device_id);
        Self { emulator, domain, phone }
    }

    /// How many requests an operation had.
    fn requests(&self, id: &str) -> usize {
        self.emulator.requests().iter().filter(|request| request.operation == Some(id)).count()
    }
}

/// Responses that do not say whether the operation was carried out.
fn in_doubt() -> Vec<(&'static str, InjectedFault)> {
    let success = |http| InjectedFault::latency(Duration::ZERO).with_http(http);
    vec![
        ("403, carried out", InjectedFault::http(403).applied(true)),
        ("401, carried out", InjectedFault::http(401).applied(true)),
        ("403 with a page, carried out", InjectedFault::html_page().with_http(403).applied(true)),
        ("401 with JSON of a gateway, carried out", InjectedFault::http(401).json_body().applied(true)),
        ("403 with the envelope of a success", success(403)),
        ("401 with the envelope of a success", success(401)),
        ("403 with half an envelope", InjectedFault::truncated_json().with_http(403)),
        ("403 with status 1, carried out", InjectedFault::status(1).with_http(403).applied(true)),
        ("403, not carried out", InjectedFault::http(403)),
    ]
}

#[tokio::test]
async fn an_sms_is_not_sent_again_after_a_401_or_403_without_a_reason() {
    for (name, failure) in in_doubt() {
        let stage = Stage::new().await;
        let is_sent = !name.contains("not carried out");
        stage.emulator.inject(failure.on("sms_send").times(1));
        let minted = stage.requests("user_access_token_get");
        let error = stage.phone.send_sms("+12245556666", "Hello").await.expect_err(name);
        assert!(error.may_have_been_applied() && error.is_unauthorized(), "{name}: {error}");
        assert!(error.to_string().contains("What was asked may have been done all the same"), "{name}: {error}");
        assert_eq!((error.attempts(), stage.requests("sms_send")), (1, 1), "{name}");
        assert_eq!(stage.emulator.sms().len(), usize::from(is_sent), "{name}");

        // The next call has another token.
        assert_eq!(stage.requests("user_access_token_get"), minted + 1, "{name}");
        stage.phone.send_sms("+12245556666", "Hello again").await.expect(name);
        assert_eq!(stage.requests("user_access_token_get"), minted + 1, "{name}");
    }
}

#[tokio::test]
async fn nothing_else_that_is_not_idempotent_is_repeated_either() {
    for (name, failure) in in_doubt() {
        let stage = Stage::new().await;
        for id in ["message_send", "group_message_send", "user_create", "device_create"] {
            stage.emulator.inject(failure.clone().on(id).times(1));
        }
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let group = stage.emulator.create_group(group).expect("members exist");
        let russ = stage.domain.user("russ");
        let (message, to_group, user, device) = (
            stage.phone.send_message("anna@example.com", "Hello").await.err(),
            russ.group(group).send_message("Hello").await.err(),
            stage.domain.create_user("bert").await.err(),
            russ.create_device("12345678901234").await.err(),
        );
        for error in [message, to_group, user, device] {
            let error = error.expect(name);
            assert!(error.may_have_been_applied() && error.attempts() == 1, "{name}: {error}");
        }
    }
}

#[tokio::test]
async fn a_refusal_in_the_envelope_renews_the_token_and_repeats_the_send() {
    for failure in [
        InjectedFault::expired_token(),
        InjectedFault::expired_token().with_http(401),
        InjectedFault::expired_token().with_http(403),
        InjectedFault::status(55).with_http(401),
        InjectedFault::status(11).with_http(403),
    ] {
        let stage = Stage::new().await;
        let minted = stage.requests("user_access_token_get");
        stage.emulator.inject(failure.clone().on("sms_send").times(1));
        stage.phone.send_sms("+12245556666", "Hello").await.unwrap_or_else(|error| panic!("{failure}: {error}"));
        assert_eq!((stage.requests("sms_send"), stage.emulator.sms().len()), (2, 1), "{failure}");
        assert_eq!(stage.requests("user_access_token_get"), minted + 1, "{failure}");
    }
}

#[tokio::test]
async fn a_server_error_is_not_a_refusal_whatever_its_envelope_says() {
    let stage = Stage::new().await;
    stage.emulator.inject(InjectedFault::expired_token().with_http(500).applied(true).on("sms_send").times(1));
    let error = stage.phone.send_sms("+12245556666", "Hello").await.expect_err("in doubt");
    assert!(error.may_have_been_applied(), "{error}");
    assert_eq!((stage.requests("sms_send"), stage.emulator.sms().len()), (1, 1));
}

#[tokio::test]
async fn what_is_idempotent_is_repeated_and_says_what_is_in_doubt() {
    for (name, failure) in in_doubt() {
        let stage = Stage::new().await;
        let russ = stage.domain.user("russ");
        stage.emulator.inject(failure.clone().on("device_list").times(1));
        russ.devices().await.expect(name);
        assert_eq!(stage.requests("device_list"), 3, "one before, and two now: {name}");

        // The first attempt may have deleted it.
        let is_applied = !name.contains("not carried out");
        stage.emulator.inject(failure.on("device_delete").times(1));
        match russ.delete_device(stage.phone.id().clone()).await {
            Ok(()) => assert!(!is_applied, "{name}"),
            Err(error) => {
                assert!(is_applied && error.is_not_found() && error.may_have_been_applied(), "{name}: {error}");
            }
        }
        assert_eq!(stage.requests("device_delete"), 2, "{name}");
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_leaves_the_same_doubt() {
    for body in ["", "<html>no</html>", r#"{"status":0,"message":"success"}"#, r#"{"message":"Forbidden"}"#] {
        let recorder = Recorder::answering(move |_| json(403, body)).await;
        let device = recorder.kandy.user_with_token("UAT-token").device("A149");
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
        assert!(matches!(&error, Error::Api(_)) && error.may_have_been_applied(), "{body}: {error}");
        assert_eq!(recorder.requests().len(), 1);
    }
    let refused = r#"{"status":11,"message":"permission denied"}"#;
    let recorder = Recorder::answering(move |_| json(403, refused)).await;
    let device = recorder.kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
    assert!(!error.may_have_been_applied(), "{error}");
}
