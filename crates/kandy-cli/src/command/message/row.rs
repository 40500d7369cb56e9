//! The forms of a message: JSON with the names of the API, and a table row.

use kandy::{ContentView, MediaKind, MessageContent, MessageEvent, MessageId, PendingMessage, sys::types};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{context::Context, failure::Result, output::OutputSchema};

/// Messages. A table shows the sender and the content as text.
pub(crate) const MESSAGES: OutputSchema = OutputSchema {
    name: "messages",
    operation: "message_list",
    at: "/messages",
    id: "UUID",
    columns: &["UUID", "timestamp", "sender", "messageType", "message"],
};

/// Columns of a list on a terminal that may be omitted, the first one first.
pub(crate) const OPTIONAL: &[&str] = &["UUID", "messageType"];

pub(super) const SENT: OutputSchema =
    OutputSchema { name: "messages", operation: "", at: "", id: "UUID", columns: &["UUID"] };

/// Returns the table row of a message in JSON.
pub(crate) fn row_of_json(message: Value) -> Value {
    match types::PendingMessage::deserialize(&message) {
        Ok(message) => row(&message.into()),
        Err(_) => json!({"UUID": message["UUID"], "message": message}),
    }
}

/// Returns the table row of a message.
pub(super) fn row(message: &PendingMessage) -> Value {
    json!({
        "UUID": message.id.as_ref().map(|id| id.as_str()),
        "timestamp": message.timestamp.as_ref().map(ToString::to_string),
        "sender": message.sender.as_ref().map(|sender| sender.as_str()),
        "messageType": message.message_type.as_ref().map(ToString::to_string),
        "message": text(message),
    })
}

/// Returns the content of a message as text.
pub(super) fn text(message: &PendingMessage) -> String {
    if let Some(undecodable) = &message.undecodable {
        return undecodable.to_string();
    }
    if let Some(content) = &message.content {
        return words(content);
    }
    // A group event has no content: name the group and the users.
    let group = message.group_id.as_ref().map(|group_id| format!("group {group_id}"));
    let users = match message.event() {
        MessageEvent::GroupBoot { booted, .. } => booted,
        MessageEvent::GroupLeave { leaver, .. } => leaver.into_iter().collect(),
        _ => Vec::new(),
    };
    let users = users.iter().map(ToString::to_string);
    group.into_iter().chain(users).collect::<Vec<_>>().join(" ")
}

fn words(content: &MessageContent) -> String {
    match content.view() {
        ContentView::Text(text) | ContentView::Json(text) => text.to_owned(),
        ContentView::Media { kind, content_id, name, .. } => {
            let kind = match kind {
                MediaKind::Image => "image",
                MediaKind::Audio => "audio",
                MediaKind::Video => "video",
                _ => "file",
            };
            named(&format!("{kind} {content_id}"), name)
        }
        ContentView::Location { latitude, longitude, .. } => format!("location {latitude},{longitude}"),
        ContentView::Contact { content_id, display_name, name, .. } => {
            let id = content_id.map(|id| id.to_string()).unwrap_or_default();
            named(format!("contact {id}").trim_end(), display_name.or(name))
        }
        _ => Value::Object(content.fields().clone()).to_string(),
    }
}

fn named(what: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{what} {name}"),
        None => what.to_owned(),
    }
}

/// Returns a message as the API writes it.
pub(super) fn whole(message: &PendingMessage) -> Value {
    if let Some(undecodable) = &message.undecodable {
        return undecodable.clone();
    }
    let mut members = Map::new();
    let mut put = |name: &str, member: Option<Value>| {
        if let Some(member) = member {
            members.insert(name.to_owned(), member);
        }
    };
    put("UUID", message.id.as_ref().map(|id| id.as_str().into()));
    put("messageType", message.message_type.as_ref().map(|message_type| message_type.to_string().into()));
    put("contentType", message.content.as_ref().map(|content| content.content_type().to_string().into()));
    put("sender", message.sender.as_ref().map(|sender| json!({"full_user_id": sender.as_str()})));
    put("destination", message.destination.as_ref().map(|destination| destination.as_str().into()));
    put("group_id", message.group_id.as_ref().map(|group_id| group_id.as_str().into()));
    put("timestamp", message.timestamp.as_ref().map(|timestamp| timestamp.to_string().into()));
    put("message", message.content.as_ref().map(|content| content.fields().clone().into()));
    for (name, member) in message.extra.iter() {
        members.entry(name.clone()).or_insert_with(|| member.clone());
    }
    Value::Object(members)
}

/// Prints the id of a sent message.
pub(super) fn print_id(context: &Context, id: Option<MessageId>) -> Result {
    match id {
        Some(id) => context.output.object(&SENT, json!({"UUID": id.as_str()})),
        None => Ok(()),
    }
}

/// Returns the noun with the id, or with the number of ids.
pub(crate) fn count(what: &str, ids: &[String]) -> String {
    match ids {
        [one] => format!("{what} {one:?}"),
        all => format!("{} {what}s", all.len()),
    }
}
