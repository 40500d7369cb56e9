//! Credentials through every operation and every failure: nothing that is shown may contain one.

#[path = "support/coverage.rs"]
mod coverage;
#[path = "support/faults.rs"]
mod faults;
#[path = "support/leaks.rs"]
mod leaks;
#[path = "support/provisioned/mod.rs"]
mod provisioned;

use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    panic,
    sync::{Arc, Mutex},
    time::Duration,
};

use faults::{ApiFault, faults};
use kandy::{CallEvent, Error, Kandy, KandyBuilder, Observer, RetryPolicy, sys::Operation};
use kandy_emulator::Emulator;
use leaks::{Scanner, base64, writings};
use provisioned::{Call, Provisioned};
use tokio::time::timeout;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

const ACCOUNT_KEY: &str = "canary of the key/0+1=2&3%4 ü\"";
const ACCOUNT_SECRET: &str = "canary of the secret?#[]@!$'()*,;:\\";

/// The longest that a call may take, on a machine that has much else to do.
const LIMIT: Duration = Duration::from_secs(60);

/// What was shown, in many places.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<String>>>);

/// It is part of what is shown, and must not show itself in it, over and over.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

impl Shown {
    fn add(&self, text: impl Into<String>) {
        self.0.lock().expect("no panic").push(text.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    /// All that an error and those below it show of themselves.
    fn add_error(&self, error: &(dyn StdError + 'static)) {
        let mut error = Some(error);
        while let Some(shown) = error {
            self.add(format!("{shown}\n{shown:#}\n{shown:?}\n{shown:#?}"));
            // An I/O error keeps what caused it where `source` does not lead.
            let hidden = shown.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            error = hidden.map(|hidden| hidden as &(dyn StdError + 'static)).or_else(|| shown.source());
        }
    }
}

impl Observer for Shown {
    fn call_finished(&self, call: &CallEvent<'_>) {
        // The table of operations has examples, with credentials in them that are public.
        self.add(format!("{call:?}").replace(&format!("{:?}", call.operation), call.operation.id));
    }
}

/// Keeps each span, its fields, and each event, at every level.
struct Trace(Shown);

impl Trace {
    fn note(&self, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(String::new());
        if let Some(metadata) = metadata {
            write!(fields.0, "{} {} {}:", metadata.level(), metadata.target(), metadata.name()).expect("a text");
        }
        record(&mut fields);
        self.0.add(fields.0);
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).expect("a text");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a text");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn StdError + 'static)) {
        write!(self.0, " {}={value} {value:?}", field.name()).expect("a text");
    }
}

impl Subscriber for Trace {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("kandy")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.note(Some(attributes.metadata()), |fields| attributes.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note(None, |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(Some(event.metadata()), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Keeps what panics say, and lets them say it too.
fn watch_panics(shown: Shown) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        shown.add(info.to_string());
        if !info.to_string().contains(ACCOUNT_KEY) {
            usual(info);
        }
    }));
}

/// Makes every call of an operation. Answers the credentials that there were.
async fn row(operation: &'static Operation, faults: Arc<Vec<ApiFault>>, shown: Shown) -> Vec<String> {
    let log = shown.clone();
    let emulator = Emulator::builder()
        .account(ACCOUNT_KEY, ACCOUNT_SECRET)
        .on_request(move |request| log.add(format!("{request}\n{request:?}")));
    shown.add(format!("{emulator:?}"));
    let emulator = emulator.start().expect("a free port");
    let observer = shown.clone();
    let set_up = move |builder: KandyBuilder| builder.observer(observer.clone());
    let kandy = Provisioned::start(emulator, set_up).await;
    shown.add(&kandy.patient.builder);

    let mut number = 0;
    for is_once in [true, false] {
        for fault in faults.iter() {
            let handles = if fault.never_ends { &kandy.hasty[0] } else { &kandy.patient };
            kandy.warm(handles).await;
            number += 1;
            let Call { shown: call, future } = kandy.call(operation, handles, number).await;
            shown.add(call);
            let failure = fault.failure.clone().on(operation.id);
            kandy.emulator.inject(if is_once { failure.times(1) } else { failure });
            match timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{operation}: {} hangs", fault.name)) {
                Ok(answer) => shown.add(answer),
                Err(error) => {
                    shown.add_error(&error);
                    shown.add(format!("{:?}", anyhow(error)));
                }
            }
            shown.add(format!("{:?} {:?}", kandy.emulator.faults(), handles.kandy));
            kandy.emulator.clear_faults();
        }
    }
    kandy.warm(&kandy.patient).await;
    kandy.emulator.inject(fault_of(operation));
    for tool in ["health", "state", "requests", "sms", "faults", "nothing"] {
        let url = format!("{}/_emulator/{tool}", kandy.emulator.base_url().trim_end_matches("/v1.2"));
        let answer = reqwest::Client::builder().no_proxy().build().expect("a client").get(url).send().await;
        shown.add(answer.expect("an answer").text().await.expect("a text"));
    }
    shown.add(format!("{:?} {:?} {:?}", kandy.emulator, kandy.emulator.state(), kandy.emulator.requests()));
    kandy.credentials.all()
}

fn fault_of(operation: &Operation) -> kandy_emulator::InjectedFault {
    kandy_emulator::InjectedFault::expired_token().on(operation.id)
}

/// An error as those pass it on who do not look inside.
fn anyhow(error: Error) -> Box<dyn StdError + Send + Sync> {
    error.into()
}

/// What is refused before it is sent, with a credential in the wrong place.
async fn misplaced(shown: &Shown) {
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
            shown.add_error(&error);
        }
    }
    // A port that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let builder = Kandy::builder().base_url(format!("http://{port}/v1.2")).retry(RetryPolicy::never());
    let kandy = builder.build().expect("a client");
    let of_another_level = format!("AAT{}", "0".repeat(32));
    for token in [canary, "", &format!("{canary}\n"), &of_another_level] {
        let user = kandy.user_with_token(token).device("A149");
        shown.add(format!("{user:?}"));
        let domain = kandy.domain_with_token(canary, canary);
        let account = kandy.account(canary, token);
        shown.add(format!("{domain:?} {account:?}"));
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
            shown.add_error(&outcome.expect("nobody listens"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_shows_a_credential() {
    let shown = Shown::default();
    tracing::subscriber::set_global_default(Trace(shown.clone())).expect("it is the first");
    watch_panics(shown.clone());

    coverage::assert_provisioned("canary");
    let operations: Vec<_> = coverage::scope().collect();
    let faults = Arc::new(faults());
    let rows: Vec<_> =
        operations.iter().map(|operation| tokio::spawn(row(operation, faults.clone(), shown.clone()))).collect();
    let mut scanner = Scanner::new();
    for (operation, row) in operations.iter().zip(rows) {
        let credentials = row.await.unwrap_or_else(|panic| panic!("{operation}: {panic}"));
        credentials.iter().for_each(|credential| scanner.add(credential));
    }
    misplaced(&shown).await;

    scanner.add("canary-in-the-wrong-place");

    let texts = shown.take();
    let traced = texts.iter().filter(|text| text.contains("DEBUG kandy") || text.contains("TRACE kandy")).count();
    for text in &texts {
        let found = scanner.scan(text);
        assert!(found.is_empty(), "{found:?} in {text}");
    }
    println!(
        "{} outputs with {} bytes, {traced} of them traced, hold none of {} credentials",
        scanner.outputs,
        scanner.bytes,
        scanner.credentials()
    );
    println!("{} operations, {} failures, once and each time", operations.len(), faults.len());
    // Otherwise nothing was proven.
    assert!(traced > operations.len() * faults.len(), "{traced} traced");
    assert!(scanner.credentials() > 1000 && scanner.outputs > 10_000);

    a_leak_is_found(&mut scanner, &shown);
}

/// Leaks credentials on purpose, and each one in each way in which it could be written.
fn a_leak_is_found(scanner: &mut Scanner, shown: &Shown) {
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

    shown.take();
    let mut leaks = |what: &str| {
        let texts = shown.take();
        assert!(!texts.is_empty(), "{what} was not seen");
        assert!(texts.iter().any(|text| !scanner.scan(text).is_empty()), "{what} was not found: {texts:?}");
    };
    shown.add(Leaky(ACCOUNT_KEY).to_string());
    leaks("a text");
    shown.add(format!("{:?}", Leaky(ACCOUNT_SECRET)));
    leaks("the debug form");
    shown.add_error(&std::io::Error::other(Above(Leaky(ACCOUNT_KEY))));
    leaks("a source inside an I/O error");
    tracing::event!(target: "kandy::leak", Level::TRACE, secret = ACCOUNT_SECRET);
    leaks("an event");
    tracing::event!(target: "kandy::leak", Level::TRACE, "with {:?}", ACCOUNT_SECRET);
    leaks("the message of an event");
    let span = tracing::trace_span!(target: "kandy::leak", "span", secret = tracing::field::Empty);
    shown.take();
    span.record("secret", ACCOUNT_KEY);
    leaks("a field of a span");
    assert!(panic::catch_unwind(|| panic!("with {ACCOUNT_KEY}")).is_err());
    leaks("a panic");
    shown.add(format!("a token that nobody told of, AAT{}!", "0123456789abcdef".repeat(2)));
    leaks("an unknown credential");

    for credential in [ACCOUNT_KEY, ACCOUNT_SECRET, "canary000001"] {
        scanner.add(credential);
        for (writing, written) in writings(credential) {
            let found = scanner.scan(&format!("before {written} after"));
            assert!(!found.is_empty(), "{written} as {writing}");
        }
        for before in ["", "k", "ke", "key", "key="] {
            for [plus, slash] in [*b"+/", *b"-_"] {
                let text = format!("{before}{credential}&more");
                let found = scanner.scan(&base64(text.as_bytes(), 0, [plus, slash]));
                assert!(found.iter().any(|writing| writing.starts_with("base64")), "{text}: {found:?}");
            }
        }
    }
    for harmless in ["", "AAT", "AAT0123456789abcdef", "canary", "AATxyz0123456789abcdef0123456789abcdef"] {
        assert!(scanner.scan(harmless).is_empty(), "{harmless}");
    }
}

/// The base64 of the tests is that of all others.
#[test]
fn base64_is_right() {
    assert_eq!(base64(b"Many hands", 0, *b"+/"), "TWFueSBoYW5kc");
    assert_eq!(base64(b"\xfb\xff\xbf", 0, *b"+/"), "+/+/");
    assert_eq!(base64(b"\xfb\xff\xbf", 0, *b"-_"), "-_-_");
    for offset in 0..3 {
        let text = [&b"xy"[..offset], b"credential", b"yz"].concat();
        assert!(base64(&text, 0, *b"+/").contains(&base64(b"credential", offset, *b"+/")));
    }
}
