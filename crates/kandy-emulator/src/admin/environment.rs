//! The environment variables with which clients use the emulator.
//!
//! Depends on `seed` and the constants of the crate. Begin with `Variables::new`.

use serde::{Serialize, Serializer};

use crate::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, SeededDomain};

/// All variables that an emulator names, in the order in which they are printed.
pub(crate) const NAMES: [&str; 6] =
    [BASE_URL, CA_FILE, ACCOUNT_KEY, ACCOUNT_SECRET, "KANDY_DOMAIN_API_KEY", "KANDY_DOMAIN_API_SECRET"];

const BASE_URL: &str = "KANDY_BASE_URL";
const CA_FILE: &str = "KANDY_CA_FILE";
pub(crate) const ACCOUNT_KEY: &str = "KANDY_ACCOUNT_API_KEY";
pub(crate) const ACCOUNT_SECRET: &str = "KANDY_ACCOUNT_API_SECRET";

/// Names and values, in order. `Serialize` writes an object.
pub(crate) struct Variables(pub(crate) Vec<(&'static str, String)>);

impl Variables {
    /// The base URL; the file of the certificate authority of TLS; the credentials of the development account, which are
    /// public, and never those of a given account; and those of the first seeded domain.
    pub(crate) fn new(
        base_url: String,
        ca_file: Option<String>,
        is_development: bool,
        domain: Option<&SeededDomain>,
    ) -> Self {
        let account =
            [DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET].map(|value| is_development.then(|| value.to_owned()));
        let domain = [domain.map(SeededDomain::api_key), domain.map(SeededDomain::api_secret)];
        let domain = domain.map(|secret| secret.map(|secret| secret.expose().to_owned()));
        let values = [Some(base_url), ca_file].into_iter().chain(account).chain(domain);
        Self(NAMES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect())
    }
}

impl Serialize for Variables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
