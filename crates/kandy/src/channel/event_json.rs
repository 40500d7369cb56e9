//! Serialises a [`ChannelEvent`] and a [`SessionEvent`] as the frame that reports it, and reads them again. Depends on
//! `event`, which decodes frames.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::Error as _,
    ser::{self, Error as _},
};
use serde_json::{Map, Value, json};

use super::event::{ChannelEvent, SessionEvent, SessionEventKind};
use crate::value::without_credentials;

/// Compares two events; the states of a channel by what they display, since errors cannot be compared.
impl PartialEq for ChannelEvent {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::State(state), Self::State(other)) => state.to_string() == other.to_string(),
            (Self::Message(message), Self::Message(other)) => message == other,
            (Self::MessagesAvailable, Self::MessagesAvailable) => true,
            (
                Self::IncomingCall { call_id, extra },
                Self::IncomingCall { call_id: other_call_id, extra: other_extra },
            ) => call_id == other_call_id && extra == other_extra,
            (Self::Session(event), Self::Session(other)) => event == other,
            (Self::Unknown(fields), Self::Unknown(other)) => fields == other,
            _ => false,
        }
    }
}

/// Serialises the frame that reports the event. A state of the channel is no frame, so it is an error.
impl Serialize for ChannelEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let notification = |message: Value| json!({"message_type": "notification", "message": message});
        let frame = match self {
            Self::State(_) => {
                return Err(S::Error::custom(
                    "the state of a data channel is not an event of the service; leave it out",
                ));
            }
            Self::Message(message) => {
                let mut message = to_json::<S::Error>(message.as_ref())?;
                // Only a message has this field, by which it is recognised.
                if let Value::Object(fields) = &mut message {
                    fields.entry("messageType").or_insert(Value::Null);
                }
                notification(message)
            }
            Self::MessagesAvailable => notification(json!({"message_type": "gofetch"})),
            Self::IncomingCall { call_id, extra } => {
                let mut message = without_credentials(extra).0;
                message.insert("message_type".to_owned(), "incomingCall".into());
                insert(&mut message, "call_id", call_id.as_deref());
                notification(message.into())
            }
            Self::Session(event) => event.frame(),
            Self::Unknown(fields) => without_credentials(fields).0.into(),
        };
        frame.serialize(serializer)
    }
}

fn to_json<E: ser::Error>(value: &impl Serialize) -> Result<Value, E> {
    serde_json::to_value(value).map_err(E::custom)
}

fn insert(fields: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        fields.insert(name.to_owned(), text.into());
    }
}

impl<'de> Deserialize<'de> for ChannelEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let frame = Value::deserialize(deserializer)?.to_string();
        Self::from_frame(&frame).ok_or_else(|| D::Error::custom("the frame reports no event"))
    }
}

impl SessionEvent {
    /// Returns an event of an unnamed session, as a test needs it.
    ///
    /// ```
    /// use kandy::{SessionEvent, SessionEventKind};
    ///
    /// let mut event = SessionEvent::new(SessionEventKind::Data("hello".into()));
    /// event.session_id = Some("0af3".into());
    /// ```
    pub fn new(kind: SessionEventKind) -> Self {
        Self { session_id: None, full_user_id: None, kind, extra: Default::default() }
    }

    /// Returns the frame that reports the event.
    fn frame(&self) -> Value {
        let mut fields = without_credentials(&self.extra).0;
        insert(&mut fields, "session_id", self.session_id.as_ref().map(|id| id.as_str()));
        insert(&mut fields, "full_user_id", self.full_user_id.as_ref().map(|id| id.as_str()));
        match &self.kind {
            SessionEventKind::Data(data) => {
                fields.insert("message_type".to_owned(), "sessionData".into());
                fields.insert("payload".to_owned(), data.clone());
                fields.into()
            }
            SessionEventKind::Change(change) => {
                fields.insert("message_type".to_owned(), change.as_str().into());
                json!({"message_type": "sessionNotification", "payload": fields})
            }
        }
    }
}

/// Serialises the frame that reports the event.
impl Serialize for SessionEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.frame().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SessionEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match ChannelEvent::deserialize(deserializer)? {
            ChannelEvent::Session(event) => Ok(event),
            _ => Err(D::Error::custom("the frame reports no event of a session")),
        }
    }
}
