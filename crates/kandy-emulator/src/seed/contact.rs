//! Contacts to add to the address book of a device.
//!
//! Depends on `state`.

use kandy_sys::{ApiFault, HintType, types::Contact};

use crate::{
    protocol::refusal::{missing, unknown},
    state::{State, id::Id},
};

impl State {
    /// Adds a contact to the address book of a device, and fills in missing fields.
    pub(crate) fn add_contact(&mut self, device_id: &str, contact: Contact) -> Result<(), ApiFault> {
        let device = Id::from_upper_hex(device_id).and_then(|id| self.devices.get_mut(id));
        let device = device.ok_or_else(|| unknown("device"))?;
        if contact.number.is_none() {
            return Err(missing("number"));
        }
        let contact = Contact {
            device_id: Some(device_id.to_owned()),
            contact_id: contact.contact_id.or_else(|| Some("".into())),
            hint_type: contact.hint_type.or(Some(HintType::None)),
            ..contact
        };
        device.add_contacts(vec![contact]);
        Ok(())
    }
}
