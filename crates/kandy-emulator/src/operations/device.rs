//! Operations of the tag Device: address book, messages and SMS.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault, HintType, MessageType, PhoneNumber, SmsLength,
    types::{AddressBook, Contact, PendingMessages},
};
use serde_json::{Map, Value, json};

use super::{
    chat_message::{self, ChatMessage, refuse},
    handler::Handler,
    lookup::{device, own_device, user_of_same_domain},
};
use crate::{
    protocol::{
        call::{Call, non_empty, object, required},
        listing::Progress,
        refusal::{invalid, invalid_identifier, unknown},
        reply::{Outcome, Reply},
    },
    state::{Device, SentSms, State, UserNo},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("device_address_book_get", Handler::User(address_book_get)),
    ("device_address_book_upload", Handler::User(address_book_upload)),
    ("device_address_book_hint_list", Handler::User(address_book_hint_list)),
    ("device_address_book_delete", Handler::User(address_book_delete)),
    ("message_send", Handler::User(message_send)),
    ("message_list", Handler::User(message_list)),
    ("message_delete", Handler::User(message_delete)),
    ("sms_send", Handler::User(sms_send)),
];

fn address_book_get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    Reply::result(AddressBook {
        contacts: state.devices.get(id).into_iter().flat_map(Device::contacts).cloned().collect(),
    })
}

fn address_book_upload(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let body = call.json()?;
    let mut uploaded = Vec::new();
    for entry in array(call, body, "contacts")? {
        let entry = entry.as_object().ok_or_else(|| invalid("contacts"))?;
        let (first_name, last_name) = (non_empty(entry, "firstName")?, non_empty(entry, "lastName")?);
        for number in array(call, entry, "numbers")? {
            let number = match number {
                Value::String(text) if !text.is_empty() => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return Err(invalid("numbers").into()),
            };
            uploaded.push(Contact {
                hint_type: Some(hint(state, user, &number)),
                number: Some(number.into()),
                contact_id: Some("".into()),
                device_id: Some(format!("{id:X}")),
                first_name: first_name.clone(),
                last_name: last_name.clone(),
            });
        }
    }
    if let Some(device) = state.devices.get_mut(id) {
        device.add_contacts(uploaded);
    }
    Reply::done()
}

/// Returns whether a number in the address book of a user belongs to a user of the same domain.
fn hint(state: &State, user: UserNo, number: &str) -> HintType {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    // The user id of a user with a phone number is that number.
    let owner = state.users.domain_of(user).and_then(|domain| state.users.by_name(domain, digits));
    let owner = owner.and_then(|owner| state.users.get(owner));
    match owner.is_some_and(|owner| owner.phone_number().is_some()) {
        true => HintType::Community,
        false => HintType::None,
    }
}

fn address_book_hint_list(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let contacts = state.devices.get(id).into_iter().flat_map(Device::contacts);
    let hints = contacts.map(|contact| json!({"number": contact.number, "hintType": contact.hint_type}));
    Reply::result(json!({"contacts": hints.collect::<Vec<_>>()}))
}

fn address_book_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    if let Some(device) = state.devices.get_mut(id) {
        device.clear_contacts();
    }
    Reply::done()
}

fn message_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (_, device_owner) = device(state, call)?;
    let body = call.json()?;
    let message = ChatMessage::read(body).map_err(|error| refuse(call, error))?;
    let destination = message.required("destination").map_err(|error| refuse(call, error))?;
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

fn message_list(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let server_timestamp = Some(state.clock.now().to_string().into());
    let (mut last, end) = (None, state.devices.get(id).and_then(Device::last_pending));
    Reply::list(state, PendingMessages { messages: Vec::new(), server_timestamp }, move |state, page| {
        let (Some(device), Some(end)) = (state.devices.get(id), end) else { return Progress::Done };
        page.fill(device.pending_after(last), &mut last, end, Some)
    })
}

fn message_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = own_device(state, call, user)?;
    let uuids: Vec<String> = serde_json::from_str(call.require("messages")?).map_err(|_| invalid("messages"))?;
    let mut arrived = Vec::new();
    if let Some(device) = state.devices.get_mut(id) {
        for uuid in &uuids {
            device.delete_message(uuid, |message| {
                if state.sends_remote_acks && message.message_type == Some(MessageType::Chat) {
                    arrived.push(message);
                }
            });
        }
    }
    for message in arrived {
        chat_message::acknowledge(state, &message, user);
    }
    Reply::done()
}

fn sms_send(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let device = own_device(state, call, user)?;
    let body = call.json()?;
    let sms = object(call, body, "message")?;
    let content = object(call, sms, "message")?;
    let destination_as_sent = required(call, sms, "destination")?;
    let message = required(call, content, "text")?;
    // Clients send hyphens, spaces, dots and brackets in numbers.
    let number: PhoneNumber = destination_as_sent.parse().map_err(|_| invalid("destination"))?;
    let source = non_empty(sms, "source")?;
    let sender = state.users.get(user).map(|user| state.full_user_id(user)).unwrap_or_default();
    let length = SmsLength::of(&message);
    state.outbox.add(SentSms {
        sender,
        source,
        destination: number.into(),
        destination_as_sent,
        text: message,
        encoding: length.encoding(),
        segments: length.segments(),
        device_id: format!("{device:X}"),
    });
    Reply::done()
}

fn array<'a>(call: &Call, members: &'a Map<String, Value>, name: &str) -> Result<&'a Vec<Value>, ApiFault> {
    match members.get(name) {
        None | Some(Value::Null) => Err(call.missing(name)),
        Some(Value::Array(array)) => Ok(array),
        Some(_) => Err(invalid(name)),
    }
}
