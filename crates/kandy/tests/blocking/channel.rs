//! The data channel as an iterator, and an inbox to which messages are pushed.

use std::time::Duration;

use kandy::{ChannelEvent, ChannelFrame, ChannelState, SessionEventKind};
use kandy_emulator::Emulator;
use serde_json::json;

use crate::{client, domain, user};

const LONG: Duration = Duration::from_secs(20);

#[test]
fn events_and_session_data_arrive() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let ((anna, _), (russ, phone)) = (user(&domain, "anna")?, user(&domain, "russ")?);
    let id = anna.create_session().session_type("support").name("help").send()?.session_id;
    let mut channel = anna.channel();
    let event = channel.next_within(LONG)?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");
    assert!(channel.next_within(Duration::ZERO)?.is_none(), "nothing is pushed");

    phone.send_message("anna@example.com", "Hello").send()?;
    let Some(Ok(ChannelEvent::Message(message))) = channel.next() else { panic!("a message") };
    assert_eq!(message.content.as_ref().and_then(|content| content.text()), Some("Hello"));

    russ.session(&id).join().send()?;
    let Some(Ok(ChannelFrame::Text(frame))) = channel.next_frame() else { panic!("a frame") };
    assert!(frame.contains(id.as_str()), "{frame}");
    anna.session(&id).accept("russ@example.com").send()?;
    let mut events = russ.session(&id).events();
    assert!(matches!(events.next(), Some(Ok(ChannelEvent::State(ChannelState::Connected)))));
    let data = channel.send_session_data(&id, json!({"x": 1})).to("russ@example.com").confirmed();
    assert!(data.preview()?.contains(r#"{"x":1}"#));
    data.send()?;
    let data = events.find_map(|event| match event {
        Ok(ChannelEvent::Session(event)) if event.kind == SessionEventKind::Data(json!({"x": 1})) => Some(event),
        Ok(_) => None,
        Err(error) => panic!("{error}"),
    });
    assert_eq!(data.and_then(|event| event.full_user_id), Some("anna@example.com".into()));
    let refused = channel.send_session_data("0", 1).confirmed().timeout(LONG).send();
    assert!(refused.as_ref().is_err_and(kandy::Error::is_not_found), "{refused:?}");
    assert!(!channel.is_ended());
    channel.close();
    drop(events);
    Ok(())
}

#[test]
fn an_inbox_is_pushed() -> kandy::Result<()> {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let ((_, phone), (_, desk)) = (user(&domain, "anna")?, user(&domain, "russ")?);
    let mut inbox = phone.messages().push().iter();
    for number in 0..20 {
        let text = number.to_string();
        desk.send_message("anna@example.com", text.as_str()).send()?;
        let message = inbox.next().expect("a message")?;
        assert_eq!(message.content.as_ref().and_then(|content| content.text()), Some(text.as_str()));
        message.ack()?;
    }
    assert!(inbox.is_pushed());
    inbox.close()?;
    assert!(phone.pending_messages().send()?.messages.is_empty());
    Ok(())
}

#[test]
fn a_channel_ends_after_a_permanent_error() {
    let emulator = Emulator::start().expect("a free port");
    let mut channel = client(&emulator).user_with_token("UAT-unknown").channel();
    let error = channel.next().expect("an item").expect_err("the token is unknown");
    assert!(error.is_unauthorized(), "{error}");
    assert!(channel.is_ended() && channel.next().is_none());
    assert!(channel.next_within(LONG).expect("no second error").is_none());
}
