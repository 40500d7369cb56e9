//! Operations of the tag Conversation: messages between users, and events that clients do not show.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault,
    types::{self, ConversationList, ConversationMessages, PendingMessage},
};
use serde_json::{Map, Value, json};

use super::{
    chat_message::{self, refuse},
    handler::Handler,
    lookup::user_of_same_domain,
};
use crate::{
    protocol::{
        call::Call,
        refusal::{invalid, invalid_identifier, unknown},
        reply::{Outcome, Reply},
    },
    state::{Conversation, Entry, State, UserNo},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("conversation_list", Handler::User(list)),
    ("conversation_delete", Handler::User(delete)),
    ("conversation_message_list", Handler::User(message_list)),
    ("conversation_message_delete", Handler::User(message_delete)),
    ("event_send", Handler::User(event_send)),
];

/// Returns the type of the conversation with an id.
fn conversation_type(id: &str) -> &'static str {
    if id.contains('@') { "single" } else { "group" }
}

fn list(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let describe = |(id, conversation): (&str, &Conversation)| {
        types::Conversation::from(kandy_sys::ExtraFields::from_iter([
            ("conversation_id".to_owned(), json!(id)),
            ("conversation_type".to_owned(), json!(conversation_type(id))),
            ("message_sequence_number".to_owned(), json!(conversation.last)),
            ("timestamp".to_owned(), json!(conversation.last_sent.to_string())),
        ]))
    };
    let conversations = state.conversations.of(user).into_iter().map(describe).collect();
    Reply::result(ConversationList { conversations, extra: Map::new().into() })
}

/// Reads a parameter that is a JSON list of strings.
fn strings(call: &Call, name: &str) -> Result<Vec<String>, ApiFault> {
    serde_json::from_str(call.require(name)?).map_err(|_| invalid(name))
}

fn delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    for id in strings(call, "conversations")? {
        let id = stored_spelling(state, &id, user);
        state.conversations.delete(user, &id);
    }
    Reply::done()
}

/// Normalizes the id of a conversation: the case of a domain name does not matter.
fn stored_spelling(state: &State, id: &str, user: UserNo) -> String {
    let found = user_of_same_domain(state, id, user).and_then(|no| state.users.get(no));
    found.map_or_else(|| id.to_owned(), |user| state.full_user_id(user))
}

/// The id in `conversation_id`. The conversation may be empty.
fn conversation_id(state: &State, call: &Call, user: UserNo) -> Result<String, ApiFault> {
    let id = stored_spelling(state, call.require("conversation_id")?, user);
    let is_known = state.conversations.get(user, &id).is_some()
        || user_of_same_domain(state, &id, user).is_some()
        || state.groups.find(&id).is_some_and(|(_, group)| group.member(user).is_some());
    if is_known { Ok(id) } else { Err(unknown("conversation")) }
}

/// Reads a parameter that is a number from 0.
fn number(call: &Call, name: &str) -> Result<Option<u64>, ApiFault> {
    call.query(name).map(|number| number.parse().map_err(|_| invalid(name))).transpose()
}

fn message_list(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = conversation_id(state, call, user)?;
    if call.require("conversation_type")? != conversation_type(&id) {
        return Err(invalid("conversation_type").into());
    }
    let is_backward = match call.query("order") {
        None | Some("forward" | "asc") => false,
        Some("backward" | "desc") => true,
        Some(_) => return Err(invalid("order").into()),
    };
    let most = number(call, "number_of_records")?.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
    let (first, since) = (number(call, "message_sequence_number")?, number(call, "timestamp")?);
    let is_asked = |entry: &&Entry| {
        let from = |asked: Option<u64>, has: u64| match asked {
            Some(asked) if is_backward => has <= asked,
            Some(asked) => has >= asked,
            None => true,
        };
        from(first, entry.number) && from(since, entry.sent)
    };
    let entries = state.conversations.get(user, &id).into_iter().flat_map(Conversation::entries);
    let entries: Box<dyn Iterator<Item = &Entry>> =
        if is_backward { Box::new(entries.rev()) } else { Box::new(entries) };
    let messages = entries.filter(is_asked).take(most.unwrap_or(usize::MAX)).map(numbered).collect();
    Reply::result(ConversationMessages { messages, extra: Map::new().into() })
}

/// A message with its number in the conversation.
fn numbered(entry: &Entry) -> PendingMessage {
    let mut message = PendingMessage::clone(&entry.message);
    message.extra.insert("message_sequence_number".to_owned(), entry.number.into());
    message
}

fn message_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = conversation_id(state, call, user)?;
    let uuids = strings(call, "messages")?;
    if let Some(conversation) = state.conversations.get_mut(user, &id) {
        conversation.delete(&uuids);
    }
    Reply::done()
}

fn event_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    call.require("client_timestamp")?.parse::<i64>().map_err(|_| invalid("client_timestamp"))?;
    let body = call.json()?;
    let event = chat_message::object(body, "message").map_err(|error| refuse(call, error))?;
    let required = |name| chat_message::required(event, name).map_err(|error| refuse(call, error));
    let (uuid, message_type) = (required("UUID")?, required("messageType")?);
    let destination = required("destination")?;
    let content = chat_message::object(event, "message").map_err(|error| refuse(call, error))?;
    chat_message::required(content, "type").map_err(|error| refuse(call, error))?;
    if !destination.contains('@') {
        return Err(invalid_identifier("destination").into());
    }
    let receiver = user_of_same_domain(state, &destination, user).ok_or_else(|| unknown("user"))?;
    let event = PendingMessage {
        content_type: None,
        destination: state.users.get(receiver).map(|user| state.full_user_id(user)),
        group_id: None,
        message: Some(kandy_sys::ExtraFields(content.clone()).into()),
        message_type: Some(message_type.into()),
        sender: chat_message::sender(state, user),
        timestamp: Some(state.clock.now().to_string().into()),
        uuid: Some(uuid),
        extra: Map::<String, Value>::new().into(),
    };
    chat_message::deliver(state, event, [receiver]);
    Reply::done()
}
