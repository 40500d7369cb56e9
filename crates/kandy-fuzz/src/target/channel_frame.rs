//! The target `channel_frame`.

use kandy::{ChannelEvent, SessionEventKind};
use serde_json::{Map, Value};

/// A frame of the data channel.
///
/// * A frame that is no JSON object reports nothing; every other one but a response or a pong reports an event.
/// * No field of the frame is lost: each is in a field of the event, or in its other fields.
/// * `Debug` of an event does not panic.
pub fn channel_frame(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let event = ChannelEvent::from_frame(text);
    // `None` as well for what is nested too deeply for a value.
    let frame = serde_json::from_str::<Map<String, Value>>(text).ok();
    let Some(event) = event else {
        let reports_nothing = |frame: &Map<String, Value>| {
            matches!(frame.get("message_type").and_then(Value::as_str), Some("response" | "ping" | "pong"))
        };
        assert!(frame.as_ref().is_none_or(reports_nothing), "{text} reports nothing");
        return false;
    };
    let _ = format!("{event:?}");
    if let Some(frame) = frame {
        assert_complete(&event, &frame);
    }
    true
}

/// Asserts that the fields of a frame are in its event.
fn assert_complete(event: &ChannelEvent, frame: &Map<String, Value>) {
    let inner = |name: &str| frame.get(name).and_then(Value::as_object).expect("an object");
    match event {
        ChannelEvent::Message(message) => {
            let id = inner("message").get("UUID").and_then(Value::as_str).filter(|id| !id.is_empty());
            if let Some(id) = id {
                assert_eq!(message.id.as_ref().map(kandy::MessageId::as_str), Some(id));
            }
            assert!(inner("message").contains_key("messageType"));
        }
        ChannelEvent::MessagesAvailable => assert!(!inner("message").contains_key("messageType")),
        ChannelEvent::IncomingCall { call_id, extra } => {
            let members = inner("message").iter();
            for (name, value) in members.filter(|(name, _)| !["kandyType", "message_type"].contains(&name.as_str())) {
                let is_call_id = name == "call_id" && call_id.is_some();
                assert!(is_call_id || extra.get(name) == Some(value), "{name} is lost");
            }
        }
        ChannelEvent::Session(event) => {
            let (members, is_data) = match &event.kind {
                SessionEventKind::Data(payload) => {
                    assert_eq!(frame.get("payload").unwrap_or(&Value::Null), payload);
                    (frame, true)
                }
                _ => (inner("payload"), false),
            };
            for (name, value) in members {
                let is_read = match name.as_str() {
                    "message_type" => true,
                    "payload" => is_data,
                    "session_id" => event.session_id.is_some(),
                    "full_user_id" => event.full_user_id.is_some(),
                    _ => false,
                };
                assert!(is_read || event.extra.get(name) == Some(value), "{name} is lost");
            }
        }
        ChannelEvent::Unknown(members) => {
            for (name, value) in frame {
                assert_eq!(members.get(name), Some(value), "{name} is lost");
            }
        }
        other => panic!("a frame reports {other:?}"),
    }
}
