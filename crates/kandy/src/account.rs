//! The account: its access token, and its domains.

use kandy_sys::{Client, types};

use crate::{
    AccessToken, ApiKey, ApiSecret, Domain, DomainDetails, Error, Result,
    auth::{self, Credential, RevokeAccessToken},
    check,
    error::result_of,
    pipeline::{Call, Caller, Near, Request, request},
};

/// An account: it owns domains.
///
/// Made by [`Kandy::account`](crate::Kandy::account). It is cheap to clone; all clones share one access token,
/// which is minted when it is first needed and renewed when it has expired.
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
    caller: Near<Caller>,
    raw: Client,
}

impl Account {
    pub(crate) fn new(caller: Near<Caller>) -> Self {
        Self { raw: caller.client(), caller }
    }

    /// The access token: the one that this handle has, or else a new one.
    ///
    /// Calls get it by themselves; this is for handing it to someone else.
    ///
    /// Operation `account_access_token_get`.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy, account: kandy::Account) -> kandy::Result<()> {
    /// let token = account.access_token().await?;
    /// let elsewhere = kandy.account_with_token(token);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the key or the secret is empty or of another level;
    /// [`is_unauthorized`](Error::is_unauthorized) when they are refused; and [`Error::Transport`].
    pub async fn access_token(&self) -> Result<AccessToken<Account>> {
        Ok(self.caller.token(None).await?.token.clone().into())
    }

    /// Revokes the access token that this handle has; without one, nothing is sent. The next call gets a
    /// new one.
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
        RevokeAccessToken::new(Call::new(&self.caller))
    }

    /// Creates a domain (project) and answers its credentials.
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
    /// [`Error::Argument`] when the name is empty; [`is_already_exists`](Error::is_already_exists) when the name
    /// cannot be had; [`Error::Api`], [`Error::Transport`], [`Error::Decode`].
    pub fn create_domain(&self, domain_name: impl Into<String>) -> CreateDomain {
        CreateDomain {
            call: Call::new(&self.caller),
            body: types::DomainCreate { domain_name: domain_name.into(), project_name: None },
        }
    }

    /// Deletes a domain with all that is in it.
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
        DeleteDomain { call: Call::new(&self.caller), domain_api_key: domain_api_key.into() }
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
        ListDomains { call: Call::new(&self.caller) }
    }

    /// The generated client, with the token handling of this handle, for what is not wrapped.
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

/// [`Account::create_domain`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateDomain {
    call: Call,
    body: types::DomainCreate,
}

impl CreateDomain {
    /// What people call the project.
    pub fn project_name(mut self, project_name: impl Into<String>) -> Self {
        self.body.project_name = Some(project_name.into());
        self
    }
}

request!(CreateDomain => CreatedDomain);

impl Request for CreateDomain {
    type Output = CreatedDomain;

    fn subject(&self) -> String {
        format!("domain {:?}", self.body.domain_name)
    }

    async fn run(&self, client: &Client) -> Result<CreatedDomain> {
        check::given("domain_name", &self.body.domain_name)?;
        let created = result_of("domain_create", client.domain_create(&self.body).await)?;
        let missing = |member: &str| Error::missing("domain_create", format!("result.{member}"));
        Ok(CreatedDomain {
            api_key: created.domain_api_key.ok_or_else(|| missing("domain_api_key"))?.into(),
            api_secret: created.domain_api_secret.ok_or_else(|| missing("domain_api_secret"))?.into(),
            name: created.domain_name.unwrap_or_else(|| self.body.domain_name.clone()),
        })
    }
}

/// A domain that was just created.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CreatedDomain {
    /// Its API key, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_key: ApiKey<Domain>,
    /// Its API secret, for [`Kandy::domain`](crate::Kandy::domain).
    pub api_secret: ApiSecret<Domain>,
    /// Its name: as the service says it, or as it was asked for.
    pub name: String,
}

/// [`Account::delete_domain`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteDomain {
    call: Call,
    domain_api_key: ApiKey<Domain>,
}

request!(DeleteDomain => ());

impl Request for DeleteDomain {
    type Output = ();

    fn subject(&self) -> String {
        "a domain".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<()> {
        auth::check("domain_api_key", &self.domain_api_key)?;
        result_of("domain_delete", client.domain_delete(self.domain_api_key.secret()).await)?;
        Ok(())
    }
}

/// [`Account::domains`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListDomains {
    call: Call,
}

request!(ListDomains => Vec<DomainDetails>);

impl Request for ListDomains {
    type Output = Vec<DomainDetails>;

    fn subject(&self) -> String {
        "the account".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<Vec<DomainDetails>> {
        let list = result_of("domain_list", client.domain_list().await)?;
        let domains = list.domains.into_iter().enumerate();
        domains
            .map(|(at, domain)| DomainDetails::read("domain_list", &format!("result.domains[{at}]"), domain))
            .collect()
    }
}
