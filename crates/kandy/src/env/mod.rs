//! The `KANDY_*` variables of the environment: [`Environment`]. The command `kandy` reads its variables with this module,
//! too.

mod encoding;
mod error;
mod variables;

pub use encoding::decode;
pub use error::EnvironmentError;
pub use variables::{Environment, VARIABLES, VariableSource, read_file};

use kandy_sys::Secret;

use crate::{Account, Device, Domain, Kandy, KandyBuilder, Result, User};

impl Kandy {
    /// Creates a client with the settings in the environment: `KANDY_BASE_URL`, `KANDY_CA_FILE` and
    /// `KANDY_ALLOW_PLAIN_HTTP`. [`Environment`] has the credentials, too.
    ///
    /// ```no_run
    /// let kandy = kandy::Kandy::from_env()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KandyBuilder::from_env`] and [`KandyBuilder::build`].
    pub fn from_env() -> Result<Self> {
        KandyBuilder::from_env()?.build()
    }
}

impl KandyBuilder {
    /// Returns a builder with the settings in the environment, as [`Kandy::from_env`] reads them; set others afterwards.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// let kandy = kandy::KandyBuilder::from_env()?.timeout(Duration::from_secs(5)).build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when a variable is not UTF-8, is set twice, or names a file that cannot
    /// be read.
    pub fn from_env() -> Result<Self> {
        Environment::read()?.builder()
    }
}

impl Environment {
    /// Returns a builder with the settings of the client; set others afterwards.
    ///
    /// # Errors
    ///
    /// As [`KandyBuilder::from_env`].
    pub fn builder(&self) -> Result<KandyBuilder> {
        let mut builder = Kandy::builder();
        if let Some(base_url) = self.value("KANDY_BASE_URL")? {
            builder = builder.base_url(base_url.expose());
        }
        if self.flag("KANDY_ALLOW_PLAIN_HTTP")? {
            builder = builder.allow_plain_http();
        }
        if let Some(path) = self.value("KANDY_CA_FILE")? {
            let pem = std::fs::read(path.expose());
            let pem = pem.map_err(|error| EnvironmentError::File("KANDY_CA_FILE".to_owned(), error))?;
            builder = with_root_certificate(builder, &pem)?;
        }
        Ok(builder)
    }

    /// Creates a client.
    ///
    /// # Errors
    ///
    /// As [`Kandy::from_env`].
    pub fn client(&self) -> Result<Kandy> {
        self.builder()?.build()
    }

    /// Returns the account, by its access token if that is set.
    ///
    /// ```no_run
    /// # async fn example() -> kandy::Result<()> {
    /// let env = kandy::Environment::read()?;
    /// let domains = env.account(&env.client()?)?.domains().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when a variable is missing or cannot be used; it names the variable.
    pub fn account(&self, kandy: &Kandy) -> Result<Account> {
        match self.value("KANDY_ACCOUNT_ACCESS_TOKEN")? {
            Some(token) => Ok(kandy.account_with_token(token)),
            None => {
                Ok(kandy.account(self.required("KANDY_ACCOUNT_API_KEY")?, self.required("KANDY_ACCOUNT_API_SECRET")?))
            }
        }
    }

    /// Returns the domain, by its access token if that is set.
    ///
    /// ```no_run
    /// # async fn example() -> kandy::Result<()> {
    /// let env = kandy::Environment::read()?;
    /// let users = env.domain(&env.client()?)?.users().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`account`](Self::account).
    pub fn domain(&self, kandy: &Kandy) -> Result<Domain> {
        match self.value("KANDY_DOMAIN_ACCESS_TOKEN")? {
            // Few calls need the key beside the token; those report a missing one.
            Some(token) => Ok(kandy.domain_with_token(self.value("KANDY_DOMAIN_API_KEY")?.unwrap_or_default(), token)),
            None => self.domain_by_secret(kandy),
        }
    }

    /// Returns the user: by the access token if that is set, else by the password, else by the domain.
    ///
    /// ```no_run
    /// # async fn example() -> kandy::Result<()> {
    /// let env = kandy::Environment::read()?;
    /// let devices = env.user(&env.client()?)?.devices().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`account`](Self::account).
    pub fn user(&self, kandy: &Kandy) -> Result<User> {
        if let Some(token) = self.value("KANDY_USER_ACCESS_TOKEN")? {
            return Ok(kandy.user_with_token(token));
        }
        let user_id = self.required("KANDY_USER_ID")?;
        if let Some(password) = self.value("KANDY_USER_PASSWORD")? {
            let key = self.required("KANDY_DOMAIN_API_KEY")?;
            return Ok(kandy.user_with_password(key, user_id.expose(), password));
        }
        // An access token of the domain mints none for its users.
        Ok(self.domain_by_secret(kandy)?.user(user_id.expose()))
    }

    /// Returns the device of the user.
    ///
    /// ```no_run
    /// # async fn example() -> kandy::Result<()> {
    /// let env = kandy::Environment::read()?;
    /// env.device(&env.client()?)?.send_sms("+12245556666", "Hello").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`account`](Self::account).
    pub fn device(&self, kandy: &Kandy) -> Result<Device> {
        Ok(self.user(kandy)?.device(self.required("KANDY_DEVICE_ID")?.expose()))
    }

    fn domain_by_secret(&self, kandy: &Kandy) -> Result<Domain> {
        Ok(kandy.domain(self.required("KANDY_DOMAIN_API_KEY")?, self.required("KANDY_DOMAIN_API_SECRET")?))
    }

    fn required(&self, name: &str) -> Result<Secret> {
        Ok(self.value(name)?.ok_or_else(|| EnvironmentError::NotSet(name.to_owned()))?)
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[expect(clippy::unnecessary_wraps, reason = "without TLS it fails")]
fn with_root_certificate(builder: KandyBuilder, pem: &[u8]) -> Result<KandyBuilder> {
    Ok(builder.root_certificate(pem))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_root_certificate(_builder: KandyBuilder, _pem: &[u8]) -> Result<KandyBuilder> {
    let reason = "there is no TLS; enable the feature `rustls` or `native-tls` of `kandy`";
    Err(EnvironmentError::Invalid("KANDY_CA_FILE".to_owned(), reason).into())
}
