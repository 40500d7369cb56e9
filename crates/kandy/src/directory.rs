//! The directory: the users of the domain, as another user finds them. Depends on `check`, `pipeline` and the [`User`]
//! handle. Begin reading at [`User::search_directory`].

use kandy_sys::{Call, Client, Envelope, ExtraFields, types};

use crate::{
    FullUserId, Result, User, UserId, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

impl User {
    /// Lists all users in the directory of the user's domain.
    ///
    /// Operation `directory_list`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for contact in russ.directory().await? {
    ///     println!("{:?} {:?}", contact.full_user_id, contact.phone_number);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn directory(&self) -> ListDirectory {
        ListDirectory { call: self.call() }
    }

    /// Searches for users by first name, last name, user id or phone number. Whether a partial match is enough is not
    /// known.
    ///
    /// Operation `directory_search`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{} found", russ.search_directory("anna").await?.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the text is empty; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn search_directory(&self, text: impl Into<String>) -> SearchDirectory {
        SearchDirectory { call: self.call(), by: SearchBy::Anything, text: text.into() }
    }

    /// Searches for users by first or last name. Whether a partial match is enough is not known.
    ///
    /// Operation `directory_search_by_name`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{} found", russ.search_directory_by_name("Doe").await?.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`search_directory`](Self::search_directory).
    pub fn search_directory_by_name(&self, name: impl Into<String>) -> SearchDirectory {
        SearchDirectory { call: self.call(), by: SearchBy::Name, text: name.into() }
    }

    /// Searches for users by phone number. Whether a partial match is enough is not known.
    ///
    /// Operation `directory_search_by_phone_number`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{} found", russ.search_directory_by_phone_number("13524096582").await?.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`search_directory`](Self::search_directory).
    pub fn search_directory_by_phone_number(&self, phone_number: impl Into<String>) -> SearchDirectory {
        SearchDirectory { call: self.call(), by: SearchBy::PhoneNumber, text: phone_number.into() }
    }

    /// Searches for users by user id. Whether a partial match is enough is not known.
    ///
    /// Operation `directory_search_by_user_id`, confidence C: seen in one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// println!("{} found", russ.search_directory_by_user_id("anna").await?.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`search_directory`](Self::search_directory).
    pub fn search_directory_by_user_id(&self, user_id: impl Into<String>) -> SearchDirectory {
        SearchDirectory { call: self.call(), by: SearchBy::UserId, text: user_id.into() }
    }
}

/// Builder for [`User::directory`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListDirectory {
    call: CallContext,
}

request!(ListDirectory => Vec<DirectoryContact>);

impl CallSpec for ListDirectory {
    type Response = Envelope<types::DirectoryContacts>;
    type Output = Vec<DirectoryContact>;

    fn subject(&self) -> String {
        "the directory".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.directory_list())
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<Vec<DirectoryContact>> {
        Ok(contacts(result))
    }
}

/// The field that a search compares.
#[derive(Clone, Copy, Debug)]
enum SearchBy {
    Anything,
    Name,
    PhoneNumber,
    UserId,
}

/// Builder for [`User::search_directory`] and the searches by one field, such as [`User::search_directory_by_name`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SearchDirectory {
    call: CallContext,
    by: SearchBy,
    text: String,
}

request!(SearchDirectory => Vec<DirectoryContact>);

impl CallSpec for SearchDirectory {
    type Response = Envelope<types::DirectoryContacts>;
    type Output = Vec<DirectoryContact>;

    fn subject(&self) -> String {
        format!("the directory, looking for {:?}", self.text)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let text = self.text.as_str();
        match self.by {
            SearchBy::Anything => check::fits_query("text", text).map(|()| api.directory_search(text)),
            SearchBy::Name => check::fits_query("name", text).map(|()| api.directory_search_by_name(text)),
            SearchBy::PhoneNumber => {
                check::fits_query("phone_number", text).map(|()| api.directory_search_by_phone_number(text))
            }
            SearchBy::UserId => check::fits_query("user_id", text).map(|()| api.directory_search_by_user_id(text)),
        }
    }

    fn read(&self, found: Decoded<Self::Response>) -> Result<Vec<DirectoryContact>> {
        Ok(contacts(found))
    }
}

fn contacts(found: types::DirectoryContacts) -> Vec<DirectoryContact> {
    found.contacts.into_iter().map(Into::into).collect()
}

/// A user in the directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryContact {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// The user id; not in every response.
    pub user_id: Option<UserId>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Phone number.
    pub phone_number: Option<String>,
    /// Phone number at home. Clients read this field and those that follow; whether the service sends them is not
    /// known.
    pub home_phone: Option<String>,
    /// Number of the mobile phone.
    pub mobile_phone: Option<String>,
    /// Phone number at work.
    pub work_phone: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// All other fields.
    pub extra: ExtraFields,
}

value! {
    DirectoryContact as DirectoryContact {
        full_user_id: full_user_id,
        user_id: user_id,
        first_name: user_first_name | first_name,
        last_name: user_last_name | last_name,
        phone_number: user_phone_number,
        home_phone: home_phone,
        mobile_phone: mobile_phone,
        work_phone: work_phone,
        fax: fax,
        email: email,
        extra: extra,
    }
}

from_generated!(DirectoryContact as DirectoryContact);
