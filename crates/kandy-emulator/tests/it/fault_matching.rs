//! Which requests trigger an injected fault, how often, and the JSON of `/_emulator/faults`.

use std::time::Duration;

use kandy_emulator::InjectedFault;
use kandy_sys::{
    OPERATIONS,
    operation::{Credential, Level},
};
use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response};

/// Sends a request without credentials, and returns the status.
async fn ask(kandy: &Kandy, operation: &str) -> i64 {
    let response = kandy.request(operation, &[]).send().await.expect("a response");
    let json: Value = response.json().await.expect("JSON");
    json["status"].as_i64().expect("a status")
}

/// Sends a number of requests to an operation, and returns the numbers of those that triggered a fault.
async fn hits(kandy: &Kandy, operation: &str, of: u64) -> Vec<u64> {
    let mut hits = Vec::new();
    for number in 1..=of {
        if ask(kandy, operation).await == 4711 {
            hits.push(number);
        }
    }
    hits
}

fn fault() -> InjectedFault {
    InjectedFault::status(4711)
}

#[tokio::test]
async fn matches_operation_tag_or_level() {
    let kandy = Kandy::start();
    let user = |operation: &kandy_sys::Operation| {
        matches!(operation.credential(), Credential::AccessToken(Level::User) | Credential::ApiKey(Level::User))
    };
    type Where = Box<dyn Fn(&kandy_sys::Operation) -> bool>;
    let scopes: [(InjectedFault, Where); 5] = [
        (fault(), Box::new(|_| true)),
        (fault().on("sms_send"), Box::new(|operation| operation.id == "sms_send")),
        (fault().on("user_access_token_get"), Box::new(|operation| operation.id == "user_access_token_get")),
        (fault().on_tag("Device"), Box::new(|operation| operation.tag == "Device")),
        (fault().on_level(Level::User), Box::new(user)),
    ];
    for (fault, covers) in scopes {
        let id = kandy.emulator.inject(fault);
        let mut covered = 0;
        for operation in OPERATIONS {
            let hit = ask(&kandy, operation.id).await == 4711;
            assert_eq!(hit, covers(operation), "{operation}");
            covered += u64::from(hit);
        }
        let armed = &kandy.emulator.faults()[0];
        assert_eq!((armed.id, armed.matched, armed.hits), (id, covered, covered));
        assert!(covered > 0 && kandy.emulator.remove_fault(id) && !kandy.emulator.remove_fault(id));
    }
    kandy.emulator.inject(fault());
    for (path, http) in [("/nothing", 404), ("/devices/smss", 405)] {
        assert_eq!(kandy.http.get(kandy.url(path)).send().await.expect("a response").status(), http);
    }
    assert_eq!(kandy.emulator.faults()[0].matched, 0, "only operations fail");
}

#[tokio::test]
async fn matches_by_request_number() {
    let kandy = Kandy::start();
    for (fault, expected) in [
        (fault(), (1..=10).collect()),
        (fault().nth(3), vec![3]),
        (fault().every(4), vec![4, 8]),
        (fault().every(2).times(3), vec![2, 4, 6]),
        (fault().times(2), vec![1, 2]),
        (fault().times(0), vec![]),
        (fault().every(2).nth(5), vec![5]),
        (fault().probability(0.0, 1), vec![]),
        (fault().probability(1.0, 1), (1..=10).collect()),
    ] {
        kandy.emulator.inject(fault.on("device_list"));
        assert_eq!(hits(&kandy, "device_list", 10).await, expected);
        let armed = &kandy.emulator.faults()[0];
        assert_eq!((armed.matched, armed.hits), (10, expected.len() as u64), "{armed:?}");
        kandy.emulator.clear_faults();
    }
}

#[tokio::test]
async fn probability_is_deterministic() {
    let kandy = Kandy::start();
    let mut runs = Vec::new();
    for seed in [42, 42, 43] {
        kandy.emulator.inject(fault().on("device_list").probability(0.5, seed));
        runs.push(hits(&kandy, "device_list", 40).await);
        kandy.emulator.reset();
        assert!(kandy.emulator.faults().is_empty(), "a reset forgets them");
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!((8..=32).contains(&runs[0].len()), "{:?}", runs[0]);
}

#[tokio::test]
async fn first_match_wins_and_all_count() {
    let kandy = Kandy::start();
    kandy.emulator.inject(InjectedFault::status(1001).nth(2));
    kandy.emulator.inject(InjectedFault::status(1002).on("device_list").nth(2));
    kandy.emulator.inject(InjectedFault::status(1003).on("device_list").nth(3));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&kandy, "device_list").await);
    }
    assert_eq!(statuses, [15, 1001, 1003, 15]);
    let counts: Vec<_> = kandy.emulator.faults().iter().map(|armed| (armed.matched, armed.hits)).collect();
    assert_eq!(counts, [(4, 1), (4, 0), (4, 1)]);
}

#[test]
fn impossible_fault_panics() {
    let wrong: [fn() -> InjectedFault; 8] = [
        || fault().on("sms_sned"),
        || fault().on_tag("Devices"),
        || fault().nth(0),
        || fault().every(0),
        || fault().probability(1.1, 0),
        || fault().probability(f64::NAN, 0),
        || InjectedFault::http(199),
        || fault().with_http(600),
    ];
    for (at, wrong) in wrong.into_iter().enumerate() {
        assert!(std::panic::catch_unwind(|| drop(wrong())).is_err(), "{at}");
    }
}

async fn arm(kandy: &Kandy, fault: &Value) -> (u16, Value) {
    admin_response(kandy.http.post(kandy.admin_url("faults")).json(fault)).await
}

/// Each kind with each of its members: the builder and the JSON agree.
#[tokio::test]
async fn json_matches_builder() {
    let second = Duration::from_secs(1);
    for (fault, json) in [
        (InjectedFault::latency(second), json!({"kind": "latency", "latency_ms": 1000, "applied": true})),
        (InjectedFault::stall().on("sms_send"), json!({"kind": "stall", "applied": false, "operation": "sms_send"})),
        (
            InjectedFault::stall_during_response().nth(3),
            json!({"kind": "stall_during_response", "applied": true, "nth": 3}),
        ),
        (
            InjectedFault::close_before_reading().every(2).times(1),
            json!({"kind": "close_before_reading", "applied": false, "every": 2, "times": 1}),
        ),
        (
            InjectedFault::close_during_reading().on_tag("Device"),
            json!({"kind": "close_during_reading", "applied": false, "tag": "Device"}),
        ),
        (
            InjectedFault::close_after_reading().on_level(Level::User),
            json!({"kind": "close_after_reading", "applied": true, "level": "user"}),
        ),
        (
            InjectedFault::close_during_response().with_http(201),
            json!({"kind": "close_during_response", "applied": true, "http": 201}),
        ),
        (
            InjectedFault::http(503).retry_after(second),
            json!({"kind": "http", "applied": false, "http": 503, "retry_after_seconds": 1}),
        ),
        (
            InjectedFault::http(429).retry_after_date(second).with_latency(second),
            json!({
                "kind": "http", "applied": false, "http": 429, "retry_after_date_seconds": 1, "latency_ms": 1000,
            }),
        ),
        (
            InjectedFault::status(-1).with_http(403).probability(0.25, 7),
            json!({
                "kind": "status", "applied": false, "status": -1, "http": 403, "probability": 0.25, "seed": 7,
            }),
        ),
        (InjectedFault::expired_token(), json!({"kind": "expired_token", "applied": false})),
        (InjectedFault::truncated_json().applied(false), json!({"kind": "truncated_json", "applied": false})),
        (InjectedFault::wrong_json(), json!({"kind": "wrong_json", "applied": true})),
        (InjectedFault::html_page().applied(true), json!({"kind": "html_page", "applied": true})),
        (InjectedFault::wrong_content_type(), json!({"kind": "wrong_content_type", "applied": true})),
        (InjectedFault::huge_body(9), json!({"kind": "huge_body", "applied": true, "bytes": 9})),
        (InjectedFault::rate_limit(20), json!({"kind": "rate_limit", "per_second": 20, "http": 429, "applied": false})),
        (
            InjectedFault::rate_limit(1).with_http(503).retry_after(Duration::from_secs(1)).text_body().on("sms_send"),
            json!({
                "kind": "rate_limit", "per_second": 1, "http": 503, "body": "text", "retry_after_seconds": 1,
                "applied": false, "operation": "sms_send",
            }),
        ),
        (InjectedFault::http(429).json_body(), json!({"kind": "http", "http": 429, "body": "json", "applied": false})),
    ] {
        let kandy = Kandy::start();
        assert_eq!(arm(&kandy, &json).await, (200, json!({"id": 1})), "{json}");
        kandy.emulator.inject(fault);
        let (_, listed) = admin_response(kandy.http.get(kandy.admin_url("faults"))).await;
        let described = listed["faults"][0]["description"].as_str().expect("words");
        assert!(described.starts_with(json["kind"].as_str().expect("a kind")), "{described}");
        let armed = |id| json!({"id": id, "fault": json, "description": described, "matched": 0, "hits": 0});
        assert_eq!(listed, json!({"faults": [armed(1), armed(2)]}));
    }
}

#[tokio::test]
async fn invalid_json_is_refused() {
    let kandy = Kandy::start();
    for (fault, expected) in [
        (json!([]), "not a JSON object"),
        (json!({}), "missing parameter: kind"),
        (json!({"kind": 1}), "kind is not a string"),
        (json!({"kind": "CANARY"}), "kind is none of: latency, stall,"),
        (json!({"kind": "stall", "CANARY": "CANARY"}), "known fields: kind, http,"),
        (json!({"kind": "stall", "bytes": 1}), "do not apply to the kind"),
        (json!({"kind": "stall", "http": 200}), "stall sends no response"),
        (json!({"kind": "close_after_reading", "retry_after_seconds": 1}), "close_after_reading sends no response"),
        (json!({"kind": "close_before_reading", "applied": true}), "cannot be applied"),
        (json!({"kind": "http"}), "missing parameter: http"),
        (json!({"kind": "http", "http": 199}), "http is not from 200 to 599"),
        (json!({"kind": "http", "http": 70_000}), "http is not from 200 to 599"),
        (json!({"kind": "http", "http": "CANARY"}), "http is not a whole number"),
        (json!({"kind": "http", "http": 503, "retry_after_seconds": 1, "retry_after_date_seconds": 1}), "exclude"),
        (json!({"kind": "status"}), "missing parameter: status"),
        (json!({"kind": "status", "status": 1.5}), "status is not a whole number"),
        (json!({"kind": "latency"}), "missing parameter: latency_ms"),
        (json!({"kind": "latency", "latency_ms": -1}), "latency_ms is not a whole number"),
        (json!({"kind": "huge_body"}), "missing parameter: bytes"),
        (json!({"kind": "rate_limit"}), "missing parameter: per_second"),
        (json!({"kind": "rate_limit", "per_second": 0}), "per_second is counted from 1"),
        (json!({"kind": "rate_limit", "per_second": 1e10}), "per_second is not a whole number"),
        (json!({"kind": "rate_limit", "per_second": 10_000_000_000_u64}), "per_second is too large"),
        (json!({"kind": "http", "http": 429, "per_second": 1}), "do not apply to the kind"),
        (json!({"kind": "rate_limit", "per_second": 1, "body": "CANARY"}), "body is none of"),
        (json!({"kind": "stall", "body": "text"}), "body applies to the kinds http and rate_limit only"),
        (json!({"kind": "stall", "applied": "CANARY"}), "applied is neither true nor false"),
        (json!({"kind": "stall", "operation": "CANARY"}), "no such operation"),
        (json!({"kind": "stall", "tag": "CANARY"}), "no such tag"),
        (json!({"kind": "stall", "level": "CANARY"}), "level is none of"),
        (json!({"kind": "stall", "tag": "Device", "level": "user"}), "exclude each other"),
        (json!({"kind": "stall", "nth": 0}), "nth is counted from 1"),
        (json!({"kind": "stall", "nth": 1, "every": 1}), "exclude each other"),
        (json!({"kind": "stall", "probability": 2}), "probability is not from 0 to 1"),
        (json!({"kind": "stall", "seed": 2}), "missing parameter: probability"),
    ] {
        let (http, response) = arm(&kandy, &fault).await;
        assert_eq!(http, 400, "{fault}");
        let message = response["message"].as_str().expect("a message");
        assert!(message.contains(expected) && !message.contains("CANARY"), "{fault}: {message}");
        assert!(response["status"].as_i64().is_some_and(|status| status != 0), "{response}");
    }
    let (http, _) = admin_response(kandy.http.post(kandy.admin_url("faults")).body("{")).await;
    assert_eq!(http, 400);
    assert!(kandy.emulator.faults().is_empty());
}

#[tokio::test]
async fn listed_and_removed_over_http() {
    let kandy = Kandy::start();
    for operation in ["device_list", "sms_send", "group_get"] {
        arm(&kandy, &json!({"kind": "status", "status": 4711, "operation": operation})).await;
    }
    assert_eq!(ask(&kandy, "sms_send").await, 4711);
    assert_eq!(admin_response(kandy.http.delete(kandy.admin_url("faults/2"))).await, (200, json!({"status": "ok"})));
    assert_eq!(ask(&kandy, "sms_send").await, 15);
    for (path, http) in [("faults/2", 404), ("faults/x", 404), ("faults/", 200)] {
        assert_eq!(admin_response(kandy.http.delete(kandy.admin_url(path))).await.0, http, "{path}");
    }
    assert!(kandy.emulator.faults().is_empty());
    assert_eq!(ask(&kandy, "device_list").await, 15);
    assert_eq!(arm(&kandy, &json!({"kind": "stall"})).await.1, json!({"id": 4}), "no number is given twice");
    assert_eq!(admin_response(kandy.http.get(kandy.admin_url("faults/4"))).await.0, 405);
    assert_eq!(admin_response(kandy.http.put(kandy.admin_url("faults"))).await.0, 405);
    // Faults apply to operations only, not to the endpoints below `/_emulator`.
    assert_eq!(admin_response(kandy.http.get(kandy.admin_url("health"))).await.0, 200);
}

#[tokio::test]
async fn request_log_names_the_fault() {
    let kandy = Kandy::start();
    kandy.emulator.inject(InjectedFault::close_after_reading().on("device_list").nth(2));
    ask(&kandy, "device_list").await;
    assert!(kandy.request("device_list", &[]).send().await.is_err());
    let logged = kandy.emulator.requests();
    assert_eq!((logged[0].injected, logged[0].http_status), (None, Some(200)));
    assert_eq!((logged[1].injected, logged[1].http_status), (Some("close_after_reading"), None));
    let (_, served) = admin_response(kandy.http.get(kandy.admin_url("requests"))).await;
    assert_eq!(served["requests"][1]["injected"], "close_after_reading");
    assert_eq!(served["requests"][1]["http_status"], Value::Null);
}
