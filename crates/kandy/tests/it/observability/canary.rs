//! Canary credentials through every operation and every fault: no output may contain one.

use std::{error::Error as StdError, fmt, panic, sync::Arc, time::Duration};

use kandy::{Error, Kandy, KandyBuilder, RetryPolicy, sys::Operation};
use kandy_emulator::Emulator;
use tokio::time::timeout;
use tracing::Level;

use super::output::{Output, OutputSubscriber, record_panics};
use crate::support::{
    coverage,
    fault_cases::{FaultCase, fault_cases},
    leak_scanner::{LeakScanner, base64, encodings},
    mock_server::closed_port,
    provisioned::{Call, Provisioned},
};

const ACCOUNT_KEY: &str = "canary of the key/0+1=2&3%4 ü\"";
const ACCOUNT_SECRET: &str = "canary of the secret?#[]@!$'()*,;:\\";

/// The longest time of one call, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Calls an operation with every fault. Returns the credentials that were used.
async fn run_operation(operation: &'static Operation, faults: Arc<Vec<FaultCase>>, output: Output) -> Vec<String> {
    let log = output.clone();
    let emulator = Emulator::builder()
        .account(ACCOUNT_KEY, ACCOUNT_SECRET)
        .on_request(move |request| log.add(format!("{request}\n{request:?}")));
    output.add(format!("{emulator:?}"));
    let emulator = emulator.start().expect("a free port");
    let observer = output.clone();
    let configure = move |builder: KandyBuilder| builder.observer(observer.clone());
    let kandy = Provisioned::start(emulator, configure).await;
    output.add(&kandy.default_handles.builder);

    let mut number = 0;
    for is_once in [true, false] {
        for fault in faults.iter() {
            let handles = if fault.never_ends { &kandy.short_timeout_handles[0] } else { &kandy.default_handles };
            kandy.mint_tokens(handles).await;
            number += 1;
            let Call { printed, future } = kandy.prepare(operation, handles, number).await;
            output.add(printed);
            let injected = fault.fault.clone().on(operation.id);
            kandy.emulator.inject(if is_once { injected.times(1) } else { injected });
            match timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{operation}: {} hangs", fault.name)) {
                Ok(result) => output.add(result),
                Err(error) => {
                    output.add_error(&error);
                    output.add(format!("{:?}", boxed(error)));
                }
            }
            output.add(format!("{:?} {:?}", kandy.emulator.faults(), handles.kandy));
            kandy.emulator.clear_faults();
        }
    }
    kandy.mint_tokens(&kandy.default_handles).await;
    kandy.emulator.inject(kandy_emulator::InjectedFault::expired_token().on(operation.id));
    for tool in ["health", "state", "requests", "sms", "faults", "nothing"] {
        let url = format!("{}/_emulator/{tool}", kandy.emulator.base_url().trim_end_matches("/v1.2"));
        let response = reqwest::Client::builder().no_proxy().build().expect("a client").get(url).send().await;
        output.add(response.expect("a response").text().await.expect("a text"));
    }
    output.add(format!("{:?} {:?} {:?}", kandy.emulator, kandy.emulator.state(), kandy.emulator.requests()));
    kandy.credentials.all()
}

/// Boxes an error, as `anyhow` and similar crates do.
fn boxed(error: Error) -> Box<dyn StdError + Send + Sync> {
    error.into()
}

/// Makes calls that are refused before they are sent, with a credential in the wrong place.
async fn misplaced_credentials(output: &Output) {
    let canary = "canary-in-the-wrong-place";
    for url in [
        format!("https://user:{canary}@api.kandy.io/v1.2"),
        format!("https://{canary}@api.kandy.io/v1.2"),
        format!("https://api.kandy.io/v1.2?key={canary}"),
        format!("https://api.kandy.io/v1.2#{canary}"),
        format!("http://api.kandy.io/{canary}"),
        canary.to_owned(),
    ] {
        let builder = Kandy::builder().base_url(url);
        if let Err(error) = builder.build() {
            output.add_error(&error);
        }
    }
    // A port that nothing listens on.
    let port = closed_port();
    let builder = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).retry(RetryPolicy::never());
    let kandy = builder.build().expect("a client");
    let of_another_level = format!("AAT{}", "0".repeat(32));
    for token in [canary, "", &format!("{canary}\n"), &of_another_level] {
        let user = kandy.user_with_token(token).device("A149");
        output.add(format!("{user:?}"));
        let domain = kandy.domain_with_token(canary, canary);
        let account = kandy.account(canary, token);
        output.add(format!("{domain:?} {account:?}"));
        for outcome in [
            user.send_sms("+12245556666", "hello").await.err(),
            user.send_message("no at sign", "hello").await.err(),
            domain.users().await.err(),
            domain.create_user("russ").password(canary).await.err(),
            domain.create_user("russ@").password(token).await.err(),
            domain.delete_user(token).await.err(),
            domain.delete_user_by_password("russ", canary).await.err(),
            account.domains().await.err(),
            account.delete_domain(token).await.err(),
            kandy.user_with_password(canary, "russ", canary).devices().await.err(),
        ] {
            output.add_error(&outcome.expect("nothing listens"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_credential() {
    let output = Output::default();
    tracing::subscriber::set_global_default(OutputSubscriber(output.clone(), "kandy")).expect("no other one is set");
    record_panics(output.clone(), ACCOUNT_KEY);

    coverage::assert_provisioned("observability canary");
    let operations: Vec<_> = coverage::scope().collect();
    let faults = Arc::new(fault_cases());
    let rows: Vec<_> = operations
        .iter()
        .map(|operation| tokio::spawn(run_operation(operation, faults.clone(), output.clone())))
        .collect();
    let mut scanner = LeakScanner::new();
    for (operation, row) in operations.iter().zip(rows) {
        let credentials = row.await.unwrap_or_else(|panic| panic!("{operation}: {panic}"));
        credentials.iter().for_each(|credential| scanner.add(credential));
    }
    misplaced_credentials(&output).await;
    scanner.add("canary-in-the-wrong-place");

    let texts = output.take();
    let traced = texts.iter().filter(|text| text.contains("DEBUG kandy") || text.contains("TRACE kandy")).count();
    for text in &texts {
        let found = scanner.scan(text);
        assert!(found.is_empty(), "{found:?} in {text}");
    }
    println!(
        "{} outputs with {} bytes, {traced} of them traced, contain none of {} credentials",
        scanner.outputs,
        scanner.bytes,
        scanner.credentials()
    );
    println!("{} operations, {} faults, once and every time", operations.len(), faults.len());
    // Too few outputs would prove nothing.
    assert!(traced > operations.len() * faults.len(), "{traced} traced");
    assert!(scanner.credentials() > 1000 && scanner.outputs > 10_000);

    finds_deliberate_leaks(&mut scanner, &output);
}

/// Leaks credentials on purpose through every channel and in every encoding, and expects the scanner to find them.
fn finds_deliberate_leaks(scanner: &mut LeakScanner, output: &Output) {
    #[derive(Debug)]
    struct Leaky(&'static str);

    impl fmt::Display for Leaky {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "calling https://api.kandy.io/v1.2?key={}&a=b", self.0)
        }
    }

    impl StdError for Leaky {}

    #[derive(Debug)]
    struct Above(Leaky);

    impl fmt::Display for Above {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("it failed")
        }
    }

    impl StdError for Above {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    output.take();
    let mut leaks = |what: &str| {
        let texts = output.take();
        assert!(!texts.is_empty(), "{what} was not recorded");
        assert!(texts.iter().any(|text| !scanner.scan(text).is_empty()), "{what} was not found: {texts:?}");
    };
    output.add(Leaky(ACCOUNT_KEY).to_string());
    leaks("a text");
    output.add(format!("{:?}", Leaky(ACCOUNT_SECRET)));
    leaks("the debug form");
    output.add_error(&std::io::Error::other(Above(Leaky(ACCOUNT_KEY))));
    leaks("a source inside an I/O error");
    tracing::event!(target: "kandy::leak", Level::TRACE, secret = ACCOUNT_SECRET);
    leaks("an event");
    tracing::event!(target: "kandy::leak", Level::TRACE, "with {:?}", ACCOUNT_SECRET);
    leaks("the message of an event");
    let span = tracing::trace_span!(target: "kandy::leak", "span", secret = tracing::field::Empty);
    output.take();
    span.record("secret", ACCOUNT_KEY);
    leaks("a field of a span");
    assert!(panic::catch_unwind(|| panic!("with {ACCOUNT_KEY}")).is_err());
    leaks("a panic");
    output.add(format!("a token that was never added, AAT{}!", "0123456789abcdef".repeat(2)));
    leaks("an unknown credential");

    for credential in [ACCOUNT_KEY, ACCOUNT_SECRET, "canary000001"] {
        scanner.add(credential);
        for (encoding, encoded) in encodings(credential) {
            let found = scanner.scan(&format!("before {encoded} after"));
            assert!(!found.is_empty(), "{encoded} as {encoding}");
        }
        for before in ["", "k", "ke", "key", "key="] {
            for [plus, slash] in [*b"+/", *b"-_"] {
                let text = format!("{before}{credential}&more");
                let found = scanner.scan(&base64(text.as_bytes(), 0, [plus, slash]));
                assert!(found.iter().any(|encoding| encoding.starts_with("base64")), "{text}: {found:?}");
            }
        }
    }
    for harmless in ["", "AAT", "AAT0123456789abcdef", "canary", "AATxyz0123456789abcdef0123456789abcdef"] {
        assert!(scanner.scan(harmless).is_empty(), "{harmless}");
    }
}

/// The scanner has an encoder of its own, because it needs the digits at each offset.
#[test]
fn base64_digits_match_the_standard() {
    assert_eq!(base64(b"Many hands", 0, *b"+/"), "TWFueSBoYW5kc");
    assert_eq!(base64(b"\xfb\xff\xbf", 0, *b"+/"), "+/+/");
    assert_eq!(base64(b"\xfb\xff\xbf", 0, *b"-_"), "-_-_");
    for offset in 0..3 {
        let text = [&b"xy"[..offset], b"credential", b"yz"].concat();
        assert!(base64(&text, 0, *b"+/").contains(&base64(b"credential", offset, *b"+/")));
    }
}
