//! A call emits one span and an event for each attempt, and notifies its observer; neither carries a credential.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use kandy::{CallEvent, Kandy, Observer, RateLimit};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::support::{
    clock::TestClock,
    mock_server::{MockServer, json_response},
};

/// Records each [`CallEvent`] as text.
#[derive(Clone, Debug, Default)]
struct RecordingObserver(Arc<Mutex<Vec<String>>>);

impl Observer for RecordingObserver {
    fn call_finished(&self, call: &CallEvent<'_>) {
        let event = format!(
            "{} {:?} {} {} ms",
            call.operation.id,
            call.outcome.is_success(),
            call.attempts,
            call.elapsed.as_millis()
        );
        self.0.lock().expect("no panic").push(event);
    }
}

/// Records every span, field and event as text.
#[derive(Clone, Default)]
struct RecordingSubscriber(Arc<Mutex<String>>);

impl RecordingSubscriber {
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

impl Subscriber for RecordingSubscriber {
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

/// Starts a server whose responses to `user_list` are 503, an expired token, and a success; and builds a client of it.
async fn start(observer: &RecordingObserver) -> (MockServer, Kandy) {
    let responses = Mutex::new(0);
    let server = MockServer::respond_with(move |request| {
        let mut responses = responses.lock().expect("no panic");
        *responses += 1;
        match (request.operation().id, *responses) {
            ("user_list", 2) => json_response(503, ""),
            ("user_list", 3) => json_response(401, r#"{"status": 10, "message": "expired"}"#),
            _ => json_response(200, request.operation().example),
        }
    })
    .await;
    let builder = Kandy::builder().base_url(server.kandy.base_url()).clock(TestClock::new(0.5));
    let kandy = builder.observer(observer.clone()).build().expect("a client");
    (server, kandy)
}

/// Both in one test, one after the other: all threads of a process share what `tracing` caches about its subscribers.
#[tokio::test]
async fn a_call_emits_a_span_and_notifies_the_observer() {
    emits_a_span_for_a_call_and_an_event_for_an_attempt().await;
    notifies_the_observer_of_every_call().await;
    records_the_wait_for_a_rate_limit().await;
}

async fn records_the_wait_for_a_rate_limit() {
    let subscriber = RecordingSubscriber::default();
    let server = MockServer::respond_with(|request| json_response(200, request.operation().example)).await;
    let builder = Kandy::builder().base_url(server.kandy.base_url()).clock(TestClock::new(0.5));
    let kandy = builder.rate_limit(RateLimit::per_second(4)).build().expect("a client");
    let guard = tracing::subscriber::set_default(subscriber.clone());
    let domain = kandy.domain_with_token("DAK-key", "DAT-token");
    for _ in 0..2 {
        domain.users().await.expect("users");
    }
    drop(guard);
    let seen = subscriber.0.lock().expect("no panic").clone();
    let waits: Vec<_> = seen.lines().filter(|line| line.contains("kandy.rate_limit.wait_ms")).collect();
    assert_eq!(waits, ["record kandy.rate_limit.wait_ms=250"], "the first call does not wait: {seen}");
}

async fn notifies_the_observer_of_every_call() {
    let observer = RecordingObserver::default();
    let (_server, kandy) = start(&observer).await;
    let domain = kandy.domain("DAK-key", "DAS-secret");
    domain.users().await.expect("the third attempt");
    domain.raw().user_list().await.expect("a raw call");
    drop(kandy);
    let events = observer.0.lock().expect("no panic").clone();
    let expected = [
        "domain_access_token_get true 1 0 ms",
        "domain_access_token_get true 1 0 ms",
        "user_list true 3 100 ms",
        "user_list true 1 0 ms",
    ];
    assert_eq!(events, expected);
}

async fn emits_a_span_for_a_call_and_an_event_for_an_attempt() {
    let subscriber = RecordingSubscriber::default();
    let (server, kandy) = start(&RecordingObserver::default()).await;
    let guard = tracing::subscriber::set_default(subscriber.clone());
    kandy.domain("DAK-k3y", "DAS-s3cret").users().timeout(Duration::from_secs(5)).await.expect("the third attempt");
    drop(guard);
    let seen = subscriber.0.lock().expect("no panic").clone();
    for expected in [
        "kandy otel.kind=\"client\" kandy.operation=\"user_list\" http.request.method=\"GET\" \
         url.template=\"/domains/users\" server.address=\"127.0.0.1\"",
        "event message=response received http.request.resend_count=0 http.response.status_code=503",
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
    for request in server.requests() {
        for (name, value) in request.query {
            assert!(!seen.contains(&value), "{name} is in\n{seen}");
        }
    }
    assert!(!seen.contains("s3cret") && !seen.contains("k3y"), "{seen}");
}
