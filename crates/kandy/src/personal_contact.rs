//! The personal address book of a user: list, create and delete contacts. Depends on the pipeline; begin reading at
//! [`User::contacts`].

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use crate::{
    ContactId, Error, FullUserId, Result, User, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

impl User {
    /// Lists the personal contacts of the user.
    ///
    /// Operation `personal_contact_list`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for contact in russ.contacts().await? {
    ///     println!("{:?} {:?}", contact.nickname, contact.user_name);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn contacts(&self) -> ListPersonalContacts {
        ListPersonalContacts { call: self.call() }
    }

    /// Adds a contact to the personal address book of the user, and returns its id.
    ///
    /// `user_name` is the user id of the contact with the domain: `anna@example.com`; `nickname` is the name that the
    /// user gives the contact. A second call may create a second contact, so the call is not retried after it may have
    /// been applied: see [`may_have_been_applied`](Error::may_have_been_applied).
    ///
    /// Operation `personal_contact_create`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let id = russ.create_contact("anna@example.com", "anna").first_name("Anna").last_name("Doe").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the user name is not of the form `user@domain.name` or the nickname is empty;
    /// [`Error::Api`], [`Error::Transport`]; [`Error::Decode`] when the response has no id.
    pub fn create_contact(
        &self,
        user_name: impl Into<FullUserId>,
        nickname: impl Into<String>,
    ) -> CreatePersonalContact {
        CreatePersonalContact {
            call: self.call(),
            user_name: user_name.into(),
            nickname: nickname.into(),
            first_name: None,
            last_name: None,
            home_phone: None,
            mobile_number: None,
            business_number: None,
            fax: None,
            email: None,
        }
    }

    /// Deletes a contact from the personal address book of the user.
    ///
    /// Operation `personal_contact_delete`, confidence B.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// russ.delete_contact("9e018d28484242be83f090c7323bf275").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the id is empty; [`is_not_found`](Error::is_not_found); [`Error::Api`],
    /// [`Error::Transport`].
    pub fn delete_contact(&self, contact_id: impl Into<ContactId>) -> DeletePersonalContact {
        DeletePersonalContact { call: self.call(), contact_id: contact_id.into() }
    }
}

/// Builder for [`User::contacts`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListPersonalContacts {
    call: CallContext,
}

request!(ListPersonalContacts => Vec<PersonalContact>);

impl CallSpec for ListPersonalContacts {
    type Response = Envelope<types::PersonalContactList>;
    type Output = Vec<PersonalContact>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.personal_contact_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<PersonalContact>> {
        Ok(list.contacts.into_iter().map(Into::into).collect())
    }
}

/// A contact in the personal address book of a user.
///
/// The service has been seen to return the fields in two spellings, with the prefix `contact_` and without; both are
/// read, and the former takes precedence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PersonalContact {
    /// The id of the contact.
    pub contact_id: Option<ContactId>,
    /// The user id of the contact with the domain. Contacts that were created in the other spelling may have another
    /// name here.
    pub user_name: Option<String>,
    /// The name that the user gives the contact.
    pub nickname: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Phone number at home.
    pub home_phone: Option<String>,
    /// Number of the mobile phone.
    pub mobile_number: Option<String>,
    /// Phone number at work.
    pub business_number: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Id of an image of the contact.
    pub image_id: Option<String>,
    /// Other fields of the response.
    pub extra: ExtraFields,
}

value! {
    PersonalContact as PersonalContact {
        contact_id: contact_id,
        user_name: contact_user_name | name,
        nickname: contact_nickname | nickname,
        first_name: contact_first_name | first_name,
        last_name: contact_last_name | last_name,
        home_phone: contact_home_phone | home_phone,
        mobile_number: contact_mobile_number | mobile_number,
        business_number: contact_business_number | business_number,
        fax: contact_fax | fax,
        email: contact_email | email,
        image_id: image_id,
        extra: extra,
    }
}

from_generated!(PersonalContact as PersonalContact);

/// Builder for [`User::create_contact`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreatePersonalContact {
    call: CallContext,
    user_name: FullUserId,
    nickname: String,
    first_name: Option<String>,
    last_name: Option<String>,
    home_phone: Option<String>,
    mobile_number: Option<String>,
    business_number: Option<String>,
    fax: Option<String>,
    email: Option<String>,
}

impl CreatePersonalContact {
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

    /// Sets the phone number at home.
    pub fn home_phone(mut self, home_phone: impl Into<String>) -> Self {
        self.home_phone = Some(home_phone.into());
        self
    }

    /// Sets the number of the mobile phone.
    pub fn mobile_number(mut self, mobile_number: impl Into<String>) -> Self {
        self.mobile_number = Some(mobile_number.into());
        self
    }

    /// Sets the phone number at work.
    pub fn business_number(mut self, business_number: impl Into<String>) -> Self {
        self.business_number = Some(business_number.into());
        self
    }

    /// Sets the fax number.
    pub fn fax(mut self, fax: impl Into<String>) -> Self {
        self.fax = Some(fax.into());
        self
    }

    /// Sets the mail address.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }
}

request!(CreatePersonalContact => ContactId);

impl CallSpec for CreatePersonalContact {
    type Response = Envelope<types::PersonalContactCreated>;
    type Output = ContactId;

    fn subject(&self) -> String {
        format!("contact {:?}", self.user_name.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::full_user_id("user_name", &self.user_name)?;
        check::given("nickname", &self.nickname)?;
        let contact = types::NewPersonalContact {
            contact_user_name: Some(self.user_name.to_string()),
            contact_nickname: Some(self.nickname.clone()),
            contact_first_name: self.first_name.clone(),
            contact_last_name: self.last_name.clone(),
            contact_home_phone: self.home_phone.clone(),
            contact_mobile_number: self.mobile_number.clone(),
            contact_business_number: self.business_number.clone(),
            contact_fax: self.fax.clone(),
            contact_email: self.email.clone(),
        };
        Ok(api.personal_contact_create(&types::PersonalContactCreate { contact }))
    }

    fn read(&self, result: Decoded<Self::Response>) -> Result<ContactId> {
        match result.contact_id {
            Some(contact_id) => Ok(contact_id.into()),
            None => Err(Error::missing("result.contact_id")),
        }
    }
}

/// Builder for [`User::delete_contact`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeletePersonalContact {
    call: CallContext,
    contact_id: ContactId,
}

request!(DeletePersonalContact => ());

impl CallSpec for DeletePersonalContact {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("contact {:?}", self.contact_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("contact_id", self.contact_id.as_str())?;
        Ok(api.personal_contact_delete(self.contact_id.as_str()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
