//! [`ChannelEvent`]: what a frame of the data channel reports. Depends on `message`.
//!
//! The names of frames and fields are those of one client family, which reads them; see `frame` for what it sends.

use std::collections::BTreeMap;

use kandy_sys::{ExtraFields, SessionEventType, Text};
use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

use crate::{ChannelState, FullUserId, PendingMessage, SessionId, message::value_or_text};

/// An event of the data channel of a user.
///
/// It is serialised as the frame that reports it, which [`from_frame`](Self::from_frame) reads, without credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChannelEvent {
    /// The channel was established or lost. What happened in between was not pushed.
    State(ChannelState),
    /// A message, or an event of a group. It stays pending for each device of the user until it is deleted.
    Message(Box<PendingMessage>),
    /// Messages are pending, which have to be fetched: some servers push this instead of the messages.
    MessagesAvailable,
    /// Another user calls. This crate takes no calls.
    IncomingCall {
        /// The id of the call; servers before 2015 send none.
        call_id: Option<String>,
        /// Other fields of the event.
        extra: ExtraFields,
    },
    /// An event of a session that the user takes part in.
    Session(SessionEvent),
    /// An event of an unknown type, with all fields of its frame.
    Unknown(ExtraFields),
}

/// An event of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionEvent {
    /// The session.
    pub session_id: Option<SessionId>,
    /// The user whom the event is about, or who sent the data.
    pub full_user_id: Option<FullUserId>,
    /// What happened.
    pub kind: SessionEventKind,
    /// Other fields of the event.
    pub extra: ExtraFields,
}

/// The kind of an event of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEventKind {
    /// A participant sent data.
    Data(Value),
    /// The session or its participants changed.
    Change(SessionEventType),
}

/// The members of a JSON object, as they were received. Where a name occurs twice, the last one counts.
pub(super) type Members = BTreeMap<String, Box<RawValue>>;

/// Decodes a member; `None` if it is missing or of another form.
pub(super) fn member<T: DeserializeOwned>(members: &Members, name: &str) -> Option<T> {
    serde_json::from_str(members.get(name)?.get()).ok()
}

/// Decodes a member that is a text, or a number that stands for one.
pub(super) fn text(members: &Members, name: &str) -> Option<String> {
    member::<Text>(members, name).map(String::from)
}

impl ChannelEvent {
    /// Decodes a text frame. Returns `None` for one that reports nothing: it is no JSON object, or the answer to a frame
    /// that was sent.
    ///
    /// It decodes frames of any form, since servers of several ages differ, and keeps what it does not know.
    ///
    /// ```
    /// use kandy::ChannelEvent;
    ///
    /// let frame = r#"{"message_type": "notification", "message": {"message_type": "gofetch"}}"#;
    /// assert!(matches!(ChannelEvent::from_frame(frame), Some(ChannelEvent::MessagesAvailable)));
    /// ```
    pub fn from_frame(frame: &str) -> Option<Self> {
        let members: Members = serde_json::from_str(frame).ok()?;
        match text(&members, "message_type").as_deref() {
            Some("response" | "ping" | "pong") => None,
            Some("notification") => notification(&members).or_else(|| unknown(frame)),
            Some("sessionData") => Some(Self::Session(session_event(members, |members| {
                SessionEventKind::Data(take(members, "payload").unwrap_or(Value::Null))
            }))),
            Some("sessionNotification") => match member::<Members>(&members, "payload") {
                Some(payload) => Some(Self::Session(session_event(payload, |payload| {
                    let kind = take::<Text>(payload, "message_type").map(String::from).unwrap_or_default();
                    SessionEventKind::Change(kind.into())
                }))),
                None => unknown(frame),
            },
            _ => unknown(frame),
        }
    }
}

/// Decodes the message in a notification; `None` if its type is unknown.
fn notification(frame: &Members) -> Option<ChannelEvent> {
    let raw = frame.get("message")?;
    let mut message: Members = serde_json::from_str(raw.get()).ok()?;
    if message.contains_key("messageType") {
        return Some(ChannelEvent::Message(Box::new(PendingMessage::from_json(raw.get()))));
    }
    match text(&message, "kandyType").or_else(|| text(&message, "message_type")).as_deref() {
        Some("incomingCall") => Some(ChannelEvent::IncomingCall {
            call_id: take::<Text>(&mut message, "call_id").map(String::from),
            extra: extra(message, &["kandyType", "message_type"]),
        }),
        // Clients since 2.3.0 take a notification without any type for a hint to fetch, too.
        Some("gofetch") | None => Some(ChannelEvent::MessagesAvailable),
        Some(_) => None,
    }
}

fn session_event(mut members: Members, kind: impl FnOnce(&mut Members) -> SessionEventKind) -> SessionEvent {
    let kind = kind(&mut members);
    SessionEvent {
        session_id: take::<Text>(&mut members, "session_id").map(|id| String::from(id).into()),
        full_user_id: take::<Text>(&mut members, "full_user_id").map(|user| String::from(user).into()),
        kind,
        extra: extra(members, &["message_type"]),
    }
}

/// Removes a member and decodes it. One that cannot be decoded stays.
fn take<T: DeserializeOwned>(members: &mut Members, name: &str) -> Option<T> {
    let value = member(members, name)?;
    members.remove(name);
    Some(value)
}

/// Returns the other members. One that is nested too deeply to be decoded is kept as text.
fn extra(members: Members, without: &[&str]) -> ExtraFields {
    let members = members.into_iter().filter(|(name, _)| !without.contains(&name.as_str()));
    members.map(|(name, raw)| (name, value_or_text(raw.get()))).collect()
}

fn unknown(frame: &str) -> Option<ChannelEvent> {
    Some(ChannelEvent::Unknown(extra(serde_json::from_str(frame).ok()?, &[])))
}
