//! The injected faults of channels: what a client has to survive.

use std::time::Duration;

use kandy_emulator::{Emulator, InjectedFault};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::client::Channel;
use crate::fixture::{Kandy, admin_response, users};

const TO: &str = "russ@example.com";

/// An emulator with a user who has a channel.
async fn start() -> (Kandy, Channel, String) {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let channel = Channel::open(&kandy.emulator, &russ.token).await;
    (kandy, channel, russ.token)
}

fn ring(emulator: &Emulator, call_id: &str) {
    emulator.ring(TO, call_id).expect("a known user");
}

/// Waits until the channel has taken the push that triggers the first fault.
async fn wait_for_hit(emulator: &Emulator) {
    while emulator.faults()[0].hits == 0 {
        tokio::task::yield_now().await;
    }
}

async fn call_id(channel: &mut Channel) -> Value {
    channel.frame().await["message"]["call_id"].take()
}

#[tokio::test]
async fn an_upgrade_is_closed() {
    let (kandy, mut first, token) = start().await;
    kandy.emulator.inject(InjectedFault::close_after_upgrade().nth(2));
    let mut one = Channel::open(&kandy.emulator, &token).await;
    let mut two = Channel::open(&kandy.emulator, &token).await;
    assert_eq!(two.close_code().await, Some(4401));
    let mut three = Channel::open(&kandy.emulator, &token).await;
    for channel in [&mut first, &mut one, &mut three] {
        channel.expect_silence().await;
    }
    let logged: Vec<_> = kandy.emulator.requests().iter().rev().take(3).map(|request| request.injected).collect();
    assert_eq!(logged, [None, Some("close_after_upgrade"), None]);
    assert_eq!((kandy.emulator.faults()[0].matched, kandy.emulator.faults()[0].hits), (3, 1));
}

#[tokio::test]
async fn pushes_are_lost_doubled_and_late() {
    let (kandy, mut channel, _) = start().await;
    let emulator = &kandy.emulator;
    emulator.inject(InjectedFault::lost_push().nth(1));
    emulator.inject(InjectedFault::duplicate_push().nth(2));
    emulator.inject(InjectedFault::late_push(Duration::from_millis(100)).nth(3));
    for call_id in ["lost", "doubled", "late", "next"] {
        ring(emulator, call_id);
    }
    // The push after a late one overtakes it.
    for expected in ["doubled", "doubled", "next", "late"] {
        assert_eq!(call_id(&mut channel).await, expected);
    }
    let hits: Vec<_> = emulator.faults().iter().map(|fault| (fault.matched, fault.hits)).collect();
    assert_eq!(hits, [(4, 1), (4, 1), (4, 1)]);
}

#[tokio::test]
async fn a_lost_push_stays_pending() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    kandy.emulator.inject(InjectedFault::lost_push());
    super::push::chat(&kandy, &russ, &anna, "1").await;
    channel.expect_silence().await;
    assert_eq!(kandy.messages(&anna.token, &anna.device).await[0]["UUID"], "1");
}

#[tokio::test]
async fn a_channel_is_dropped() {
    let (kandy, mut channel, token) = start().await;
    kandy.emulator.inject(InjectedFault::drop_channel().nth(2));
    ring(&kandy.emulator, "1");
    assert_eq!(call_id(&mut channel).await, "1");
    ring(&kandy.emulator, "2");
    assert!(channel.was_reset().await);
    let mut channel = Channel::open(&kandy.emulator, &token).await;
    ring(&kandy.emulator, "3");
    assert_eq!(call_id(&mut channel).await, "3");
}

#[tokio::test]
async fn a_channel_is_stalled() {
    let (kandy, mut channel, token) = start().await;
    kandy.emulator.inject(InjectedFault::stall_channel().times(1));
    // More than the queue takes: a stalled channel is not closed for it.
    for call in 0..2000 {
        ring(&kandy.emulator, &call.to_string());
        if call % 100 == 0 {
            // Pings are answered.
            channel.expect_silence().await;
        }
    }
    channel.send(r#"{"message_type":"sessionData","id":"1"}"#).await;
    channel.expect_silence().await;
    let mut other = Channel::open(&kandy.emulator, &token).await;
    ring(&kandy.emulator, "other");
    assert_eq!(call_id(&mut other).await, "other");
    // Nothing is sent, not even a close frame.
    kandy.emulator.drop_channels(Some(1001));
    assert_eq!(other.close_code().await, Some(1001));
    assert_eq!(channel.close_code().await, None);
}

#[tokio::test]
async fn a_channel_is_half_open() {
    let (kandy, mut channel, token) = start().await;
    kandy.emulator.inject(InjectedFault::half_open_channel().times(1));
    ring(&kandy.emulator, "1");
    wait_for_hit(&kandy.emulator).await;
    let mut other = Channel::open(&kandy.emulator, &token).await;
    channel.send(Message::Ping("quiet".into())).await;
    channel.send(r#"{"message_type":"ping"}"#).await;
    ring(&kandy.emulator, "3");
    assert_eq!(call_id(&mut other).await, "3");
    // Its end is the first thing that arrives: neither the Pong nor a push did.
    kandy.emulator.drop_channels(Some(1001));
    assert_eq!(channel.next().await, None);
    // The client ends another one: the emulator notices.
    kandy.emulator.inject(InjectedFault::half_open_channel());
    let channel = Channel::open(&kandy.emulator, &token).await;
    ring(&kandy.emulator, "4");
    drop(channel);
    while !kandy.emulator.channels().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn stopping_ends_faulty_channels() {
    for fault in [InjectedFault::stall_channel(), InjectedFault::half_open_channel()] {
        let (kandy, mut channel, _) = start().await;
        kandy.emulator.inject(fault);
        ring(&kandy.emulator, "1");
        wait_for_hit(&kandy.emulator).await;
        drop(kandy.emulator);
        assert_eq!(channel.next().await, None);
    }
}

#[tokio::test]
async fn faults_are_armed_over_http() {
    let kandy = Kandy::start();
    let arm = async |fault: Value| admin_response(kandy.http.post(kandy.admin_url("faults")).json(&fault)).await;
    let accepted = [
        json!({"kind": "close_after_upgrade"}),
        json!({"kind": "drop_channel", "nth": 3}),
        json!({"kind": "stall_channel", "every": 2}),
        json!({"kind": "half_open_channel", "times": 1}),
        json!({"kind": "duplicate_push", "probability": 0.5, "seed": 1}),
        json!({"kind": "lost_push"}),
        json!({"kind": "late_push", "latency_ms": 300}),
    ];
    for fault in &accepted {
        assert_eq!(arm(fault.clone()).await.0, 200, "{fault}");
    }
    let armed: Vec<_> =
        kandy.emulator.faults().iter().map(|armed| serde_json::to_value(&armed.fault).expect("JSON")).collect();
    assert_eq!(armed, accepted);
    for (fault, status) in [
        (json!({"kind": "late_push"}), 15),
        (json!({"kind": "lost_push", "latency_ms": 1}), 14),
        (json!({"kind": "lost_push", "operation": "message_send"}), 14),
        (json!({"kind": "lost_push", "level": "user"}), 14),
        (json!({"kind": "lost_push", "applied": true}), 14),
        (json!({"kind": "drop_channel", "http": 503}), 14),
        (json!({"kind": "drop_channel", "nth": 0}), 14),
    ] {
        let (http, refused) = arm(fault.clone()).await;
        assert_eq!((http, &refused["status"]), (400, &json!(status)), "{fault}");
    }
    // They match no request.
    kandy.account_token().await;
    assert!(kandy.emulator.faults().iter().all(|fault| fault.matched == 0));
}

#[test]
#[should_panic(expected = "lost_push matches no operation")]
fn a_channel_fault_has_no_operation() {
    drop(InjectedFault::lost_push().on("message_send"));
}
