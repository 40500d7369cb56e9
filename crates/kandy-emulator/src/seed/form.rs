//! The JSON of a seed.
//!
//! Depends on `group` and `error`. Begin with `Seed`.

use std::{fmt, str::FromStr, sync::Arc};

use kandy_sys::Secret;
use serde::Deserialize;

use super::{error::SeedError, group::NewGroup};

/// Objects to create at startup: domains with users, devices and groups.
///
/// Parsed from JSON. Only names, user ids and native ids are required; missing ids, credentials and passwords are
/// generated. The objects are created by the rules of the API: every user also has the device `default`, whose id is the
/// `device_id` of the user. A [reset](crate::Emulator::reset) goes back to them.
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
///         "api_key": "UAK00000000000000000000000000000001",
///         "api_secret": "UAS00000000000000000000000000000001",
///         "device_id": "A149EBB9A69D4E66B62D26FBDEF440C5",
///         "devices": [{"id": "A149EBB9A69D4E66B62D26FBDEF440C6", "native_id": "1234", "name": "iphone6", "family": "iphone"}]
///     }],
///     "groups": [{"name": "Friends", "owners": ["russ@example.com"]}]
/// }]}"#
/// .parse()?;
/// let emulator = Emulator::builder().seed(seed).start()?;
/// assert_eq!((emulator.state().users, emulator.state().devices, emulator.state().groups), (1, 2, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A seed that is parsed from text, and not from a JSON value, reports errors with their line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[must_use]
pub struct Seed {
    #[serde(default)]
    pub(super) domains: Vec<NewDomain>,
    #[serde(skip)]
    pub(super) text: Text,
}

/// The text of a seed, to find the line of an error. `Debug` hides it, because it contains credentials.
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
    pub(super) api_key: Option<Secret>,
    pub(super) api_secret: Option<Secret>,
    /// Of the device that is created with the user.
    pub(super) device_id: Option<String>,
    #[serde(default)]
    pub(super) devices: Vec<NewDevice>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct NewDevice {
    pub(super) id: Option<String>,
    pub(super) native_id: String,
    pub(super) name: Option<String>,
    pub(super) family: Option<String>,
    pub(super) client_version: Option<String>,
    pub(super) os_version: Option<String>,
}

/// Parses JSON.
impl FromStr for Seed {
    type Err = SeedError;

    fn from_str(text: &str) -> Result<Self, SeedError> {
        // The byte order mark that some editors write.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut json = serde_json::Deserializer::from_str(text);
        let seed: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            SeedError::unreadable(&path, error.inner())
        })?;
        json.end().map_err(|error| SeedError::unreadable("", &error))?;
        Ok(Self { text: Text(Some(text.into())), ..seed })
    }
}
