//! The data channel, against the emulator, and against a server that a test scripts frame by frame.

mod close;
mod frames;
mod liveness;
mod opening;
mod reconnect;
mod session_data;
mod streams;
mod wire;

use std::time::Duration;

use kandy::{Channel, ChannelEvent, ChannelState, Error, SessionEventKind, SessionEventType};
use serde_json::json;

use crate::support::{
    channel_server::{ChannelServer, Peer},
    emulator::TestDomain,
};

/// Opens a channel at a server.
async fn open(server: &mut ChannelServer) -> (Channel, Peer) {
    let mut channel = server.user.channel();
    let (event, peer) = tokio::join!(channel.next(), server.accept());
    assert!(matches!(event, Some(Ok(ChannelEvent::State(ChannelState::Connected)))), "{event:?}");
    (channel, peer)
}

/// Returns the next event. Panics after a while without one.
async fn next(channel: &mut Channel) -> ChannelEvent {
    let event = tokio::time::timeout(Duration::from_secs(20), channel.next()).await.expect("an event");
    event.expect("the channel is open").expect("no error")
}

/// Expects the state that follows on a loss. Returns the time until the next attempt, and the reason of the loss.
async fn lost(channel: &mut Channel) -> (Duration, Error) {
    match next(channel).await {
        ChannelEvent::State(ChannelState::Lost { retry_in, error }) => (retry_in, error),
        other => panic!("not lost, but {other:?}"),
    }
}

/// Expects the state of an open channel.
async fn connected(channel: &mut Channel) {
    let event = next(channel).await;
    assert!(matches!(event, ChannelEvent::State(ChannelState::Connected)), "{event:?}");
}

/// Expects the error that ends a channel.
async fn ended(channel: &mut Channel) -> Error {
    let event = tokio::time::timeout(Duration::from_secs(20), channel.next()).await.expect("an event");
    let error = event.expect("an item").expect_err("the end");
    assert!(channel.next().await.is_none(), "nothing follows the error");
    error
}

#[tokio::test]
async fn messages_and_sessions_arrive() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let ((anna, _), (russ, phone)) = (test.create_user("anna").await, test.create_user("russ").await);
    let id = anna.create_session().session_type("support").name("help").await?.session_id;
    let mut channel = anna.channel();
    let event = channel.try_next().await?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");

    phone.send_message("anna@example.com", "Hello").await?;
    let Some(ChannelEvent::Message(message)) = channel.try_next().await? else { panic!("a message") };
    assert_eq!(message.content.as_ref().and_then(|content| content.text()), Some("Hello"));

    russ.session(&id).join().await?;
    let Some(ChannelEvent::Session(event)) = channel.try_next().await? else { panic!("a session event") };
    assert_eq!(event.kind, SessionEventKind::Change(SessionEventType::UserJoinRequest));
    anna.session(&id).accept("russ@example.com").await?;

    let session = russ.session(&id);
    let mut events = session.events();
    let event = events.try_next().await?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");
    anna.session(&id).start().await?;
    let Some(ChannelEvent::Session(event)) = events.try_next().await? else { panic!("started") };
    assert_eq!(event.kind, SessionEventKind::Change(SessionEventType::Active));
    channel.send_session_data(&id, json!({"x": 1})).to("russ@example.com").confirmed().await?;
    let Some(ChannelEvent::Session(event)) = events.try_next().await? else { panic!("data") };
    assert_eq!(event.kind, SessionEventKind::Data(json!({"x": 1})));
    assert_eq!(event.full_user_id, Some("anna@example.com".into()));
    let refused = channel.send_session_data("0", 1).confirmed().await;
    assert!(refused.as_ref().is_err_and(|error| error.is_not_found()), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn an_inbox_is_pushed() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let ((_, phone), (_, desk)) = (test.create_user("anna").await, test.create_user("russ").await);
    let mut inbox = phone.messages().push().stream();
    for number in 0..100 {
        let text = number.to_string();
        desk.send_message("anna@example.com", text.as_str()).await?;
        let message = inbox.try_next().await?.expect("a message");
        assert_eq!(message.content.as_ref().and_then(|content| content.text()), Some(text.as_str()));
        message.ack().await?;
    }
    assert!(inbox.is_pushed());
    inbox.close().await?;
    assert!(phone.pending_messages().await?.messages.is_empty());
    assert!(test.requests_of("message_list") <= 4, "{}", test.requests_of("message_list"));
    Ok(())
}
