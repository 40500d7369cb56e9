//! The address books of devices: the builders of one device's address book, and in [`user`] those of all devices of a
//! user. Depends on `check` and `pipeline`; the methods of [`Device`](crate::Device) create the builders. Begin reading
//! at [`GetAddressBook`].

mod user;

use kandy_sys::{Call, Client, Envelope, ExtraFields, HintType, NoResult, types};

pub use user::GetUserAddressBook;

use crate::{
    DeviceId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

/// Builder for [`Device::address_book`](crate::Device::address_book).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetAddressBook {
    call: CallContext,
    device_id: DeviceId,
}

impl GetAddressBook {
    pub(crate) fn new(call: CallContext, device_id: DeviceId) -> Self {
        Self { call, device_id }
    }
}

request!(GetAddressBook => Vec<Contact>);

impl CallSpec for GetAddressBook {
    type Response = Envelope<types::AddressBook>;
    type Output = Vec<Contact>;

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        Ok(api.device_address_book_get(self.device_id.as_str()))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<Vec<Contact>> {
        Ok(contacts(result))
    }
}

fn contacts(book: types::AddressBook) -> Vec<Contact> {
    book.contacts.into_iter().map(Into::into).collect()
}

/// Builder for [`Device::upload_address_book`](crate::Device::upload_address_book).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct UploadAddressBook {
    call: CallContext,
    device_id: DeviceId,
    contacts: Vec<AddressBookEntry>,
}

impl UploadAddressBook {
    pub(crate) fn new(call: CallContext, device_id: DeviceId, contacts: Vec<AddressBookEntry>) -> Self {
        Self { call, device_id, contacts }
    }
}

request!(UploadAddressBook => ());

impl CallSpec for UploadAddressBook {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("{} contacts of device {:?}", self.contacts.len(), self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        for number in self.contacts.iter().flat_map(|contact| &contact.numbers) {
            check::given("contacts", number)?;
        }
        let contacts = self.contacts.iter().map(types::AddressBookUploadContact::from).collect();
        let body = types::AddressBookUpload { contacts };
        Ok(api.device_address_book_upload(self.device_id.as_str(), &body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// A contact to upload to the address book of a device.
///
/// ```
/// let john = kandy::AddressBookEntry::new(["+14055671234"]).first_name("John").last_name("Doe");
/// assert_eq!(john.numbers, ["+14055671234"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddressBookEntry {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Phone numbers.
    pub numbers: Vec<String>,
}

impl AddressBookEntry {
    /// Creates a contact with these phone numbers, and without a name.
    pub fn new<I>(numbers: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self { first_name: None, last_name: None, numbers: numbers.into_iter().map(Into::into).collect() }
    }

    /// Sets the first name.
    pub fn first_name(mut self, first_name: impl Into<String>) -> Self {
        self.first_name = Some(first_name.into());
        self
    }

    /// Sets the last name.
    pub fn last_name(mut self, last_name: impl Into<String>) -> Self {
        self.last_name = Some(last_name.into());
        self
    }
}

impl From<&AddressBookEntry> for types::AddressBookUploadContact {
    fn from(contact: &AddressBookEntry) -> Self {
        let AddressBookEntry { first_name, last_name, numbers } = contact.clone();
        Self { first_name, last_name, numbers }
    }
}

/// Builder for [`Device::address_book_hints`](crate::Device::address_book_hints).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetAddressBookHints {
    call: CallContext,
    device_id: DeviceId,
}

impl GetAddressBookHints {
    pub(crate) fn new(call: CallContext, device_id: DeviceId) -> Self {
        Self { call, device_id }
    }
}

request!(GetAddressBookHints => AddressBookHints);

impl CallSpec for GetAddressBookHints {
    type Response = Envelope<types::AddressBookHints>;
    type Output = AddressBookHints;

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        Ok(api.device_address_book_hint_list(self.device_id.as_str()))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<AddressBookHints> {
        Ok(result.into())
    }
}

/// Hints of the service about the contacts of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddressBookHints {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(AddressBookHints as AddressBookHints);

from_generated!(AddressBookHints as AddressBookHints);

/// Builder for [`Device::delete_address_book`](crate::Device::delete_address_book).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteAddressBook {
    call: CallContext,
    device_id: DeviceId,
}

impl DeleteAddressBook {
    pub(crate) fn new(call: CallContext, device_id: DeviceId) -> Self {
        Self { call, device_id }
    }
}

request!(DeleteAddressBook => ());

impl CallSpec for DeleteAddressBook {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("device {:?}", self.device_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("device_id", self.device_id.as_str())?;
        Ok(api.device_address_book_delete(self.device_id.as_str()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// A contact in the address book of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Contact {
    /// The phone number.
    pub number: Option<String>,
    /// The id of the contact; the service returns an empty one where it has none.
    pub contact_id: Option<String>,
    /// The device that the contact is from.
    pub device_id: Option<DeviceId>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The hint of the service about the contact.
    pub hint_type: Option<HintType>,
}

value! {
    Contact as Contact {
        number: number,
        contact_id: contact_id,
        device_id: device_id,
        first_name: first_name,
        last_name: last_name,
        hint_type: hint_type,
    }
}

from_generated!(Contact as Contact);
