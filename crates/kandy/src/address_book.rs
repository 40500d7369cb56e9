//! The address book of a device.

use kandy_sys::{Client, HintType, types};

use crate::{
    DeviceId, Result, check,
    error::answer_of,
    pipeline::{Call, Request, request},
};

/// [`Device::address_book`](crate::Device::address_book), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetAddressBook {
    call: Call,
    device_id: DeviceId,
}

impl GetAddressBook {
    pub(crate) fn new(call: Call, device_id: DeviceId) -> Self {
        Self { call, device_id }
    }
}

request!(GetAddressBook => Vec<Contact>);

impl Request for GetAddressBook {
    type Output = Vec<Contact>;

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<Vec<Contact>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        let answer = client.device_address_book_get(self.device_id.as_str()).await;
        let book = answer_of("device_address_book_get", answer)?;
        Ok(book.contacts.unwrap_or_default().into_iter().map(Contact::from).collect())
    }
}

/// [`Device::delete_address_book`](crate::Device::delete_address_book), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteAddressBook {
    call: Call,
    device_id: DeviceId,
}

impl DeleteAddressBook {
    pub(crate) fn new(call: Call, device_id: DeviceId) -> Self {
        Self { call, device_id }
    }
}

request!(DeleteAddressBook => ());

impl Request for DeleteAddressBook {
    type Output = ();

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("device_id", self.device_id.as_str())?;
        let answer = client.device_address_book_delete(self.device_id.as_str()).await;
        answer_of("device_address_book_delete", answer)?;
        Ok(())
    }
}

/// A contact in the address book of a device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Contact {
    /// The phone number.
    pub number: Option<String>,
    /// The id of the contact; the service answers an empty one where it has none.
    pub contact_id: Option<String>,
    /// The device that the contact is from.
    pub device_id: Option<DeviceId>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// What the service knows about the contact.
    pub hint_type: Option<HintType>,
}

impl From<types::Contact> for Contact {
    fn from(contact: types::Contact) -> Self {
        Self {
            number: contact.number.map(Into::into),
            contact_id: contact.contact_id.map(Into::into),
            device_id: contact.device_id.map(Into::into),
            first_name: contact.first_name,
            last_name: contact.last_name,
            hint_type: contact.hint_type,
        }
    }
}
