//! The JSON of a seed.

use std::{fmt, str::FromStr, sync::Arc};

use kandy_sys::Secret;
use serde::Deserialize;

use super::{error::SeedError, group::NewGroup};

/// What an emulator has from the beginning: domains, with users, their devices, and groups.
///
/// It is read from JSON. Only names, user ids and native ids are needed; credentials and passwords that are left out are
/// made up. Everything else is as if it had been created over the API, by the same rules: every user also has the device
/// `default`. A [reset](crate::Emulator::reset) forgets it.
///
/// ```
/// use kandy_emulator::{Emulator, Seed};
///
/// let seed: Seed = r#"{"domains": [{
///     "name": "example.com",
///     "project_name": "Example",
///     "api_key": "DAK00000000000000000000000000000001",
///     "api_secret": "DAS00000000000000000000000000000001",
///     "users": [{
///         "user_id": "russ",
///         "country_code": "US",
///         "email": "russ@example.com",
///         "password": "secret12",
///         "first_name": "Russ",
///         "last_name": "Lee",
///         "devices": [{"native_id": "1234", "name": "iphone6", "family": "iphone"}]
///     }],
///     "groups": [{"name": "Friends", "owners": ["russ@example.com"]}]
/// }]}"#
/// .parse()?;
/// let emulator = Emulator::builder().seed(seed).start()?;
/// assert_eq!((emulator.state().users, emulator.state().devices, emulator.state().groups), (1, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// One that is read from a text, and not from a value that is JSON already, knows on which line of it what is wrong.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[must_use]
pub struct Seed {
    #[serde(default)]
    pub(super) domains: Vec<NewDomain>,
    #[serde(skip)]
    pub(super) text: Text,
}

/// The text that a seed was read from. It shows nothing, because credentials are in it.
#[derive(Clone, Default)]
pub(super) struct Text(pub(super) Option<Arc<str>>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "known" } else { "unknown" })
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct NewDomain {
    pub(super) name: String,
    pub(super) project_name: Option<String>,
    pub(super) api_key: Option<Secret>,
    pub(super) api_secret: Option<Secret>,
    #[serde(default)]
    pub(super) users: Vec<NewUser>,
    #[serde(default)]
    pub(super) groups: Vec<NewGroup>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct NewUser {
    pub(super) user_id: String,
    pub(super) country_code: Option<String>,
    pub(super) email: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    #[serde(default)]
    pub(super) devices: Vec<NewDevice>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct NewDevice {
    pub(super) native_id: String,
    pub(super) name: Option<String>,
    pub(super) family: Option<String>,
    pub(super) client_version: Option<String>,
    pub(super) os_version: Option<String>,
}

/// Reads JSON.
impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        // The byte order mark that some editors write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let seed: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let place = error.path().to_string();
            SeedError::unreadable(&place, error.inner())
        })?;
        json.end().map_err(|error| SeedError::unreadable("", &error))?;
        Ok(Self { text: Text(Some(text.into())), ..seed })
    }
}
