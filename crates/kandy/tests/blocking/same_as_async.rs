//! Errors, options, previews and responses are those of the asynchronous API.

use std::time::Duration;

use kandy::{Kandy, Phase, RetryPolicy, blocking};
use kandy_emulator::{Emulator, InjectedFault};
use serde_json::Value;

use crate::{client, domain, server::HoldingServer};

fn async_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Returns what differs between two equal failures: nothing but the time that they took.
fn without_time(error: &kandy::Error) -> (String, Option<kandy::Status>, bool, bool, u32) {
    let text = error.to_string();
    let text = text.split(" in ").next().unwrap_or_default().to_owned();
    (text, error.status(), error.is_retryable(), error.may_have_been_applied(), error.attempts())
}

#[test]
fn errors_are_the_same() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let (blocking, asynchronous) = (domain.clone(), domain.as_async().clone());
    type Pair = (&'static str, fn(&blocking::Domain) -> kandy::Error, fn(&kandy::Domain) -> kandy::Error);
    // The asynchronous calls run on a client of their own runtime.
    fn run<T>(call: impl IntoFuture<Output = kandy::Result<T>>) -> kandy::Error {
        async_runtime().block_on(call.into_future()).err().expect("an error")
    }
    let pairs: [Pair; 3] = [
        (
            "a bad argument",
            |d| d.create_user("no@good").send().expect_err("refused"),
            |d| run(d.create_user("no@good")),
        ),
        (
            "an unknown user",
            |d| d.user("nobody").devices().send().expect_err("refused"),
            |d| run(d.user("nobody").devices()),
        ),
        (
            "a bad argument of a preview",
            |d| d.create_user("no@good").preview().expect_err("refused"),
            |d| run(d.create_user("no@good").preview()),
        ),
    ];
    for (name, by_blocking, by_async) in pairs {
        let (blocking, asynchronous) = (by_blocking(&blocking), by_async(&asynchronous));
        assert_eq!(without_time(&blocking), without_time(&asynchronous), "{name}");
    }
}

#[test]
fn options_of_a_call_apply() {
    let server = HoldingServer::start();
    let phone = server.device();
    let error = phone.send_sms("+12245556666", "Hello").deadline(Duration::from_millis(50)).send().expect_err("late");
    assert!(error.is_timeout() && error.may_have_been_applied(), "{error}");
    let request = server.next();
    request.expect_closed();
    let once = phone.address_book().timeout(Duration::from_millis(50)).retry(RetryPolicy::never());
    let error = once.send().expect_err("late");
    assert!(matches!(&error, kandy::Error::Transport(error) if error.phase() == Phase::Timeout), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[test]
fn retries_apply() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).clock(NoWait).build_blocking().expect("a client");
    let domain = domain(&kandy, &emulator).expect("a domain");
    emulator.inject(InjectedFault::http(503).on("user_list").times(2));
    domain.users().send().expect("the third attempt succeeds");
    emulator.inject(InjectedFault::http(503).on("user_list").times(1));
    assert!(domain.users().retry(RetryPolicy::never()).send().is_err());
}

/// The system clock, whose waits end at once.
#[derive(Debug)]
struct NoWait;

impl kandy::Clock for NoWait {
    fn now(&self) -> std::time::Instant {
        std::time::Instant::now()
    }

    fn sleep(&self, duration: Duration) -> kandy::sys::BoxFuture<'static, ()> {
        // A timeout must not pass at once.
        match duration < Duration::from_secs(10) {
            true => Box::pin(async {}),
            false => Box::pin(std::future::pending()),
        }
    }
}

#[test]
fn responses_and_previews_are_the_same() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    domain.create_user("russ").send()?;
    let response = domain.users().with_response()?;
    assert_eq!((response.http_status, response.value.len()), (200, 1));
    let raw = domain.users().response_as::<Value>()?;
    assert_eq!(raw.body, response.body);
    assert_eq!(raw.value["users"][0]["user_id"], "russ");
    let call = || domain.create_user("anna").country_code("US").email("anna@example.com");
    let asynchronous = domain.as_async().create_user("anna").country_code("US").email("anna@example.com");
    let expected = async_runtime().block_on(asynchronous.preview())?.to_string();
    assert_eq!(call().preview()?.to_string(), expected);
    assert_eq!(blocking::CallBuilder::preview(call())?.to_string(), expected);
    assert_eq!(domain.users().send()?.len(), 1, "a preview sends nothing");
    assert!(domain.access_token()?.expose().len() > 3);
    Ok(())
}
