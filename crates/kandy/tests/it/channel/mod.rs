//! The data channel, against the emulator.

use kandy::{ChannelEvent, ChannelState, SessionEventKind, SessionEventType};
use serde_json::json;

use crate::support::emulator::TestDomain;

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
