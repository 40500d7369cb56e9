//! What can be seen of a call: a span and its events, and what an observer is told; and what cannot.

mod support;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use kandy::{CallEvent, Kandy, Observer};
use support::{Recorder, clock::TestClock, json};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Keeps what observers are told, as text.
#[derive(Clone, Debug, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Observer for Told {
    fn call_finished(&self, call: &CallEvent<'_>) {
        let told = format!(
            "{} {:?} {} {} ms",
            call.operation.id,
            call.outcome.is_success(),
            call.attempts,
            call.elapsed.as_millis()
        );
        self.0.lock().expect("no panic").push(told);
    }
}

/// Keeps every span, field and event, as text.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<String>>);

impl Seen {
    fn note(&self, what: &str, record: impl FnOnce(&mut Fields<'_>)) {
        let mut text = self.0.lock().expect("no panic");
        text.push_str(what);
        record(&mut Fields(&mut text));
        text.push('\n');
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a text");
    }
}

impl Subscriber for Seen {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("kandy")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(span.metadata().name(), |fields| span.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note("record", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note("event", |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// A server that fails once, then says that the token has expired, then answers; and a client of it.
async fn story(told: &Told) -> (Recorder, Kandy) {
    let answered = Mutex::new(0);
    let recorder = Recorder::answering(move |request| {
        let mut answered = answered.lock().expect("no panic");
        *answered += 1;
        match (request.operation().id, *answered) {
            ("user_list", 2) => json(503, ""),
            ("user_list", 3) => json(401, r#"{"status": 10, "message": "expired"}"#),
            _ => json(200, request.operation().example),
        }
    })
    .await;
    let builder = Kandy::builder().base_url(recorder.kandy.base_url()).clock(TestClock::new(0.5));
    let kandy = builder.observer(told.clone()).build().expect("a client");
    (recorder, kandy)
}

/// One after the other: what `tracing` knows of who listens is shared by all threads of a process.
#[tokio::test]
async fn what_can_be_seen_of_a_call() {
    a_call_is_a_span_and_an_attempt_an_event().await;
    an_observer_is_told_of_every_call().await;
}

async fn an_observer_is_told_of_every_call() {
    let told = Told::default();
    let (_recorder, kandy) = story(&told).await;
    let domain = kandy.domain("DAK-key", "DAS-secret");
    domain.users().await.expect("in the end");
    domain.raw().user_list().await.expect("a raw call is a call");
    drop(kandy);
    let told = told.0.lock().expect("no panic").clone();
    let expected = [
        "domain_access_token_get true 1 0 ms",
        "domain_access_token_get true 1 0 ms",
        "user_list true 3 100 ms",
        "user_list true 1 0 ms",
    ];
    assert_eq!(told, expected);
}

async fn a_call_is_a_span_and_an_attempt_an_event() {
    let seen = Seen::default();
    let (recorder, kandy) = story(&Told::default()).await;
    let guard = tracing::subscriber::set_default(seen.clone());
    kandy.domain("DAK-k3y", "DAS-s3cret").users().timeout(Duration::from_secs(5)).await.expect("in the end");
    drop(guard);
    let seen = seen.0.lock().expect("no panic").clone();
    for expected in [
        "kandy otel.kind=\"client\" kandy.operation=\"user_list\" http.request.method=\"GET\" \
         url.template=\"/domains/users\" server.address=\"127.0.0.1\"",
        "event message=attempt answered http.request.resend_count=0 http.response.status_code=503",
        "event message=waiting before another attempt wait_ms=100",
        "event message=the access token has expired; renewing it",
        "kandy.operation=\"domain_access_token_get\"",
        "record kandy.attempts=3",
        "record http.response.status_code=200",
        "record kandy.status=0",
        "event message=finished kandy.operation=\"user_list\" success=true",
    ] {
        assert!(seen.contains(expected), "{expected}\nis not in\n{seen}");
    }
    for request in recorder.requests() {
        for (name, value) in request.query {
            assert!(!seen.contains(&value), "{name} is in\n{seen}");
        }
    }
    assert!(!seen.contains("s3cret") && !seen.contains("k3y"), "{seen}");
}
