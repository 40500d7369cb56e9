//! Metrics are exported by OTLP to a collector in this process. What arrives there is the table of the README, row by row,
//! and contains no credential.

#[path = "../examples/export_metrics.rs"]
#[allow(dead_code, unreachable_pub, reason = "the example has a `main`, and is a program of its own")]
mod example;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::DefaultBodyLimit, routing::post};
use kandy::{Clock, Device, Domain, Kandy, RetryBudget, sys::BoxFuture};
use kandy_emulator::{Emulator, InjectedFault};
use kandy_otel::OtelObserver;
use opentelemetry::{KeyValue, metrics::MeterProvider};
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    common::v1::any_value::Value,
    metrics::v1::{Metric, metric::Data},
};
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prost::Message;

/// Credentials that no export may contain.
const KEY: &str = "AAK-canary-of-the-key";
const SECRET: &str = "AAS-canary-of-the-secret";

/// A collector: keeps the bodies of its requests.
struct Collector {
    endpoint: String,
    received: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    async fn start() -> Self {
        let received = Arc::<Mutex<Vec<Bytes>>>::default();
        let keep = received.clone();
        let collect = post(async move |body: Bytes| keep.lock().expect("no panic").push(body));
        let router = Router::new().route("/v1/metrics", collect).layer(DefaultBodyLimit::disable());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}/v1/metrics", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, received }
    }

    /// Shuts the provider down, which exports, and returns what arrived: the metrics by name, and all bytes as text.
    async fn collect(&self, provider: SdkMeterProvider) -> (BTreeMap<String, Metric>, String) {
        let shutdown = tokio::task::spawn_blocking(move || provider.shutdown());
        shutdown.await.expect("no panic").expect("the collector receives it");
        let (mut metrics, mut text) = (BTreeMap::new(), String::new());
        for body in self.received.lock().expect("no panic").iter() {
            text.push_str(&String::from_utf8_lossy(body));
            let request = ExportMetricsServiceRequest::decode(body.clone()).expect("an export");
            let scopes = request.resource_metrics.into_iter().flat_map(|resource| resource.scope_metrics);
            metrics.extend(scopes.flat_map(|scope| scope.metrics).map(|metric| (metric.name.clone(), metric)));
        }
        (metrics, text)
    }
}

/// A row of the README's table: kind, unit, meaning, attributes.
type Instrument = (&'static str, String, String, BTreeSet<String>);

/// Returns the instruments of the README's table that this build has.
fn documented() -> BTreeMap<String, Instrument> {
    let rows = include_str!("../README.md").lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, kind, unit, attributes, meaning] = cells[..] else { panic!("{line}") };
        let kind = ["histogram", "counter", "gauge"].into_iter().find(|known| *known == kind).expect("a known kind");
        let attributes = attributes.split(", ").map(|name| name.trim_matches('`').to_owned());
        let attributes = attributes.filter(|name| !name.is_empty()).collect();
        (name.trim_matches('`').to_owned(), (kind, unit.trim_matches('`').to_owned(), meaning.to_owned(), attributes))
    };
    rows.map(row).filter(|(name, _)| cfg!(feature = "push") || !name.starts_with("kandy.channel.")).collect()
}

/// The attributes of each data point, as text, and its value: of a histogram the count.
fn points(metric: &Metric) -> Vec<(BTreeMap<String, String>, u64)> {
    let integer = |value: Option<opentelemetry_proto::tonic::metrics::v1::number_data_point::Value>| match value {
        Some(opentelemetry_proto::tonic::metrics::v1::number_data_point::Value::AsInt(value)) => value as u64,
        other => panic!("{other:?}"),
    };
    let points: Vec<_> = match metric.data.clone().expect("data") {
        Data::Histogram(histogram) => {
            histogram.data_points.into_iter().map(|point| (point.attributes, point.count)).collect()
        }
        Data::Sum(sum) => sum.data_points.into_iter().map(|point| (point.attributes, integer(point.value))).collect(),
        Data::Gauge(gauge) => {
            gauge.data_points.into_iter().map(|point| (point.attributes, integer(point.value))).collect()
        }
        other => panic!("{other:?}"),
    };
    let text = |value: Option<Value>| match value {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => panic!("{other:?}"),
    };
    let attributes = |attributes: Vec<opentelemetry_proto::tonic::common::v1::KeyValue>| {
        attributes.into_iter().map(|pair| (pair.key, text(pair.value.and_then(|value| value.value)))).collect()
    };
    points.into_iter().map(|(pairs, value)| (attributes(pairs), value)).collect()
}

/// The sum of the points of an instrument that have these attributes.
fn total(metrics: &BTreeMap<String, Metric>, name: &str, expected: &[(&str, &str)]) -> u64 {
    let has = |attributes: &BTreeMap<String, String>| {
        expected.iter().all(|(key, value)| attributes.get(*key).is_some_and(|found| found == value))
    };
    points(&metrics[name]).iter().filter(|(attributes, _)| has(attributes)).map(|(_, value)| value).sum()
}

fn kind(metric: &Metric) -> &'static str {
    match &metric.data {
        Some(Data::Histogram(_)) => "histogram",
        Some(Data::Sum(sum)) if sum.is_monotonic => "counter",
        Some(Data::Gauge(_)) => "gauge",
        other => panic!("{other:?}"),
    }
}

/// A clock that advances instead of sleeping, so that no retry waits.
#[derive(Debug)]
struct InstantClock(Mutex<Instant>);

impl Clock for InstantClock {
    fn now(&self) -> Instant {
        *self.0.lock().expect("no panic")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        *self.0.lock().expect("no panic") += duration;
        Box::pin(async {})
    }
}

/// Makes a device of a new user.
async fn device(domain: &Domain, user_id: &str) -> Device {
    domain.create_user(user_id).await.expect("a user");
    let user = domain.user(user_id);
    let created = user.create_device("12345678901234").await.expect("a device");
    user.device(created.device_id)
}

/// Receives two messages: by polling, and pushed with the feature `push`.
async fn receive_messages(kandy: &Kandy, emulator: &Emulator) {
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("inbox.example").project_name("Inbox").await.expect("a domain");
    let domain = kandy.domain(&created.api_key, &created.api_secret);
    let (phone, tablet) = (device(&domain, "russ").await, device(&domain, "anna").await);
    phone.send_message("anna@inbox.example", "one").await.expect("a message");
    let inbox = tablet.messages();
    #[cfg(feature = "push")]
    let inbox = inbox.push();
    let mut inbox = inbox.stream();
    let message = inbox.try_next().await.expect("a response").expect("a message");
    message.ack().await.expect("an acknowledgement");
    #[cfg(feature = "push")]
    {
        while !inbox.is_pushed() {
            // The next poll follows the connection, and has nothing new.
            let _ = tokio::time::timeout(Duration::from_millis(10), inbox.next()).await;
        }
        phone.send_message("anna@inbox.example", "two").await.expect("a message");
        inbox.try_next().await.expect("a response").expect("a message");
    }
    inbox.close().await.expect("a deletion");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_receives_each_instrument_of_the_table_and_no_credential() {
    let collector = Collector::start().await;
    let provider = example::meter_provider(&collector.endpoint).expect("an exporter");
    let meter = provider.meter("test");
    let emulator = Emulator::builder().account(KEY, SECRET).start().expect("a free port");
    let observer = OtelObserver::new(&meter);
    let builder = Kandy::builder().base_url(emulator.base_url()).observer(observer.clone());
    let clock = InstantClock(Mutex::new(Instant::now()));
    // A budget of its own: clones of a builder share theirs, and successful calls fill it.
    let kandy = builder.clone().clock(clock).retry_budget(RetryBudget::new(50)).build().expect("a client");
    kandy_otel::register_gauges(&meter, &kandy, []);

    emulator.inject(InjectedFault::http(503).on("domain_list").nth(1));
    let account = kandy.account(KEY, SECRET);
    account.domains().await.expect("the second attempt");
    // The reply to a changing operation is lost after it was applied.
    emulator.inject(InjectedFault::http(500).on("domain_create").nth(1).applied(true));
    let lost = account.create_domain("lost.example").project_name("Lost").await.expect_err("an injected fault");
    assert!(lost.may_have_been_applied());
    emulator.inject(InjectedFault::status(4711).on("domain_list").times(1));
    account.domains().await.expect_err("an unknown status");
    kandy.account(KEY, "AAS-canary-that-is-wrong").domains().await.expect_err("a wrong secret");
    // Last, because the client paces its calls afterwards.
    emulator.inject(InjectedFault::http(429).on("domain_list").nth(1).retry_after(Duration::from_secs(2)));
    account.domains().await.expect("after the wait");
    receive_messages(&builder.build().expect("a client"), &emulator).await;

    let (metrics, text) = collector.collect(provider).await;
    let documented = documented();
    for (name, metric) in &metrics {
        assert!(documented.contains_key(name), "{name} is not in the README");
        let (expected_kind, unit, meaning, attributes) = &documented[name];
        assert_eq!(
            (kind(metric), &metric.unit, &metric.description),
            (*expected_kind, unit, meaning),
            "{name}, in the README"
        );
        let found: BTreeSet<String> = points(metric).into_iter().flat_map(|(found, _)| found.into_keys()).collect();
        assert_eq!(&found, attributes, "attributes of {name}");
    }
    assert_eq!(metrics.keys().collect::<Vec<_>>(), documented.keys().collect::<Vec<_>>());

    let list = ("kandy.operation", "domain_list");
    for (name, attributes, expected) in [
        ("http.client.request.duration", &[list, ("http.response.status_code", "503"), ("error.type", "503")][..], 1),
        ("http.client.request.duration", &[list, ("http.request.method", "GET"), ("error.type", "refused")], 1),
        ("http.client.request.duration", &[list, ("kandy.status", "_OTHER")], 1),
        ("http.client.request.duration", &[list, ("kandy.status", "0"), ("server.address", "127.0.0.1")], 2),
        ("kandy.client.attempts", &[list], 5),
        ("kandy.client.retries", &[list], 2),
        ("kandy.client.unknown_outcomes", &[("kandy.operation", "domain_create"), ("error.type", "500")], 1),
        ("kandy.client.unknown_outcomes", &[], 1),
        ("kandy.client.token.mints", &[("kandy.token.level", "account"), ("kandy.success", "true")], 2),
        ("kandy.client.token.mints", &[("kandy.token.level", "account"), ("kandy.success", "false")], 1),
        ("kandy.client.token.mints", &[("kandy.token.level", "domain"), ("kandy.success", "true")], 1),
        ("kandy.client.rate_limit.wait", &[list], 1),
        ("kandy.inbox.lag", &[], if cfg!(feature = "push") { 2 } else { 1 }),
        ("kandy.client.calls.in_flight", &[], 0),
        ("kandy.client.retries.left", &[], 49),
        ("kandy.client.tokens.cached", &[], 1),
    ] {
        assert_eq!(total(&metrics, name, attributes), expected, "{name} {attributes:?}");
    }
    #[cfg(feature = "push")]
    assert_eq!(total(&metrics, "kandy.channel.changes", &[("kandy.channel.state", "connected")]), 1);
    let Some(Data::Histogram(histogram)) = &metrics["http.client.request.duration"].data else {
        panic!("no histogram")
    };
    let boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
    assert_eq!(histogram.data_points[0].explicit_bounds, boundaries, "semantic conventions for HTTP metrics");

    for canary in ["canary", "AAT", "DAT", "UAT", "DAK", "DAS", "russ", "anna", "inbox.example", "12345678901234"] {
        assert!(!text.contains(canary), "{canary} is in the export");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_exports_to_a_collector() {
    let collector = Collector::start().await;
    let provider = example::meter_provider(&collector.endpoint).expect("an exporter");
    example::make_calls(&provider).await.expect("a list");
    let (metrics, text) = collector.collect(provider).await;
    assert_eq!(total(&metrics, "kandy.client.retries", &[("kandy.operation", "domain_list")]), 1);
    assert!(text.contains("kandy-example"), "the name of the service");
}

#[tokio::test]
async fn gauges_of_several_clients_are_told_apart_by_their_attributes() {
    let collector = Collector::start().await;
    let provider = example::meter_provider(&collector.endpoint).expect("an exporter");
    for (name, retries) in [("one", 1), ("two", 2)] {
        let budget = RetryBudget::new(retries);
        let kandy = Kandy::builder().retry_budget(budget).build().expect("a client");
        kandy_otel::register_gauges(&provider.meter("test"), &kandy, [KeyValue::new("client", name)]);
    }
    let (metrics, _) = collector.collect(provider).await;
    assert_eq!(total(&metrics, "kandy.client.retries.left", &[("client", "one")]), 1);
    assert_eq!(total(&metrics, "kandy.client.retries.left", &[("client", "two")]), 2);
}
