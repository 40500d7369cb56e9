//! The domain, which Kandy also calls a project: the [`Domain`] handle, its details and its users. Depends on `auth`,
//! `bulk` and `pipeline`. Begin reading at [`Domain`]; hunt groups and validation codes are in their own chapters.

mod anonymous_user;
mod configuration;
mod create_user;
mod users;

use std::sync::Arc;

pub use anonymous_user::{AnonymousUser, GetAnonymousUser, GetAnonymousUserByApiKey};
pub use configuration::{
    CountryCode, GetCountryCode, GetDomainSpidrConfiguration, GetLimitedDomainDetails, LimitedDomainDetails,
};
pub use create_user::{CreateUser, CreateUserByPhone, CreatedUser, NewUser};
use futures_util::{Stream, StreamExt};
use kandy_sys::{Call, Client, Envelope, Secret, types};
use users::UserSelector;
pub use users::{DeleteUser, GetUserDetails, ListUsers, UserDetails};

use crate::{
    AccessToken, ApiKey, ApiSecret, Bulk, Error, Result, RevokeAccessToken, User, UserId,
    auth::{self, TokenSource},
    decode::Decoded,
    pipeline::{AuthenticatedClient, CallContext, CallSpec, HandleArc, request},
    value::{Origin, Value as _, value},
};

/// A handle of a domain, also called a project: a community of users who can reach each other.
///
/// Created by [`Kandy::domain`](crate::Kandy::domain). It is cheap to clone; all clones share one access token, which
/// is minted when it is first needed and renewed when it has expired.
///
/// ```
/// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
/// let domain = kandy.domain("DAK…", "DAS…");
/// domain.create_user("russ").country_code("US").email("russ@example.com").await?;
/// for user in domain.users().await? {
///     println!("{}", user.full_user_id());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Domain {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
    keys: Arc<Keys>,
}

/// The credentials of a domain. Shared, because a copy of a credential is wiped when it is dropped, which takes time.
#[derive(Debug)]
struct Keys {
    api_key: ApiKey<Domain>,
    api_secret: Option<ApiSecret<Domain>>,
}

impl auth::sealed::Sealed for Domain {}

impl auth::Level for Domain {
    const LEVEL: kandy_sys::operation::Level = kandy_sys::operation::Level::Domain;
    const NAME: &'static str = "domain";
}

impl Domain {
    pub(crate) fn new(
        client: HandleArc<AuthenticatedClient>,
        api_key: ApiKey<Domain>,
        api_secret: Option<ApiSecret<Domain>>,
    ) -> Self {
        Self { raw: client.raw(), client, keys: Arc::new(Keys { api_key, api_secret }) }
    }

    pub(crate) fn client(&self) -> &HandleArc<AuthenticatedClient> {
        &self.client
    }

    pub(crate) fn api_key(&self) -> &ApiKey<Domain> {
        &self.keys.api_key
    }

    pub(crate) fn api_secret(&self) -> Option<&ApiSecret<Domain>> {
        self.keys.api_secret.as_ref()
    }

    /// Returns the context of a call of this domain, for the builders of other chapters.
    pub(crate) fn call(&self) -> CallContext {
        CallContext::new(&self.client)
    }

    /// Returns the access token of this handle, and mints one if it has none yet.
    ///
    /// Calls use it automatically. This method is for passing the token to another client or process.
    ///
    /// Operation `domain_access_token_get`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let token = domain.access_token().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the key or the secret is empty or of another level;
    /// [`is_unauthorized`](Error::is_unauthorized) when they are refused; and [`Error::Transport`].
    ///
    /// # Cancel safety
    ///
    /// Calls that wait for the same new token share the request. It is cancelled with the last of them.
    pub async fn access_token(&self) -> Result<AccessToken<Domain>> {
        Ok(self.client.access_token().await?.into())
    }

    /// Revokes the access token of this handle. Sends nothing if it has none. The next call mints a new one.
    ///
    /// Operation `domain_access_token_delete`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// domain.revoke_access_token().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the handle has no secret; [`Error::Api`] and [`Error::Transport`].
    pub fn revoke_access_token(&self) -> RevokeAccessToken<Domain> {
        RevokeAccessToken::new(CallContext::new(&self.client))
    }

    /// Returns the details of the domain.
    ///
    /// Operation `domain_get`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// println!("{}", domain.details().await?.name);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn details(&self) -> GetDomainDetails {
        GetDomainDetails { call: CallContext::new(&self.client), api_key: self.api_key().clone() }
    }

    /// Creates a user whose user id consists of the country's dialling code and the phone number.
    ///
    /// `country_code` is two letters of ISO 3166-1 (`US`), or a dialling code (`1`, `+1`). `phone_number` is a number
    /// of this country; it is sent as digits, without dialling code and trunk prefix.
    ///
    /// Operation `user_create_by_phone_number`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let user = domain.create_user_by_phone("3524096582", "US").first_name("Anna").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the number is not one of the country, the country is unknown or the password breaks the
    /// rule; [`is_already_exists`](Error::is_already_exists); [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn create_user_by_phone(
        &self,
        phone_number: impl Into<String>,
        country_code: impl Into<String>,
    ) -> CreateUserByPhone {
        CreateUserByPhone::new(CallContext::new(&self.client), phone_number.into(), country_code.into())
    }

    /// Creates a user with a chosen user id.
    ///
    /// Operation `user_create`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let user = domain.create_user("russ").country_code("US").email("russ@example.com").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the id is empty or contains `@`, the country is unknown or the password breaks the
    /// rule; [`is_already_exists`](Error::is_already_exists); [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn create_user(&self, user_id: impl Into<UserId>) -> CreateUser {
        CreateUser::new(CallContext::new(&self.client), NewUser::new(user_id))
    }

    /// Creates many users, several at a time, and returns a stream with an outcome for each.
    ///
    /// Users are given as user ids, or as [`NewUser`]s with more details. The next one is taken from the iterator only
    /// when another call may begin, so it may read a file of any length. The outcome of a user that exists already is
    /// an error that [`is_already_exists`](Error::is_already_exists), so the same list can be sent again.
    ///
    /// Operation `user_create`, once for each.
    ///
    /// ```
    /// use kandy::NewUser;
    ///
    /// # async fn example(domain: kandy::Domain, list: String) -> kandy::Result<()> {
    /// let users = list.lines().map(|line| NewUser::new(line).country_code("US")).collect::<Vec<_>>();
    /// let mut outcomes = domain.create_users(users).concurrency(16);
    /// while let Some(outcome) = outcomes.next().await {
    ///     if let Err(error) = outcome.result {
    ///         eprintln!("{}: {error}", outcome.item.user_id());
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`create_user`](Self::create_user), in the outcomes; an error does not end the stream.
    pub fn create_users<I>(&self, users: I) -> Bulk<NewUser, CreatedUser>
    where
        I: IntoIterator<Item: Into<NewUser> + 'static, IntoIter: Send + 'static>,
    {
        let call = CallContext::new(&self.client);
        let create = move |user| CreateUser::new(call.clone(), user);
        Bulk::new(users.into_iter().map(Into::into), create, CreateUser::into_user)
    }

    /// Creates many users, who come from a stream: see [`create_users`](Self::create_users). The next one is taken from
    /// the stream only when another call may begin, so the calls slow the stream down.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, ids: impl futures_util::Stream<Item = String> + Send + 'static) {
    /// let mut outcomes = domain.create_users_from(ids).concurrency(16);
    /// while let Some(outcome) = outcomes.next().await {
    ///     println!("{}: {:?}", outcome.item.user_id(), outcome.result.is_ok());
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`create_user`](Self::create_user), in the outcomes; an error does not end the stream.
    pub fn create_users_from<S>(&self, users: S) -> Bulk<NewUser, CreatedUser>
    where
        S: Stream<Item: Into<NewUser> + 'static> + Send + 'static,
    {
        let call = CallContext::new(&self.client);
        let create = move |user| CreateUser::new(call.clone(), user);
        Bulk::from_stream(users.map(Into::into), create, CreateUser::into_user)
    }

    /// Deletes a user, named by API key.
    ///
    /// Operation `user_delete`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for user in domain.users().await? {
    ///     if let Some(api_key) = user.api_key {
    ///         domain.delete_user(api_key).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the key is empty or of another level; [`is_not_found`](Error::is_not_found);
    /// [`Error::Api`], [`Error::Transport`].
    pub fn delete_user(&self, user_api_key: impl Into<ApiKey<User>>) -> DeleteUser {
        DeleteUser::new(CallContext::new(&self.client), UserSelector::ApiKey(user_api_key.into()))
    }

    /// Deletes a user, named by user id and password.
    ///
    /// Operation `user_delete`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// domain.delete_user_by_password("russ", "b0e4c71d674744").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the id is empty or contains `@`, or the password is empty;
    /// [`is_not_found`](Error::is_not_found); [`is_unauthorized`](Error::is_unauthorized); [`Error::Api`],
    /// [`Error::Transport`].
    pub fn delete_user_by_password(&self, user_id: impl Into<UserId>, password: impl Into<Secret>) -> DeleteUser {
        DeleteUser::new(CallContext::new(&self.client), UserSelector::Password(user_id.into(), password.into()))
    }

    /// Lists all users of the domain.
    ///
    /// Operation `user_list`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// for user in domain.users().await? {
    ///     println!("{}", user.full_user_id());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn users(&self) -> ListUsers {
        ListUsers::new(CallContext::new(&self.client))
    }

    /// Returns the details of a user, named by API key.
    ///
    /// Operation `user_get`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let russ = domain.user_details("UAK…").await?;
    /// println!("{:?}", russ.email);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the key is empty or of another level; [`is_not_found`](Error::is_not_found);
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn user_details(&self, user_api_key: impl Into<ApiKey<User>>) -> GetUserDetails {
        GetUserDetails::by_api_key(CallContext::new(&self.client), user_api_key.into())
    }

    /// Returns the details of a user, named by access token.
    ///
    /// Operation `user_get`.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain, russ: kandy::User) -> kandy::Result<()> {
    /// let russ = domain.user_details_by_token(russ.access_token().await?).await?;
    /// println!("{:?}", russ.email);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the token is empty or of another level; [`is_not_found`](Error::is_not_found);
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn user_details_by_token(&self, user_access_token: impl Into<AccessToken<User>>) -> GetUserDetails {
        GetUserDetails::by_access_token(CallContext::new(&self.client), user_access_token.into())
    }

    /// Returns a handle of a user of this domain. Sends nothing; the user's own access token is minted, with the
    /// domain's secret, when it is first needed.
    ///
    /// Each call returns a handle with an access token of its own: keep the handle.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let russ = domain.user("russ");
    /// for device in russ.devices().await? {
    ///     println!("{}", device.device_id);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn user(&self, user_id: impl Into<UserId>) -> User {
        // Creating a handle cannot fail. Without a secret, the first call fails: its error names the missing secret.
        let domain_api_secret = self.api_secret().cloned().unwrap_or_else(|| "".into());
        let source = TokenSource::user(self.api_key(), user_id.into(), &domain_api_secret);
        User::new(AuthenticatedClient::new(self.client.inner.clone(), source, None))
    }

    /// Returns the generated client, with the token handling of this handle, for operations that are not wrapped.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) -> Result<(), Box<dyn std::error::Error>> {
    /// let users = domain.raw().user_list().await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}

/// Builder for [`Domain::details`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetDomainDetails {
    call: CallContext,
    api_key: ApiKey<Domain>,
}

request!(GetDomainDetails => DomainDetails);

impl CallSpec for GetDomainDetails {
    type Response = Envelope<types::DomainDetails>;
    type Output = DomainDetails;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        auth::check("api_key", &self.api_key)?;
        Ok(api.domain_get(self.api_key.as_ref()))
    }

    fn read(&self, details: Decoded<Self::Response>) -> Result<DomainDetails> {
        let domain = details.domain.ok_or_else(|| Error::missing("result.domain"))?;
        DomainDetails::read_at("result.domain", domain)
    }
}

/// The details of a domain.
///
/// They are serialised without the key, which is empty after reading, and the secret: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DomainDetails {
    /// Its name.
    pub name: String,
    /// The display name of the project.
    pub project_name: Option<String>,
    /// Its API key, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_key: ApiKey<Domain>,
    /// Its API secret, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_secret: Option<ApiSecret<Domain>>,
    /// Number of the account that owns it, with leading zeros.
    pub account_number: Option<String>,
    /// Mail address of the account that owns it.
    pub account_email: Option<String>,
    /// The number of its users.
    pub number_of_users: Option<i64>,
    /// Day of the next payment, as `yyyy-mm-dd`.
    pub next_recurring_payment: Option<String>,
}

value! {
    DomainDetails as Domain {
        name: domain_name,
        project_name: project_name,
        api_key: domain_api_key,
        api_secret: domain_api_secret,
        account_number: account_number,
        account_email: account_email,
        number_of_users: number_of_users,
        next_recurring_payment: next_recurring_payment,
    }
}

impl DomainDetails {
    /// Returns the details of a domain without the optional ones, as a test needs it.
    ///
    /// ```
    /// let mut details = kandy::DomainDetails::new("example.com", "DAK0");
    /// details.number_of_users = Some(41);
    /// assert_eq!(details.name, "example.com");
    /// ```
    pub fn new(name: impl Into<String>, api_key: impl Into<ApiKey<Domain>>) -> Self {
        Self {
            name: name.into(),
            project_name: None,
            api_key: api_key.into(),
            api_secret: None,
            account_number: None,
            account_email: None,
            number_of_users: None,
            next_recurring_payment: None,
        }
    }

    /// Reads the domain at `path` of a response.
    pub(crate) fn read_at(path: &str, domain: types::Domain) -> Result<Self> {
        Self::read(domain, Origin::Response).map_err(|field| Error::missing(format!("{path}.{field}")))
    }
}
