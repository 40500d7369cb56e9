//! The target `pending_messages`.

use kandy_sys::types;
use serde_json::Value;

use super::same;

/// The pending messages of a device, as types of kandy-sys and of kandy.
///
/// * Decoding, encoding and decoding again gives the same value.
/// * Converting to the type of kandy loses nothing.
pub fn pending_messages(input: &[u8]) -> bool {
    let Ok(pending) = serde_json::from_slice::<types::PendingMessages>(input) else { return false };
    let written = serde_json::to_value(&pending).expect("it can be written");
    let again = serde_json::from_str::<types::PendingMessages>(&written.to_string());
    let again = again.unwrap_or_else(|error| panic!("{written} cannot be read again: {error}"));
    let again = serde_json::to_value(again).expect("it can be written again");
    assert!(same(&again, &written), "{written} becomes {again}");
    for message in pending.messages {
        assert_conversion_is_lossless(message);
    }
    true
}

fn assert_conversion_is_lossless(raw: types::PendingMessage) {
    let message = kandy::PendingMessage::from(raw.clone());
    let uuid = raw.uuid.as_deref().filter(|uuid| !uuid.is_empty());
    assert_eq!(message.id.as_ref().map(kandy::MessageId::as_str), uuid);
    assert_eq!(message.destination.as_ref().map(kandy::FullUserId::as_str), raw.destination.as_deref());
    assert_eq!(message.group_id.as_ref().map(kandy::GroupId::as_str), raw.group_id.as_deref());
    assert_eq!((&message.message_type, &message.timestamp), (&raw.message_type, &raw.timestamp));
    assert_eq!(
        message.content.as_ref().map(kandy::MessageContent::fields),
        raw.message.as_ref().map(|content| &*content.0)
    );
    if let Some(full_user_id) = raw.sender.and_then(|sender| sender.full_user_id) {
        assert_eq!(message.sender.as_ref().map(kandy::FullUserId::as_str), Some(full_user_id.as_str()));
    }
    let other_spelling = raw.extra.get("content_type").and_then(Value::as_str);
    if let (Some(content), Some(spelling)) =
        (&message.content, raw.content_type.as_ref().map(kandy::ContentType::as_str).or(other_spelling))
    {
        assert_eq!(content.content_type().as_str(), spelling);
        let (_, _) = (content.text(), content.mime_type());
    }
    for (name, value) in raw.extra.iter().filter(|(name, _)| *name != "content_type") {
        assert_eq!(message.extra.get(name), Some(value), "{name}");
    }
    // The accessors must not panic.
    let _ = (message.timestamp.as_ref().map(kandy::Timestamp::as_millis), format!("{message:?}"));
    let _ = message.sender.map(|sender| (sender.user_id(), sender.domain_name().map(str::len)));
}
