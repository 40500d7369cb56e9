//! Events and data of sessions, which come over the channel alone.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::client::Channel;
use crate::{fixture::User, session::Fixture};

/// The channels of two users of a session; the first is its admin.
async fn channels(session: &Fixture) -> [Channel; 2] {
    let emulator = &session.kandy.emulator;
    [Channel::open(emulator, &session.russ.token).await, Channel::open(emulator, &session.anna.token).await]
}

fn event(session: &Fixture, name: &str, about: &User) -> Value {
    let payload = json!({"message_type": name, "session_id": session.id, "full_user_id": about.full_id});
    json!({"message_type": "sessionNotification", "payload": payload})
}

/// The names are those of listeners in kandy.js 2.x; independent programs read `session_id` and `full_user_id`.
#[tokio::test]
async fn events_reach_those_whom_they_concern() {
    let session = Fixture::new().await;
    let Fixture { kandy, domain, russ, anna, .. } = &session;
    let hana = kandy.user(domain, "hana").await;
    let [mut of_russ, mut of_anna] = channels(&session).await;
    let mut of_hana = Channel::open(&kandy.emulator, &hana.token).await;
    let name = |user: &User| json!({"full_user_id": user.full_id});
    // The caller, the operation, its body, and what the admin, anna and hana receive.
    for (caller, operation, body, events) in [
        (anna, "session_join", json!({}), [Some(("sessionUserJoinRequest", anna)), None, None]),
        (russ, "session_participant_reject", name(anna), [None, Some(("sessionJoinReject", anna)), None]),
        (anna, "session_join", json!({}), [Some(("sessionUserJoinRequest", anna)), None, None]),
        (
            russ,
            "session_participant_accept",
            name(anna),
            [Some(("sessionUserJoin", anna)), Some(("sessionJoinApprove", anna)), None],
        ),
        (&hana, "session_join", json!({}), [Some(("sessionUserJoinRequest", &hana)), None, None]),
        // A session that starts or stops concerns approved participants.
        (russ, "session_start", json!({}), [Some(("sessionActive", russ)), Some(("sessionActive", russ)), None]),
        (russ, "session_start", json!({}), [None, None, None]),
        // A request that is withdrawn concerns the admin alone.
        (&hana, "session_leave", json!({}), [Some(("sessionUserLeave", &hana)), None, None]),
        (&hana, "session_join", json!({}), [Some(("sessionUserJoinRequest", &hana)), None, None]),
        (
            russ,
            "session_participant_accept",
            name(&hana),
            [Some(("sessionUserJoin", &hana)), Some(("sessionUserJoin", &hana)), Some(("sessionJoinApprove", &hana))],
        ),
        (
            russ,
            "session_participant_boot",
            name(&hana),
            [Some(("sessionUserBoot", &hana)), Some(("sessionUserBoot", &hana)), Some(("sessionBoot", &hana))],
        ),
        (russ, "session_stop", json!({}), [Some(("sessionInactive", russ)), Some(("sessionInactive", russ)), None]),
        (anna, "session_leave", json!({}), [Some(("sessionUserLeave", anna)), None, None]),
        (anna, "session_join", json!({}), [Some(("sessionUserJoinRequest", anna)), None, None]),
        // The end concerns those with a join request, too.
        (
            russ,
            "session_delete",
            json!({}),
            [Some(("sessionTerminated", russ)), Some(("sessionTerminated", russ)), None],
        ),
    ] {
        assert_eq!(session.ask(operation, caller, &body).await, 0, "{operation}");
        for (channel, expected) in [&mut of_russ, &mut of_anna, &mut of_hana].into_iter().zip(events) {
            match expected {
                Some((name, about)) => assert_eq!(channel.frame().await, event(&session, name, about), "{operation}"),
                None => channel.expect_silence().await,
            }
        }
    }
    for user in [russ, anna, &hana] {
        assert!(kandy.messages(&user.token, &user.device).await.is_empty(), "no event is pending");
    }
}

#[tokio::test]
async fn the_end_of_a_session_is_pushed_however_it_ends() {
    // By the clock, also when the token outlives the session.
    let emulator = kandy_emulator::Emulator::builder().token_ttl(std::time::Duration::from_secs(7 * 24 * 3600));
    let kandy = crate::fixture::Kandy::on(emulator.start().expect("a free port"));
    let (domain, [russ, anna]) = crate::fixture::users(&kandy, ["russ", "anna"]).await;
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    let end = |id: &str| {
        let payload = json!({"message_type": "sessionTerminated", "session_id": id, "full_user_id": russ.full_id});
        json!({"message_type": "sessionNotification", "payload": payload})
    };
    let create = async || {
        let id = kandy.post("session_create", &[("key", &russ.token)], &json!({})).await.text("session_id");
        kandy.post("session_join", &[("key", &anna.token)], &json!({"session_id": id})).await.result();
        id
    };
    let id = create().await;
    kandy.emulator.advance(std::time::Duration::from_secs(24 * 3600));
    assert_eq!(channel.frame().await, end(&id));
    // By the passing of time alone, which nothing tells to the channel.
    let id = create().await;
    kandy.emulator.advance(std::time::Duration::from_millis(24 * 3600 * 1000 - 300));
    assert_eq!(channel.frame().await, end(&id));
    // With the user who is its admin. A participant who is deleted leaves.
    let id = create().await;
    let mut of_russ = Channel::open(&kandy.emulator, &russ.token).await;
    let hana = kandy.user(&domain, "hana").await;
    kandy.post("session_join", &[("key", &hana.token)], &json!({"session_id": id})).await.result();
    assert_eq!(of_russ.frame().await["payload"]["message_type"], "sessionUserJoinRequest");
    for user in [&hana, &russ] {
        super::ending::delete_user(&kandy, &domain, user).await;
    }
    assert_eq!(channel.frame().await["payload"]["message_type"], "sessionTerminated");
    let left = of_russ.frame().await;
    assert_eq!(left["payload"]["message_type"], "sessionUserLeave");
    assert_eq!(left["payload"]["full_user_id"], hana.full_id);
}

#[tokio::test]
async fn data_is_passed_on_unchanged() {
    let session = Fixture::new().await;
    let Fixture { kandy, domain, russ, anna, .. } = &session;
    let hana = kandy.user(domain, "hana").await;
    for user in [anna, &hana] {
        assert_eq!(session.ask("session_join", user, &json!({})).await, 0);
        let body = json!({"full_user_id": user.full_id});
        assert_eq!(session.ask("session_participant_accept", russ, &body).await, 0);
    }
    let [mut of_russ, mut of_anna] = channels(&session).await;
    let mut of_hana = Channel::open(&kandy.emulator, &hana.token).await;
    let id = &session.id;
    for payload in [
        r#"{"type":"agentMouseMove","data":{"x":1.0,"y":1e3}}"#,
        "123456789012345678901234567890",
        r#"{"a":1,"a":2}"#,
        "null",
        r#""\u0000<b>""#,
    ] {
        of_russ.send(format!(r#"{{"message_type":"sessionData","session_id":"{id}","payload":{payload}}}"#)).await;
        for channel in [&mut of_anna, &mut of_hana] {
            let text = channel.text().await;
            let expected = format!(
                r#"{{"message_type":"sessionData","session_id":"{id}","full_user_id":"{}","payload":{payload}}}"#,
                russ.full_id
            );
            assert_eq!(text, expected);
        }
    }
    // To one participant alone; without an id there is no response.
    let text =
        format!(r#"{{"message_type":"sessionData","session_id":"{id}","destination":"{}","payload":1}}"#, anna.full_id);
    of_hana.send(text).await;
    assert_eq!(of_anna.frame().await["full_user_id"], hana.full_id);
    of_russ.expect_silence().await;
    of_hana.expect_silence().await;
}

#[tokio::test]
async fn data_with_an_id_has_a_response() {
    let session = Fixture::new().await;
    let Fixture { russ, anna, .. } = &session;
    let [mut of_russ, mut of_anna] = channels(&session).await;
    assert_eq!(session.ask("session_join", anna, &json!({})).await, 0);
    assert_eq!(of_russ.frame().await["payload"]["message_type"], "sessionUserJoinRequest");
    let unknown = "834f42eb5a1144a3b679f2d0be20112c";
    let id = session.id.as_str();
    for (is_admin, body, status) in [
        (true, json!({"session_id": id, "payload": 1}), 0),
        (true, json!({"session_id": id, "payload": 1, "destination": russ.full_id}), 0),
        (true, json!({"session_id": id}), 0),
        (true, json!({"session_id": unknown, "payload": 1}), 53),
        (true, json!({"session_id": "", "payload": 1}), 53),
        (true, json!({"payload": 1}), 14),
        (true, json!({"session_id": 7, "payload": 1}), 14),
        (true, json!({"session_id": id, "payload": 1, "destination": ["a"]}), 14),
        // Neither a stranger nor a user with a join request takes part.
        (true, json!({"session_id": id, "payload": 1, "destination": "nobody@example.com"}), 1),
        (true, json!({"session_id": id, "payload": 1, "destination": anna.full_id}), 1),
        (false, json!({"session_id": id, "payload": 1}), 11),
    ] {
        for frame_id in [json!("ABCDEF01-2345-4789-ABCD-EF0123456789"), json!(7)] {
            let mut frame = body.clone();
            frame["message_type"] = "sessionData".into();
            frame["id"] = frame_id.clone();
            let channel = if is_admin { &mut of_russ } else { &mut of_anna };
            channel.send(frame.to_string()).await;
            let mut response = channel.frame().await;
            if response["message_type"] == "sessionData" {
                // To themselves.
                response = channel.frame().await;
            }
            assert!(response["message"].is_string(), "{response}");
            response["message"].take();
            let expected = json!({"message_type": "response", "id": frame_id, "status": status, "message": null});
            assert_eq!(response, expected, "{body}");
        }
        if body["destination"] == russ.full_id.as_str() {
            of_russ.frame().await;
        }
    }
}

/// A web client sends each position of the mouse.
#[tokio::test]
async fn a_burst_of_data_closes_no_channel() {
    let session = Fixture::new().await;
    let Fixture { russ, anna, .. } = &session;
    assert_eq!(session.ask("session_join", anna, &json!({})).await, 0);
    let body = json!({"full_user_id": anna.full_id});
    assert_eq!(session.ask("session_participant_accept", russ, &body).await, 0);
    let [mut of_russ, mut of_anna] = channels(&session).await;
    let frame =
        |number: u32| json!({"message_type": "sessionData", "session_id": session.id, "payload": number}).to_string();
    // More than a queue takes, in one write.
    for number in 0..5000 {
        of_russ.0.feed(Message::from(frame(number))).await.expect("buffered");
    }
    let flush = async { of_russ.0.flush().await.expect("sent") };
    let receive = async {
        for number in 0..5000 {
            assert_eq!(of_anna.frame().await["payload"], number);
        }
    };
    tokio::join!(flush, receive);
    of_russ.expect_silence().await;
}
