//! The chapter on devices: the address book, messages and SMS.

use kandy_sys::{
    Fault,
    types::{AddressBook, PendingMessages},
};
use serde_json::{Map, Value};

use crate::{
    answer::{Outcome, Reply},
    behaviour::Behaviour,
    chat_message::{self, ChatMessage, Flaw},
    id::Id,
    refusal::{Refusal, invalid, invalid_identifier, unknown},
    request::{Call, text},
    state::{SentSms, State, UserNo},
};

pub(crate) fn behaviour(operation_id: &str) -> Option<Behaviour> {
    Some(match operation_id {
        "device_address_book_get" => Behaviour::User(address_book_get),
        "device_address_book_delete" => Behaviour::User(address_book_delete),
        "message_send" => Behaviour::User(message_send),
        "message_list" => Behaviour::User(message_list),
        "message_delete" => Behaviour::User(message_delete),
        "sms_send" => Behaviour::User(sms_send),
        _ => return None,
    })
}

/// The device in `device_id`, which has to be one of the user's.
pub(crate) fn own_device(state: &State, call: &Call, user: UserNo) -> Result<Id, Fault> {
    match device(state, call)? {
        (id, owner) if owner == user => Ok(id),
        // A device of somebody else is as unknown as one that does not exist.
        _ => Err(unknown("device")),
    }
}

/// The device in `device_id`, and whose it is.
fn device(state: &State, call: &Call) -> Result<(Id, UserNo), Fault> {
    let id = Id::from_upper_hex(call.require("device_id")?);
    id.and_then(|id| Some((id, state.devices.get(id)?.user))).ok_or_else(|| unknown("device"))
}

fn address_book_get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    Reply::result(AddressBook { contacts: state.devices.get(id).map(|device| device.contacts.clone()) })
}

fn address_book_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    if let Some(device) = state.devices.get_mut(id) {
        device.contacts.clear();
    }
    Reply::done()
}

fn message_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (_, device_owner) = device(state, call)?;
    let body = call.json()?;
    let message = ChatMessage::read(&body).map_err(|flaw| refuse(call, flaw))?;
    let destination = message.required("destination").map_err(|flaw| refuse(call, flaw))?;
    if !destination.contains('@') {
        return Err(invalid_identifier("destination").into());
    }
    let receiver = user_of_same_domain(state, &destination, user).ok_or_else(|| unknown("user"))?;
    // The sender's own device or, in one newer client, one of the receiver's.
    if device_owner != user && device_owner != receiver {
        return Err(unknown("device").into());
    }
    let mut message = message.from(state, user);
    message.destination = state.users.get(receiver).map(|user| state.full_user_id(user));
    chat_message::deliver_chat(state, message, user, vec![receiver]);
    Reply::done()
}

pub(crate) fn refuse(call: &Call, flaw: Flaw) -> Refusal {
    match flaw {
        Flaw::Missing(name) => call.missing(name).into(),
        Flaw::Invalid(name) => invalid(name).into(),
    }
}

/// A domain is a community: users reach each other inside it only.
pub(crate) fn user_of_same_domain(state: &State, full_user_id: &str, user: UserNo) -> Option<UserNo> {
    let found = state.user_by_full_id(full_user_id)?;
    (state.users.get(found)?.domain == state.users.get(user)?.domain).then_some(found)
}

fn message_list(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let messages = state.devices.get(id).map(|device| device.pending().cloned().collect());
    Reply::result(PendingMessages { messages, server_timestamp: Some(state.clock.now().to_string().into()) })
}

fn message_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let uuids: Vec<String> = serde_json::from_str(call.require("messages")?).map_err(|_| invalid("messages"))?;
    if let Some(device) = state.devices.get_mut(id) {
        for uuid in &uuids {
            device.delete_message(uuid);
        }
    }
    Reply::done()
}

fn sms_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let device = own_device(state, call, user)?;
    let body = call.json()?;
    let sms = object(call, &body, "message")?;
    let content = object(call, sms, "message")?;
    let required = |members, name| non_empty(members, name)?.ok_or_else(|| call.missing(name));
    let destination = required(sms, "destination")?;
    let message = required(content, "text")?;
    if !is_phone_number(&destination) {
        return Err(invalid("destination").into());
    }
    let source = non_empty(sms, "source")?;
    let sender = state.users.get(user).map(|user| state.full_user_id(user)).unwrap_or_default();
    state.outbox.add(SentSms { sender, source, destination, text: message, device_id: format!("{device:X}") });
    Reply::done()
}

fn object<'a>(call: &Call, members: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, Fault> {
    match members.get(name) {
        None | Some(Value::Null) => Err(call.missing(name)),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(invalid(name)),
    }
}

fn non_empty(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    Ok(text(members, name)?.filter(|text| !text.is_empty()))
}

/// In international form, with or without `+`.
fn is_phone_number(number: &str) -> bool {
    let digits = number.strip_prefix('+').unwrap_or(number);
    (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
}
