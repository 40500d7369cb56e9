//! [`MessageEvent`]: a pending message, interpreted by its type. Depends on `pending` and `content`.

use kandy_sys::MessageType;
use serde_json::Value;

use super::{MessageContent, PendingMessage};
use crate::{FullUserId, GroupId, MessageId};

/// The event that a [`PendingMessage`] stands for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MessageEvent<'a> {
    /// A user sent a message.
    #[non_exhaustive]
    Chat {
        /// The user who sent it.
        sender: &'a FullUserId,
        /// The content.
        content: &'a MessageContent,
    },
    /// A user sent a message to a group.
    #[non_exhaustive]
    GroupChat {
        /// The group.
        group_id: &'a GroupId,
        /// The user who sent it.
        sender: &'a FullUserId,
        /// The content.
        content: &'a MessageContent,
    },
    /// The receiver has received a message of this user.
    #[non_exhaustive]
    Acknowledgement {
        /// The id of the event. That it is the id of the received message is an assumption.
        message_id: &'a MessageId,
    },
    /// The user was added to a group.
    #[non_exhaustive]
    GroupInvite {
        /// The group.
        group_id: &'a GroupId,
        /// The user who added them, if the event has it.
        sender: Option<&'a FullUserId>,
    },
    /// Members were removed from a group.
    #[non_exhaustive]
    GroupBoot {
        /// The group.
        group_id: &'a GroupId,
        /// The removed members; this user may be one of them.
        booted: Vec<FullUserId>,
    },
    /// A member left a group.
    #[non_exhaustive]
    GroupLeave {
        /// The group.
        group_id: &'a GroupId,
        /// The member who left, if the event has it.
        leaver: Option<FullUserId>,
    },
    /// The name or the image of a group changed.
    #[non_exhaustive]
    GroupUpdate {
        /// The group.
        group_id: &'a GroupId,
    },
    /// A group was deleted.
    #[non_exhaustive]
    GroupDelete {
        /// The group.
        group_id: &'a GroupId,
    },
    /// A message between programs, which is not shown to users.
    #[non_exhaustive]
    Private {
        /// The user who sent it, if the event has it.
        sender: Option<&'a FullUserId>,
        /// The purpose: `WAKEUP` is the only known value.
        purpose: Option<&'a str>,
    },
    /// An event of another type, or one that lacks a required field. Contains the received type.
    Other(Option<&'a MessageType>),
}

/// The type of messages between programs.
pub(crate) const PRIVATE: &str = "PRIVATE";

impl PendingMessage {
    /// Interprets the message by its type.
    ///
    /// ```
    /// use kandy::MessageEvent;
    ///
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// for message in &phone.pending_messages().await?.messages {
    ///     match message.event() {
    ///         MessageEvent::Chat { sender, content, .. } => println!("{sender}: {:?}", content.view()),
    ///         MessageEvent::GroupLeave { group_id, leaver: Some(leaver), .. } => println!("{leaver} left {group_id}"),
    ///         other => println!("{other:?}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn event(&self) -> MessageEvent<'_> {
        self.known_event().unwrap_or(MessageEvent::Other(self.message_type.as_ref()))
    }

    /// Returns the event, if its type is known and it has the required fields.
    fn known_event(&self) -> Option<MessageEvent<'_>> {
        let sender = self.sender.as_ref();
        let content = self.content.as_ref();
        let group_id = self.group_id.as_ref();
        Some(match self.message_type.as_ref()? {
            MessageType::Chat => MessageEvent::Chat { sender: sender?, content: content? },
            MessageType::GroupChat => {
                MessageEvent::GroupChat { group_id: group_id?, sender: sender?, content: content? }
            }
            MessageType::ChatRemoteAck => MessageEvent::Acknowledgement { message_id: self.id.as_ref()? },
            MessageType::ChatGroupInvite => MessageEvent::GroupInvite { group_id: group_id?, sender },
            MessageType::ChatGroupBoot => {
                // Entries of another form are skipped, so that the event is not lost.
                let booted = self.extra.get("booted").and_then(Value::as_array).map(Vec::as_slice);
                let booted = booted.unwrap_or_default().iter().filter_map(user).collect();
                MessageEvent::GroupBoot { group_id: group_id?, booted }
            }
            MessageType::ChatGroupLeave => {
                MessageEvent::GroupLeave { group_id: group_id?, leaver: self.extra.get("leaver").and_then(user) }
            }
            MessageType::ChatGroupUpdate => MessageEvent::GroupUpdate { group_id: group_id? },
            MessageType::ChatGroupDelete => MessageEvent::GroupDelete { group_id: group_id? },
            MessageType::Other(other) if other == PRIVATE => {
                let purpose = content.and_then(|content| content.fields().get("type")?.as_str());
                MessageEvent::Private { sender, purpose }
            }
            _ => return None,
        })
    }
}

/// Returns the full user id in a value: a string, or an object with that field.
fn user(named: &Value) -> Option<FullUserId> {
    named.as_str().or_else(|| named.get("full_user_id")?.as_str()).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(json: &str) -> PendingMessage {
        PendingMessage::from_json(json)
    }

    #[test]
    fn chat() {
        let chat = message(
            r#"{"messageType": "chat", "contentType": "text", "sender": {"full_user_id": "russ@example.com"},
                "UUID": "1", "message": {"mimeType": "text/plain", "text": "hello"}}"#,
        );
        match chat.event() {
            MessageEvent::Chat { sender, content } => {
                assert_eq!((sender.as_str(), content.text()), ("russ@example.com", Some("hello")));
            }
            other => panic!("{other:?}"),
        }
        let group_chat = message(
            r#"{"messageType": "groupChat", "contentType": "text", "sender": {"full_user_id": "russ@example.com"},
                "group_id": "8", "message": {"mimeType": "text/plain", "text": "hello"}}"#,
        );
        match group_chat.event() {
            MessageEvent::GroupChat { group_id, .. } => assert_eq!(group_id.as_str(), "8"),
            other => panic!("{other:?}"),
        }
        let ack = message(r#"{"messageType": "chatRemoteAck", "timestamp": "1400510413", "UUID": "080e"}"#);
        assert_eq!(ack.event(), MessageEvent::Acknowledgement { message_id: &"080e".into() });
    }

    #[test]
    fn groups() {
        let group_id = &GroupId::from("8");
        let anna = FullUserId::from("anna@example.com");
        for (json, event) in [
            (
                r#"{"messageType": "chatGroupInvite", "group_id": "8"}"#,
                MessageEvent::GroupInvite { group_id, sender: None },
            ),
            (
                r#"{"messageType": "chatGroupBoot", "group_id": "8", "booted": ["anna@example.com", 1]}"#,
                MessageEvent::GroupBoot { group_id, booted: vec![anna.clone()] },
            ),
            (
                r#"{"messageType": "chatGroupBoot", "group_id": "8", "booted": [{"full_user_id": "anna@example.com"}]}"#,
                MessageEvent::GroupBoot { group_id, booted: vec![anna.clone()] },
            ),
            (
                r#"{"messageType": "chatGroupBoot", "group_id": "8"}"#,
                MessageEvent::GroupBoot { group_id, booted: vec![] },
            ),
            (
                r#"{"messageType": "chatGroupLeave", "group_id": "8", "leaver": "anna@example.com"}"#,
                MessageEvent::GroupLeave { group_id, leaver: Some(anna) },
            ),
            (r#"{"messageType": "chatGroupUpdate", "group_id": "8"}"#, MessageEvent::GroupUpdate { group_id }),
            (r#"{"messageType": "chatGroupDelete", "group_id": "8"}"#, MessageEvent::GroupDelete { group_id }),
        ] {
            assert_eq!(message(json).event(), event);
        }
    }

    #[test]
    fn others() {
        let wake_up = message(r#"{"messageType": "PRIVATE", "UUID": "1", "message": {"type": "WAKEUP"}}"#);
        assert_eq!(wake_up.event(), MessageEvent::Private { sender: None, purpose: Some("WAKEUP") });
        let new = MessageType::from("new");
        assert_eq!(message(r#"{"messageType": "new"}"#).event(), MessageEvent::Other(Some(&new)));
        assert_eq!(message(r#"{"messageType": "chat"}"#).event(), MessageEvent::Other(Some(&MessageType::Chat)));
        for json in ["{}", "[]", "1", r#"{"messageType": []}"#, "no JSON"] {
            assert_eq!(message(json).event(), MessageEvent::Other(None), "{json}");
        }
    }
}
