//! The emulator's own endpoints of channels.

use serde_json::{Value, json};

use super::client::Channel;
use crate::fixture::{Kandy, admin_response, users};

#[tokio::test]
async fn channels_are_listed_and_dropped() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let url = kandy.admin_url("channels");
    assert_eq!(admin_response(kandy.http.get(&url)).await, (200, json!({"channels": []})));
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    let mut bare =
        super::client::ask(&kandy.emulator, &format!("/?user_access_token={}", anna.token)).await.expect("open");
    bare.send(r#"{"message_type":"ping"}"#).await;
    bare.expect_silence().await;
    kandy.emulator.ring(&anna.full_id, "7").expect("known");
    bare.frame().await;

    let (_, mut listed) = admin_response(kandy.http.get(&url)).await;
    assert!(!listed.to_string().contains("UAT"), "no token: {listed}");
    let now = kandy.emulator.state().now_ms;
    for channel in listed["channels"].as_array_mut().expect("a list") {
        let since = channel["since_ms"].take().as_u64().expect("a number");
        assert!(since <= now && since + 60_000 > now, "{since}");
    }
    let described = |user: &str, sw: Value, version: Value, received: u64, sent: u64| {
        json!({
            "full_user_id": user, "since_ms": null, "client_sw_type": sw, "client_sw_version": version,
            "frames_received": received, "frames_sent": sent,
        })
    };
    let expected = [
        described("russ@example.com", "js".into(), "2.6.0".into(), 0, 0),
        described("anna@example.com", Value::Null, Value::Null, 1, 1),
    ];
    assert_eq!(listed, json!({"channels": expected}));

    // With a code a close frame, without one a reset of the connection.
    for code in ["999", "1004", "1005", "1006", "1015", "2999", "5000", "x", "", "-1", "66536"] {
        let (http, refused) = admin_response(kandy.http.delete(format!("{url}?code={code}"))).await;
        assert_eq!((http, &refused["status"]), (400, &json!(16)), "{code}");
    }
    let (http, dropped) = admin_response(kandy.http.delete(format!("{url}?code=1012"))).await;
    assert_eq!((http, dropped), (200, json!({"dropped": 2})));
    assert_eq!(channel.close_code().await, Some(1012));
    assert_eq!(bare.close_code().await, Some(1012));
    assert!(kandy.emulator.channels().is_empty());

    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    assert_eq!(admin_response(kandy.http.delete(&url)).await.1, json!({"dropped": 1}));
    assert!(channel.was_reset().await);
    assert_eq!(admin_response(kandy.http.delete(&url)).await.1, json!({"dropped": 0}));
    assert_eq!(admin_response(kandy.http.put(&url)).await.0, 405);
}

#[tokio::test]
async fn incoming_calls_are_pushed() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let ring = async |body: Value| admin_response(kandy.http.post(kandy.admin_url("calls")).json(&body)).await;
    let to = &russ.full_id;
    assert_eq!(ring(json!({"to": to, "call_id": "c0"})).await, (200, json!({"channels": 0, "call_id": "c0"})));
    let mut channels =
        [Channel::open(&kandy.emulator, &russ.token).await, Channel::open(&kandy.emulator, &russ.token).await];
    let mut other = Channel::open(&kandy.emulator, &anna.token).await;
    assert_eq!(ring(json!({"to": to, "call_id": "c1"})).await, (200, json!({"channels": 2, "call_id": "c1"})));
    let (_, generated) = ring(json!({"to": to})).await;
    let frame = |call_id: &Value| {
        let message = json!({"message_type": "incomingCall", "call_id": call_id});
        json!({"message_type": "notification", "message": message})
    };
    for channel in &mut channels {
        assert_eq!(channel.frame().await, frame(&json!("c1")));
        assert_eq!(channel.frame().await, frame(&generated["call_id"]));
    }
    other.expect_silence().await;
    for (body, status) in [
        (json!({"to": "nobody@example.com"}), 53),
        (json!({"to": "russ"}), 53),
        (json!({}), 14),
        (json!({"to": to, "call_id": 7}), 14),
        (json!({"to": to, "more": 7}), 14),
    ] {
        let (http, refused) = ring(body.clone()).await;
        assert_eq!((http, &refused["status"]), (400, &json!(status)), "{body}");
    }
    assert_eq!(admin_response(kandy.http.get(kandy.admin_url("calls"))).await.0, 405);
}

#[tokio::test]
async fn the_software_of_a_client_is_bounded_and_masked() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let token = &russ.token;
    let path = format!("/?client_sw_type={token}&client_sw_version={}&user_access_token={token}", "9".repeat(10_000));
    let _channel = super::client::ask(&kandy.emulator, &path).await.expect("open");
    let [open] = &kandy.emulator.channels()[..] else { panic!("one channel") };
    assert_eq!(open.client_sw_version, Some("9".repeat(64)));
    let shown = format!("{open:?} {:?}", kandy.emulator.requests());
    assert!(!shown.contains(token), "{shown}");
}
