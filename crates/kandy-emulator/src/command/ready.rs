//! The data that the program prints once it listens.
//!
//! Depends on `seed` and `http::server`. Begin with `Ready`.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer, ser::SerializeStruct};

#[cfg(feature = "tls")]
use super::trust::Trust;
use super::{Account, shell::Word};
use crate::{
    DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, SeededDomain, Server,
    admin::environment::Variables,
    http::route::{ADMIN_PATH, BASE_PATH},
};

/// Address and credentials of an emulator that listens.
///
/// `Display` writes text, and `Serialize` JSON for programs. Both contain the credentials that the emulator generated
/// or that the seed file has, and neither those of an account that the caller gave. `Debug` contains none.
///
/// ```
/// # use kandy_emulator::command::{Arguments, Error, serve};
/// # fn example(arguments: Arguments) -> Result<(), Error> {
/// serve(arguments, |ready| {
///     for (name, value) in ready.environment() {
///         println!("export {name}='{value}'");
///     }
/// })?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Ready {
    base_url: String,
    account: Account,
    domains: Vec<SeededDomain>,
    ca_file: Option<PathBuf>,
}

impl Ready {
    pub(super) fn new(server: &Server, account: Account) -> Self {
        #[cfg(feature = "tls")]
        let ca_file = server.ca_file().map(Path::to_owned);
        #[cfg(not(feature = "tls"))]
        let ca_file = None;
        Self { base_url: server.base_url().to_owned(), account, domains: server.seeded().to_vec(), ca_file }
    }

    /// Returns the base URL with the actual port: `http://127.0.0.1:8787/v1.2`, or `https://…` with TLS.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the address of the page that shows what programs do: `http://127.0.0.1:8787/_emulator/`.
    pub fn inspector_url(&self) -> String {
        format!("{}{ADMIN_PATH}/", self.base_url.strip_suffix(BASE_PATH).unwrap_or(&self.base_url))
    }

    /// Returns the source of the credentials of the account.
    pub fn account(&self) -> Account {
        self.account
    }

    /// Returns the domains of the seed file, in its order.
    pub fn domains(&self) -> &[SeededDomain] {
        &self.domains
    }

    /// Returns the file with the certificate that clients have to trust; none without TLS.
    pub fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// Returns the environment variables for clients: `KANDY_BASE_URL`; `KANDY_CA_FILE` with TLS; `KANDY_ACCOUNT_API_KEY` and
    /// `KANDY_ACCOUNT_API_SECRET` of the development account, which is public; `KANDY_DOMAIN_API_KEY` and
    /// `KANDY_DOMAIN_API_SECRET` of the first seeded domain, if there is one.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.variables().0
    }

    fn variables(&self) -> Variables {
        let ca_file = self.ca_file.as_ref().map(|file| file.display().to_string());
        Variables::new(self.base_url.clone(), ca_file, self.account == Account::Development, self.domains.first())
    }
}

/// Text without a line break at its end.
impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Kandy emulator: {}", self.base_url)?;
        match self.account {
            Account::Given { key_from, secret_from } => {
                write!(f, "Account: API key from {key_from}, API secret from {secret_from}")?;
            }
            Account::Development => {
                write!(f, "Account: the built-in development account, see README")?;
                credentials(f, DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET)?;
            }
        }
        for domain in &self.domains {
            write!(f, "\nDomain: {}, ", domain.name())?;
            match domain.users() {
                [] => write!(f, "without users")?,
                [user] => write!(f, "with the user {user}")?,
                [user, ..] => write!(f, "with {} users, the first is {user}", domain.users().len())?,
            }
            credentials(f, domain.api_key().expose(), domain.api_secret().expose())?;
        }
        if !self.domains.is_empty() {
            write!(f, "\nFor the clients:")?;
            for (name, value) in self.environment() {
                write!(f, "\nexport {name}={}", Word(&value))?;
            }
        }
        #[cfg(feature = "tls")]
        if let Some(ca_file) = &self.ca_file {
            write!(f, "\n{}", Trust { ca_file, base_url: &self.base_url })?;
        }
        write!(f, "\nInspector: {}", self.inspector_url())
    }
}

fn credentials(f: &mut fmt::Formatter<'_>, key: &str, secret: &str) -> fmt::Result {
    write!(f, "\n  API key    {key}\n  API secret {secret}")
}

/// `{"base_url": …, "environment": {…}, "domains": [{"name": …, "api_key": …, "api_secret": …, "users": […]}]}`.
impl Serialize for Ready {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut ready = serializer.serialize_struct("Ready", 3)?;
        ready.serialize_field("base_url", &self.base_url)?;
        ready.serialize_field("environment", &self.variables())?;
        ready.serialize_field("domains", &self.domains)?;
        ready.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(account: Account, seed: &str) -> Ready {
        let emulator = crate::Emulator::builder().seed(seed.parse().expect("a seed")).start().expect("a free port");
        let base_url = "http://127.0.0.1:8787/v1.2".to_owned();
        Ready { base_url, account, domains: emulator.seeded().to_vec(), ca_file: None }
    }

    #[test]
    fn serializes_to_one_line() {
        let seed = r#"{"domains": [{"name": "Example.com", "api_key": "DAK00000000000000000000000000000001",
            "api_secret": "DAS00000000000000000000000000000001", "users": [{"user_id": "russ"}]}]}"#;
        let ready = ready(Account::Development, seed);
        let line = serde_json::to_string(&ready).expect("JSON");
        assert_eq!(
            line,
            concat!(
                r#"{"base_url":"http://127.0.0.1:8787/v1.2","environment":{"#,
                r#""KANDY_BASE_URL":"http://127.0.0.1:8787/v1.2","#,
                r#""KANDY_ACCOUNT_API_KEY":"AAK00000000000000000000000000000001","#,
                r#""KANDY_ACCOUNT_API_SECRET":"AAS00000000000000000000000000000001","#,
                r#""KANDY_DOMAIN_API_KEY":"DAK00000000000000000000000000000001","#,
                r#""KANDY_DOMAIN_API_SECRET":"DAS00000000000000000000000000000001"},"#,
                r#""domains":[{"name":"example.com","api_key":"DAK00000000000000000000000000000001","#,
                r#""api_secret":"DAS00000000000000000000000000000001","users":["russ@example.com"]}]}"#,
            )
        );
        let debug = format!("{ready:?}");
        assert!(!debug.contains("DAK0") && !debug.contains("DAS0"), "{debug}");
    }

    #[test]
    fn given_credentials_are_left_out() {
        let given = Account::Given { key_from: "KANDY_ACCOUNT_API_KEY", secret_from: "--account-secret" };
        let ready = ready(given, "{}");
        assert_eq!(ready.environment(), [("KANDY_BASE_URL", ready.base_url().to_owned())]);
        let account = "Account: API key from KANDY_ACCOUNT_API_KEY, API secret from --account-secret";
        let inspector = "Inspector: http://127.0.0.1:8787/_emulator/";
        assert_eq!(ready.to_string(), format!("Kandy emulator: http://127.0.0.1:8787/v1.2\n{account}\n{inspector}"));
    }
}
