//! The address books of all devices of a user: the method of [`User`] and its builder. Depends on the parent module.

use kandy_sys::{Call, Client, Envelope, types};

use super::{Contact, contacts};
use crate::{
    DeviceId, Result, User, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

impl User {
    /// Returns the contacts in the address books of all devices of the user.
    ///
    /// Operation `user_device_address_book_get`, confidence B. The form of the response is assumed to be that of
    /// [`Device::address_book`](crate::Device::address_book).
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for contact in russ.device_address_book().await? {
    ///     println!("{:?} {:?}", contact.device_id, contact.number);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when a device id is given and empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn device_address_book(&self) -> GetUserAddressBook {
        GetUserAddressBook { call: self.call(), device_id: None }
    }
}

/// Builder for [`User::device_address_book`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetUserAddressBook {
    call: CallContext,
    device_id: Option<DeviceId>,
}

impl GetUserAddressBook {
    /// Sets a device, very likely to get the contacts of this device only. One client sends it; its effect is not
    /// known.
    pub fn device_id(mut self, device_id: impl Into<DeviceId>) -> Self {
        self.device_id = Some(device_id.into());
        self
    }
}

request!(GetUserAddressBook => Vec<Contact>);

impl CallSpec for GetUserAddressBook {
    type Response = Envelope<types::AddressBook>;
    type Output = Vec<Contact>;

    fn subject(&self) -> String {
        match &self.device_id {
            Some(device_id) => format!("device {:?}", device_id.as_str()),
            None => "the user".to_owned(),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let device_id = self.device_id.as_ref().map(DeviceId::as_str);
        if let Some(device_id) = device_id {
            check::fits_query("device_id", device_id)?;
        }
        Ok(api.user_device_address_book_get(device_id))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<Vec<Contact>> {
        Ok(contacts(result))
    }
}
