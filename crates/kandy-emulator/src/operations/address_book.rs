//! Operations of the tag Address Book: personal contacts of a user, and the contacts of all devices of a user.
//!
//! Begin with `HANDLERS`.

use kandy_sys::types::{AddressBook, PersonalContactCreated};
use serde_json::{Map, Value, json};

use super::{handler::Handler, lookup};
use crate::{
    protocol::{
        call::{Call, non_empty, object},
        listing::Progress,
        refusal::{Refusal, unknown},
        reply::{Outcome, Reply},
    },
    state::{Device, State, UserNo, id::Id},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("personal_contact_list", Handler::User(personal_contact_list)),
    ("personal_contact_create", Handler::User(personal_contact_create)),
    ("personal_contact_delete", Handler::User(personal_contact_delete)),
    ("user_device_address_book_get", Handler::User(user_device_address_book_get)),
];

/// The prefix that clients put before the fields of a contact, or leave out.
const PREFIX: &str = "contact_";

/// The fields of a contact, without the prefix that they may have. `user_name` has another name without it.
const FIELDS: [&str; 9] = [
    "nickname",
    "first_name",
    "last_name",
    "home_phone",
    "mobile_number",
    "business_number",
    "fax",
    "email",
    "image_id",
];

fn personal_contact_list(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let (mut last, end) = (None, state.personal_contacts.last_of(user));
    Reply::list(state, json!({"contacts": []}), move |state, page| {
        let Some(end) = end else { return Progress::Done };
        page.fill(state.personal_contacts.of_after(user, last), &mut last, end, |(id, contact)| {
            let mut contact = contact.clone();
            contact.insert("contact_id".to_owned(), format!("{id:x}").into());
            Some(contact)
        })
    })
}

fn personal_contact_create(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let body = call.json()?;
    let contact = fields_as_sent(object(call, body, "contact")?)?;
    let has = |[prefixed, plain]: [&str; 2]| contact.contains_key(prefixed) || contact.contains_key(plain);
    for names in [["contact_user_name", "name"], ["contact_nickname", "nickname"]] {
        if !has(names) {
            return Err(call.missing(names[0]).into());
        }
    }
    let id = state.personal_contacts.add(user, contact);
    Reply::result(PersonalContactCreated { contact_id: Some(format!("{id:x}")) })
}

/// Copies the known fields of a contact, each under the name that the client sent. Null and empty ones count as left
/// out.
fn fields_as_sent(sent: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut fields = Map::new();
    let spellings = FIELDS.iter().flat_map(|field| [(*field).to_owned(), format!("{PREFIX}{field}")]);
    for name in spellings.chain([format!("{PREFIX}user_name"), "name".to_owned()]) {
        if let Some(value) = non_empty(sent, &name)? {
            fields.insert(name, value.into());
        }
    }
    Ok(fields)
}

fn personal_contact_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = Id::from_lower_hex(call.require("contact_id")?);
    match id.is_some_and(|id| state.personal_contacts.delete(user, id)) {
        true => Reply::done(),
        false => Err(unknown("contact").into()),
    }
}

fn user_device_address_book_get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let devices: Vec<_> = match call.query("device_id") {
        Some(_) => state.devices.get(lookup::own_device(state, call, user)?).into_iter().collect(),
        None => state.devices.of(user).collect(),
    };
    Reply::result(AddressBook { contacts: devices.into_iter().flat_map(Device::contacts).cloned().collect() })
}
