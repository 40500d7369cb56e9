//! The builders that delete, list and look up users, and [`UserDetails`]. Depends on `auth`, `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, NoResult, Secret, types};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    AccessToken, ApiKey, ApiSecret, Error, FullUserId, ListStream, Result, User, UserId, auth, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, Listing, request},
    value::{Origin, Value as _, value},
};

/// The credential that names a user to delete.
#[derive(Clone, Debug)]
pub(super) enum UserSelector {
    ApiKey(ApiKey<User>),
    Password(UserId, Secret),
}

/// Builder for [`Domain::delete_user`](crate::Domain::delete_user).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteUser {
    call: CallContext,
    selector: UserSelector,
}

impl DeleteUser {
    pub(super) fn new(call: CallContext, selector: UserSelector) -> Self {
        Self { call, selector }
    }
}

request!(DeleteUser => ());

impl CallSpec for DeleteUser {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        match &self.selector {
            UserSelector::ApiKey(_) => "a user, by API key".to_owned(),
            UserSelector::Password(user_id, _) => format!("user {:?}", user_id.as_str()),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        match &self.selector {
            UserSelector::ApiKey(user_api_key) => {
                auth::check("user_api_key", user_api_key)?;
                Ok(api.user_delete(Some(user_api_key.as_ref()), None, None))
            }
            UserSelector::Password(user_id, password) => {
                check::user_id("user_id", user_id)?;
                check::fits_query("password", password.expose())?;
                Ok(api.user_delete(None, Some(user_id.as_str()), Some(password)))
            }
        }
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Domain::users`](crate::Domain::users).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListUsers {
    call: CallContext,
}

impl ListUsers {
    pub(super) fn new(call: CallContext) -> Self {
        Self { call }
    }
}

impl ListUsers {
    /// Streams the users one by one while the response arrives: for a long list, or one larger than the
    /// [limit](crate::KandyBuilder::body_limit) of a response.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let mut users = domain.users().stream();
    /// while let Some(user) = users.try_next().await? {
    ///     println!("{}", user.full_user_id());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Domain::users`](crate::Domain::users), as the last item of the stream.
    pub fn stream(self) -> ListStream<UserDetails> {
        self.stream_as()
    }

    /// Like [`stream`](Self::stream), but decodes each user as `T`: a type of your own, or JSON with all fields of the
    /// response. The fields may contain credentials, which a type of your own does not mask.
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct Contact {
    ///     user_id: String,
    ///     user_email: Option<String>,
    /// }
    ///
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let mut contacts = domain.users().stream_as::<Contact>();
    /// while let Some(contact) = contacts.try_next().await? {
    ///     println!("{} {:?}", contact.user_id, contact.user_email);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`stream`](Self::stream).
    pub fn stream_as<T: DeserializeOwned + Send + 'static>(self) -> ListStream<T> {
        ListStream::new(self.call, Listing { call: Client::user_list, list: "users", subject: SUBJECT })
    }
}

/// The subject of the list, for error messages.
const SUBJECT: &str = "the domain";

/// The response. Decoding each user directly saves a list of the raw users in between.
#[derive(Deserialize)]
pub(crate) struct List {
    users: Vec<UserDetails>,
}

request!(ListUsers => Vec<UserDetails>);

impl CallSpec for ListUsers {
    type Response = Envelope<List>;
    type Output = Vec<UserDetails>;

    fn subject(&self) -> String {
        SUBJECT.to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.user_list().read_as())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<UserDetails>> {
        Ok(list.users)
    }
}

/// Builder for [`Domain::user_details`](crate::Domain::user_details).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetUserDetails {
    call: CallContext,
    api_key: Option<ApiKey<User>>,
    access_token: Option<AccessToken<User>>,
}

impl GetUserDetails {
    pub(super) fn by_api_key(call: CallContext, api_key: ApiKey<User>) -> Self {
        Self { call, api_key: Some(api_key), access_token: None }
    }

    pub(super) fn by_access_token(call: CallContext, access_token: AccessToken<User>) -> Self {
        Self { call, api_key: None, access_token: Some(access_token) }
    }
}

request!(GetUserDetails => UserDetails);

impl CallSpec for GetUserDetails {
    type Response = Envelope<types::UserDetails>;
    type Output = UserDetails;

    fn subject(&self) -> String {
        match self.api_key {
            Some(_) => "a user, by API key".to_owned(),
            None => "a user, by access token".to_owned(),
        }
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        if let Some(api_key) = &self.api_key {
            auth::check("user_api_key", api_key)?;
        }
        if let Some(access_token) = &self.access_token {
            auth::check("user_access_token", access_token)?;
        }
        let access_token = self.access_token.as_ref().map(AsRef::as_ref);
        let api_key = self.api_key.as_ref().map(AsRef::as_ref);
        Ok(api.user_get(access_token, api_key))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<UserDetails> {
        // Live responses have `user`; the documentation shows a list with one entry.
        let (path, user) = match details.user {
            Some(user) => ("result.user", Some(user)),
            None => ("result.users[0]", details.users.unwrap_or_default().into_iter().next()),
        };
        let user = user.ok_or_else(|| Error::missing("result.user"))?;
        UserDetails::read(user, Origin::Response).map_err(|field| Error::missing(format!("{path}.{field}")))
    }
}

/// The details of a user.
///
/// They are serialised without the credentials: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserDetails {
    /// The user id.
    pub user_id: UserId,
    /// The user id with the domain: see [`full_user_id`](Self::full_user_id).
    pub full_user_id: FullUserId,
    /// The name of the domain; not in every response.
    pub domain_name: Option<String>,
    /// Phone number without the country's dialling code.
    pub phone_number: Option<String>,
    /// Country. Requests have letters or a dialling code, responses a dialling code without `+`.
    pub country_code: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// API key.
    pub api_key: Option<ApiKey<User>>,
    /// API secret.
    pub api_secret: Option<ApiSecret<User>>,
    /// Password; missing in responses since mid-2016.
    pub password: Option<Secret>,
}

impl UserDetails {
    /// Returns the user id with the domain, which is the address of messages to this user.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, phone: kandy::Device) -> kandy::Result<()> {
    /// let russ = domain.user_details("UAK…").await?;
    /// phone.send_message(russ.full_user_id(), "Hello").await?;
    /// # Ok(()) }
    /// ```
    pub fn full_user_id(&self) -> &FullUserId {
        &self.full_user_id
    }

    /// Returns the details of a user without the optional ones, as a test needs it.
    ///
    /// ```
    /// let mut russ = kandy::UserDetails::new("russ@example.com");
    /// russ.email = Some("russ@example.org".to_owned());
    /// assert_eq!(russ.user_id, "russ");
    /// ```
    pub fn new(full_user_id: impl Into<FullUserId>) -> Self {
        let full_user_id = full_user_id.into();
        Self {
            user_id: full_user_id.user_id(),
            domain_name: full_user_id.domain_name().map(str::to_owned),
            full_user_id,
            phone_number: None,
            country_code: None,
            first_name: None,
            last_name: None,
            email: None,
            api_key: None,
            api_secret: None,
            password: None,
        }
    }
}

value! {
    UserDetails as User, completed by with_full_user_id {
        user_id: user_id,
        full_user_id: full_user_id,
        domain_name: domain_name,
        phone_number: user_phone_number,
        country_code: user_country_code,
        first_name: user_first_name,
        last_name: user_last_name,
        email: user_email,
        api_key: user_api_key,
        api_secret: user_api_secret,
        password: user_password,
    }
}

/// Adds the user id with the domain, which old responses lack. The error is the name of a missing field.
fn with_full_user_id(mut user: types::User) -> Result<types::User, &'static str> {
    if user.full_user_id.is_none() {
        let user_id = user.user_id.as_ref().ok_or("user_id")?;
        let domain_name = user.domain_name.as_deref().ok_or("domain_name")?;
        user.full_user_id = Some(format!("{user_id}@{domain_name}"));
    }
    Ok(user)
}
