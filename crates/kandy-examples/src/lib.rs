//! The service of the examples: an emulator that is started for them, or the one that `KANDY_BASE_URL` names.
//!
//! Depends on `kandy` and `kandy-emulator`. The examples are in `examples/`; begin with `quickstart`.

use std::{env, error::Error};

use kandy::{Account, CreatedDomain, Domain, Kandy};
use kandy_emulator::Emulator;

/// A service and an account on it.
pub struct Service {
    /// The client.
    pub kandy: Kandy,
    /// The account that owns the domains of the examples.
    pub account: Account,
    /// The emulator, if one was started. It stops when it is dropped.
    pub emulator: Option<Emulator>,
}

impl Service {
    /// Connects to the service at `KANDY_BASE_URL` with the credentials of the environment, or starts an emulator.
    ///
    /// # Errors
    ///
    /// When a credential is missing, the base URL is invalid (`https` needs the feature `tls`), or the emulator cannot
    /// bind a port.
    pub fn find() -> Result<Self, Box<dyn Error>> {
        let Ok(base_url) = env::var("KANDY_BASE_URL") else {
            let emulator = Emulator::start()?;
            let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
            let account = kandy.account(emulator.account_key(), emulator.account_secret());
            return Ok(Self { kandy, account, emulator: Some(emulator) });
        };
        if base_url.starts_with("https:") && !cfg!(feature = "tls") {
            return Err("KANDY_BASE_URL is an https URL, which needs TLS; run the example with `--features tls`".into());
        }
        let kandy = Kandy::builder().base_url(base_url).build()?;
        let account = kandy.account(variable("KANDY_ACCOUNT_API_KEY")?, variable("KANDY_ACCOUNT_API_SECRET")?);
        Ok(Self { kandy, account, emulator: None })
    }

    /// Creates a domain for this run and returns it with its credentials.
    ///
    /// # Errors
    ///
    /// When the service refuses or cannot be reached.
    pub async fn create_domain(&self) -> Result<(Domain, CreatedDomain), kandy::Error> {
        let name = format!("example-{}.com", std::process::id());
        let created = self.account.create_domain(name).project_name("Examples").await?;
        Ok((self.kandy.domain(&created.api_key, &created.api_secret), created))
    }
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|_| {
        format!("KANDY_BASE_URL is set without {name}; set {name}, or unset KANDY_BASE_URL to run on an emulator")
            .into()
    })
}

/// Compiles the code of the workspace's front page. Here, as packages that are published contain only their own files.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct FrontPage;
