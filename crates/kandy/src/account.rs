//! The account: the [`Account`] handle with its access token, and the builders that create, delete and list domains.
//! Depends on `auth` and `pipeline`. Begin reading at [`Account`].

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    AccessToken, ApiKey, ApiSecret, Domain, DomainDetails, Error, Result, RevokeAccessToken, auth, check,
    decode::Decoded,
    pipeline::{AuthenticatedClient, CallContext, CallSpec, HandleArc, request},
    value::{Origin, Value as _, value},
};

/// A handle of an account, which owns domains.
///
/// Created by [`Kandy::account`](crate::Kandy::account). It is cheap to clone; all clones share one access token, which
/// is minted when it is first needed and renewed when it has expired.
///
/// ```
/// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
/// let account = kandy.account("AAK…", "AAS…");
/// let created = account.create_domain("example.com").project_name("My project").await?;
/// account.delete_domain(created.api_key).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Account {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
}

impl auth::sealed::Sealed for Account {}

impl auth::Level for Account {
    const LEVEL: kandy_sys::operation::Level = kandy_sys::operation::Level::Account;
    const NAME: &'static str = "account";
}

impl Account {
    pub(crate) fn new(client: HandleArc<AuthenticatedClient>) -> Self {
        Self { raw: client.raw(), client }
    }

    /// Returns the access token of this handle, and mints one if it has none yet.
    ///
    /// Calls use it automatically. This method is for passing the token to another client or process.
    ///
    /// Operation `account_access_token_get`.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, account: kandy::Account) -> kandy::Result<()> {
    /// let token = account.access_token().await?;
    /// let other = kandy.account_with_token(token);
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
    pub async fn access_token(&self) -> Result<AccessToken<Account>> {
        Ok(self.client.access_token().await?.into())
    }

    /// Revokes the access token of this handle. Sends nothing if it has none. The next call mints a new one.
    ///
    /// Operation `account_access_token_delete`.
    ///
    /// ```
    /// # async fn example(account: kandy::Account) -> kandy::Result<()> {
    /// account.revoke_access_token().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the handle has no key and secret; [`Error::Api`] and [`Error::Transport`].
    pub fn revoke_access_token(&self) -> RevokeAccessToken<Account> {
        RevokeAccessToken::new(CallContext::new(&self.client))
    }

    /// Creates a domain (project), and returns its credentials.
    ///
    /// Operation `domain_create`.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, account: kandy::Account) -> kandy::Result<()> {
    /// let created = account.create_domain("example.com").project_name("My project").await?;
    /// let domain = kandy.domain(created.api_key, created.api_secret);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the name is empty; [`is_already_exists`](Error::is_already_exists) when the name is
    /// taken; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn create_domain(&self, domain_name: impl Into<String>) -> CreateDomain {
        CreateDomain {
            call: CallContext::new(&self.client),
            body: types::DomainCreate { domain_name: domain_name.into(), project_name: None },
        }
    }

    /// Deletes a domain with all its users and data.
    ///
    /// Operation `domain_delete`.
    ///
    /// ```
    /// # async fn example(account: kandy::Account) -> kandy::Result<()> {
    /// for domain in account.domains().await? {
    ///     if domain.name == "old.example.com" {
    ///         account.delete_domain(domain.api_key).await?;
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the key is empty or of another level; [`is_not_found`](Error::is_not_found) when
    /// there is no such domain; [`Error::Api`], [`Error::Transport`].
    pub fn delete_domain(&self, domain_api_key: impl Into<ApiKey<Domain>>) -> DeleteDomain {
        DeleteDomain { call: CallContext::new(&self.client), domain_api_key: domain_api_key.into() }
    }

    /// Lists all domains of the account.
    ///
    /// Operation `domain_list`.
    ///
    /// ```
    /// # async fn example(account: kandy::Account) -> kandy::Result<()> {
    /// for domain in account.domains().await? {
    ///     println!("{} has {:?} users", domain.name, domain.number_of_users);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn domains(&self) -> ListDomains {
        ListDomains { call: CallContext::new(&self.client) }
    }

    /// Returns the generated client, with the token handling of this handle, for operations that are not wrapped.
    ///
    /// ```
    /// # async fn example(account: kandy::Account) -> Result<(), Box<dyn std::error::Error>> {
    /// let domains = account.raw().domain_list().await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}

/// Builder for [`Account::create_domain`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateDomain {
    call: CallContext,
    body: types::DomainCreate,
}

impl CreateDomain {
    /// Sets the display name of the project.
    pub fn project_name(mut self, project_name: impl Into<String>) -> Self {
        self.body.project_name = Some(project_name.into());
        self
    }
}

request!(CreateDomain => CreatedDomain);

impl CallSpec for CreateDomain {
    type Response = Envelope<types::DomainCreated>;
    type Output = CreatedDomain;

    fn subject(&self) -> String {
        format!("domain {:?}", self.body.domain_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::given("domain_name", &self.body.domain_name)?;
        Ok(api.domain_create(&self.body))
    }

    fn read(&self, created: Decoded<Self::Response>) -> Result<CreatedDomain> {
        let mut created = created;
        created.domain_name.get_or_insert_with(|| self.body.domain_name.clone());
        CreatedDomain::read(created, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
    }
}

/// A domain that was just created.
///
/// It is serialised without its key and secret, which are empty after reading: see [`Exposed`](crate::Exposed).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedDomain {
    /// Its API key, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_key: ApiKey<Domain>,
    /// Its API secret, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_secret: ApiSecret<Domain>,
    /// Its name: from the response, or else as requested.
    pub name: String,
    /// The display name of the project.
    pub project_name: Option<String>,
}

value! {
    CreatedDomain as DomainCreated {
        api_key: domain_api_key,
        api_secret: domain_api_secret,
        name: domain_name,
        project_name: project_name,
    }
}

impl CreatedDomain {
    /// Returns a new domain, as a test needs it.
    ///
    /// ```
    /// let created = kandy::CreatedDomain::new("example.com", "DAK0", "DAS0");
    /// assert_eq!(created.name, "example.com");
    /// ```
    pub fn new(
        name: impl Into<String>,
        api_key: impl Into<ApiKey<Domain>>,
        api_secret: impl Into<ApiSecret<Domain>>,
    ) -> Self {
        Self { api_key: api_key.into(), api_secret: api_secret.into(), name: name.into(), project_name: None }
    }
}

/// Builder for [`Account::delete_domain`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteDomain {
    call: CallContext,
    domain_api_key: ApiKey<Domain>,
}

request!(DeleteDomain => ());

impl CallSpec for DeleteDomain {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        "a domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        auth::check("domain_api_key", &self.domain_api_key)?;
        Ok(api.domain_delete(self.domain_api_key.as_ref()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Account::domains`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListDomains {
    call: CallContext,
}

request!(ListDomains => Vec<DomainDetails>);

impl CallSpec for ListDomains {
    type Response = Envelope<types::DomainList>;
    type Output = Vec<DomainDetails>;

    fn subject(&self) -> String {
        "the account".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.domain_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<DomainDetails>> {
        let domains = list.domains.into_iter().enumerate();
        domains.map(|(index, domain)| DomainDetails::read_at(&format!("result.domains[{index}]"), domain)).collect()
    }
}
