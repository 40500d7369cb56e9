//! Session data: the frame, its confirmation, and what an error tells (dossier, sections 3.1 and 3.2).

use std::{collections::HashMap, time::Duration};

use kandy::{ChannelEvent, ChannelState, Error, Phase};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{connected, lost, next, open};
use crate::support::{
    channel_server::{ChannelServer, Peer},
    mock_server::response,
    virtual_clock::settle,
};

const SECOND: Duration = Duration::from_secs(1);

/// Awaits a future. Panics after a while.
async fn soon<T>(future: impl IntoFuture<Output = T>) -> T {
    timeout(Duration::from_secs(20), future.into_future()).await.expect("it ends")
}

/// Returns the response to a frame.
fn response_to(frame: &Value, status: Value) -> Value {
    json!({"message_type": "response", "id": frame["id"], "status": status, "message": "as the test wants"})
}

#[tokio::test]
async fn sends_the_frame_of_other_clients() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    soon(channel.send_session_data("0af3", json!({"type": "userMousePosition", "data": [1, 2]}))).await.unwrap();
    let expected = json!({"message_type": "sessionData", "session_id": "0af3",
        "payload": {"type": "userMousePosition", "data": [1, 2]}});
    assert_eq!(peer.next_json().await, Some(expected), "to all participants, without an id");

    soon(channel.send_session_data("0af3", ()).to("anna@example.com")).await.unwrap();
    let expected = json!({"message_type": "sessionData", "session_id": "0af3", "destination": "anna@example.com",
        "payload": null});
    assert_eq!(peer.next_json().await, Some(expected));

    let sending = tokio::spawn(channel.send_session_data("0af3", "x").confirmed().into_future());
    let frame = peer.next_json().await.unwrap();
    let id = frame["id"].as_str().expect("an id");
    let uuid = uuid::Uuid::parse_str(id).expect("a UUID");
    assert_eq!((uuid.get_version_num(), id), (4, id.to_uppercase().as_str()));
    peer.json(response_to(&frame, json!(0))).await;
    soon(sending).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_confirmation_is_read_in_each_form() {
    for (status, expected) in [
        (json!(0), Ok(())),
        (json!("0"), Ok(())),
        (json!(0.0), Ok(())),
        (json!(53), Err(Some(53))),
        (json!("53"), Err(Some(53))),
        (json!(-1), Err(Some(-1))),
        (Value::Null, Err(None)),
        (json!({}), Err(None)),
        (json!("no"), Err(None)),
    ] {
        let mut server = ChannelServer::start().await;
        let (mut channel, mut peer) = open(&mut server).await;
        let sending = tokio::spawn(channel.send_session_data("0af3", 1).confirmed().into_future());
        let frame = peer.next_json().await.unwrap();
        // Responses to nobody, and what is no response, change nothing.
        peer.json(json!({"message_type": "response", "id": "unknown", "status": 0})).await;
        peer.json(json!({"message_type": "response", "status": 0})).await;
        peer.json(json!({"message_type": "sessionData", "id": frame["id"], "status": 0})).await;
        peer.json(json!(["response", frame["id"]])).await;
        peer.json(response_to(&frame, status.clone())).await;
        // A second response has no effect either.
        peer.json(response_to(&frame, json!(0))).await;
        let result = soon(sending).await.unwrap();
        match (&result, expected) {
            (Ok(()), Ok(())) => {}
            (Err(Error::Api(error)), Err(Some(status))) => {
                assert_eq!(error.status().map(|status| status.0), Some(status));
                assert_eq!((error.operation(), error.message()), ("session_data_send", "as the test wants"));
                assert!(!result.as_ref().unwrap_err().may_have_been_applied(), "{result:?}");
            }
            (Err(error @ Error::Transport(_)), Err(None)) => assert!(error.may_have_been_applied(), "{error:?}"),
            _ => panic!("{status}: {result:?}"),
        }
        // The channel goes on.
        assert!(matches!(next(&mut channel).await, ChannelEvent::Session(_)));
        peer.json(json!({"message_type": "new"})).await;
        assert!(matches!(next(&mut channel).await, ChannelEvent::Unknown(_)));
    }
}

#[tokio::test]
async fn several_at_once_get_their_own_responses() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    let sending: Vec<_> = (0..20)
        .map(|number| tokio::spawn(channel.send_session_data("0af3", number).confirmed().into_future()))
        .collect();
    let mut frames = Vec::new();
    for _ in 0..20 {
        frames.push(peer.next_json().await.unwrap());
    }
    // In another order.
    for frame in frames.iter().rev() {
        peer.json(response_to(frame, json!(frame["payload"].as_i64().unwrap() + 100))).await;
    }
    for (number, sending) in sending.into_iter().enumerate() {
        let error = soon(sending).await.unwrap().expect_err("refused");
        assert_eq!(error.status().map(|status| status.0), Some(number as i64 + 100));
    }
}

#[tokio::test]
async fn a_loss_or_a_timeout_after_sending_leaves_open_whether_it_arrived() {
    for is_lost in [true, false] {
        let mut server = ChannelServer::start().await;
        let (mut channel, mut peer) = open(&mut server).await;
        let sending = channel.send_session_data("0af3", 1).confirmed().timeout(7 * SECOND);
        let sending = tokio::spawn(sending.into_future());
        let frame = peer.next_json().await.unwrap();
        if is_lost {
            peer.close(1001, "").await;
            peer = server.accept().await;
        } else {
            server.clock.pass(7 * SECOND).await;
        }
        let error = soon(sending).await.unwrap().expect_err("no response");
        assert!(error.may_have_been_applied(), "{error}");
        assert_eq!(error.is_timeout(), !is_lost, "{error}");
        assert_eq!(error.operation(), Some("session_data_send"));
        if is_lost {
            lost(&mut channel).await;
            connected(&mut channel).await;
        }
        // A response that is late goes to nobody, and the frame is never sent again.
        peer.json(response_to(&frame, json!(0))).await;
        soon(channel.send_session_data("0af3", 2)).await.unwrap();
        assert_eq!(peer.next_json().await.unwrap()["payload"], 2);
    }
}

#[tokio::test]
async fn what_is_not_sent_in_time_is_never_sent() {
    let mut server = ChannelServer::start().await;
    let channel = server.user.channel();
    // More than wait to be sent.
    let sending: Vec<_> = (0..20)
        .map(|number| {
            let sending = channel.send_session_data("0af3", number).confirmed().timeout(7 * SECOND);
            tokio::spawn(sending.into_future())
        })
        .collect();
    let dropped = channel.send_session_data("0af3", "dropped").into_future();
    tokio::select! {
        biased;
        result = dropped => panic!("{result:?}"),
        () = settle() => {}
    }
    let upgrade = server.upgrade().await;
    server.clock.pass(7 * SECOND).await;
    for sending in sending {
        let error = soon(sending).await.unwrap().expect_err("not connected");
        let Error::Transport(transport) = &error else { panic!("{error:?}") };
        assert_eq!(transport.phase(), Phase::Channel);
        assert!(!error.may_have_been_applied(), "{error}");
        assert!(error.to_string().contains("nothing was sent"), "{error}");
    }
    let mut peer = upgrade.accept().await;
    soon(channel.send_session_data("0af3", "later")).await.unwrap();
    assert_eq!(peer.next_json().await.unwrap()["payload"], "later");
}

#[tokio::test]
async fn what_waits_for_the_channel_is_sent_once_it_is_connected() {
    let mut server = ChannelServer::start().await;
    let channel = server.user.channel();
    let sending = tokio::spawn(channel.send_session_data("0af3", 1).into_future());
    server.upgrade().await.respond(response(503, "", "")).await;
    let mut peer = server.accept().await;
    assert_eq!(peer.next_json().await.unwrap()["payload"], 1);
    soon(sending).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_channel_that_has_ended_sends_nothing() {
    let mut server = ChannelServer::start().await;
    let mut channel = server.kandy.user_with_token("UAT-static").channel();
    let early = tokio::spawn(channel.send_session_data("0af3", 1).into_future());
    server.upgrade().await.respond(response(401, "", "")).await;
    let error = soon(early).await.unwrap().expect_err("no channel");
    assert!(!error.may_have_been_applied(), "{error}");
    super::ended(&mut channel).await;
    let error = soon(channel.send_session_data("0af3", 1)).await.expect_err("no channel");
    assert!(!error.may_have_been_applied(), "{error}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    let no_json: HashMap<(u8, u8), u8> = HashMap::from([((1, 2), 3)]);
    let results = [
        ("session_id", soon(channel.send_session_data("", 1)).await),
        ("destination", soon(channel.send_session_data("0af3", 1).to("")).await),
        ("destination", soon(channel.send_session_data("0af3", 1).to("anna")).await),
        ("payload", soon(channel.send_session_data("0af3", no_json)).await),
    ];
    for (argument, result) in results {
        let error = result.expect_err(argument);
        let Error::Argument(error) = &error else { panic!("{error:?}") };
        assert_eq!(error.argument(), argument);
    }
    soon(channel.send_session_data("0af3", "last")).await.unwrap();
    assert_eq!(peer.next_json().await.unwrap()["payload"], "last", "none of them was sent");
}

#[tokio::test]
async fn a_server_that_reads_nothing_blocks_no_caller_for_longer_than_its_timeout() {
    let mut server = ChannelServer::start().await;
    let (mut channel, peer) = open(&mut server).await;
    // More than the buffers of the connection take.
    let large = "x".repeat(16 * 1024 * 1024);
    let blocked = channel.send_session_data("0af3", &large).timeout(7 * SECOND);
    let blocked = tokio::spawn(blocked.into_future());
    server.clock.sleeping_for(75 * SECOND).await;
    // The second waits in the queue.
    let queued = tokio::spawn(channel.send_session_data("0af3", 2).timeout(7 * SECOND).into_future());
    settle().await;
    server.clock.pass(7 * SECOND).await;
    let error = soon(blocked).await.unwrap().expect_err("not sent in time");
    assert!(error.may_have_been_applied() && error.is_timeout(), "a part of it was sent: {error}");
    let error = soon(queued).await.unwrap().expect_err("not sent in time");
    assert!(!error.may_have_been_applied(), "{error}");
    // The connection is given up after the time of silence.
    server.clock.pass(68 * SECOND).await;
    lost(&mut channel).await;
    drop(peer);
    drop(server.accept().await);
    connected(&mut channel).await;
}

#[tokio::test]
async fn a_confirmation_arrives_although_the_program_takes_no_event() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for number in 0..200 {
        peer.json(json!({"message_type": "new", "number": number})).await;
    }
    for _ in 0..200 {
        let sending = tokio::spawn(channel.send_session_data("0af3", 1).confirmed().into_future());
        let frame = peer.next_json().await.unwrap();
        peer.json(response_to(&frame, json!(0))).await;
        soon(sending).await.unwrap().unwrap();
    }
    for number in 0..200 {
        let ChannelEvent::Unknown(members) = next(&mut channel).await else { panic!("the frame") };
        assert_eq!(members["number"], number);
    }
    let event = futures_util::FutureExt::now_or_never(channel.next());
    assert!(event.is_none(), "a response is no event: {event:?}");
}

#[tokio::test]
async fn sending_and_receiving_take_turns() {
    let mut server = ChannelServer::start().await;
    let (mut channel, peer) = open(&mut server).await;
    let Peer { mut reader, mut writer } = peer;
    // A server that never stops to push.
    let flood = tokio::spawn(async move {
        let frame = crate::support::channel_server::frame(0x81, br#"{"message_type":"new"}"#).repeat(1000);
        loop {
            if tokio::io::AsyncWriteExt::write_all(&mut writer, &frame).await.is_err() {
                return;
            }
        }
    });
    let sending = tokio::spawn(channel.send_session_data("0af3", 1).into_future());
    let receiving = async {
        while matches!(
            next(&mut channel).await,
            ChannelEvent::Unknown(_) | ChannelEvent::State(ChannelState::Connected)
        ) {}
    };
    let frame = tokio::select! {
        () = receiving => panic!("lost"),
        frame = reader.next_json() => frame,
    };
    assert_eq!(frame.unwrap()["payload"], 1);
    soon(sending).await.unwrap().unwrap();
    flood.abort();
}
