//! Where the examples run: on an emulator of their own, or on the service that the environment names.

#![allow(dead_code, reason = "each example takes what it needs")]

use std::{env, error::Error};

use kandy::{Account, CreatedDomain, Domain, Kandy};
use kandy_emulator::Emulator;

/// A service, and an account on it.
pub(crate) struct Service {
    pub(crate) kandy: Kandy,
    pub(crate) account: Account,
    /// Stops when it is dropped.
    pub(crate) emulator: Option<Emulator>,
}

impl Service {
    /// The service at `KANDY_BASE_URL`, with the credentials from the environment, or else an emulator.
    pub(crate) fn find() -> Result<Self, Box<dyn Error>> {
        let Ok(base_url) = env::var("KANDY_BASE_URL") else {
            let emulator = Emulator::start()?;
            let kandy = Kandy::builder().base_url(emulator.base_url()).build()?;
            let account = kandy.account(emulator.account_key(), emulator.account_secret());
            return Ok(Self { kandy, account, emulator: Some(emulator) });
        };
        let kandy = Kandy::builder().base_url(base_url).build()?;
        let account = kandy.account(variable("KANDY_ACCOUNT_API_KEY")?, variable("KANDY_ACCOUNT_API_SECRET")?);
        Ok(Self { kandy, account, emulator: None })
    }

    /// A domain for this run alone, and its credentials.
    pub(crate) async fn create_domain(&self) -> Result<(Domain, CreatedDomain), kandy::Error> {
        let name = format!("example-{}.com", std::process::id());
        let created = self.account.create_domain(name).project_name("Examples").await?;
        Ok((self.kandy.domain(&created.api_key, &created.api_secret), created))
    }
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|_| format!("KANDY_BASE_URL is set, so {name} has to be set, too").into())
}
