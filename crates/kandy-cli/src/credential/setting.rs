//! The settings of calls, and their names.

use kandy_sys::operation::Level;

/// A setting of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Setting {
    BaseUrl,
    /// A file with certificate authorities to trust beside those of the platform.
    CaFile,
    AccountApiKey,
    AccountApiSecret,
    AccountAccessToken,
    DomainApiKey,
    DomainApiSecret,
    DomainAccessToken,
    UserId,
    UserPassword,
    UserAccessToken,
    DeviceId,
}

impl Setting {
    /// All settings, in the order in which they are shown.
    pub(crate) const ALL: [Self; 12] = [
        Self::BaseUrl,
        Self::CaFile,
        Self::AccountApiKey,
        Self::AccountApiSecret,
        Self::AccountAccessToken,
        Self::DomainApiKey,
        Self::DomainApiSecret,
        Self::DomainAccessToken,
        Self::UserId,
        Self::UserPassword,
        Self::UserAccessToken,
        Self::DeviceId,
    ];

    /// Returns the name in profiles.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
            Self::CaFile => "ca_file",
            Self::AccountApiKey => "account_api_key",
            Self::AccountApiSecret => "account_api_secret",
            Self::AccountAccessToken => "account_access_token",
            Self::DomainApiKey => "domain_api_key",
            Self::DomainApiSecret => "domain_api_secret",
            Self::DomainAccessToken => "domain_access_token",
            Self::UserId => "user_id",
            Self::UserPassword => "user_password",
            Self::UserAccessToken => "user_access_token",
            Self::DeviceId => "device_id",
        }
    }

    /// Returns the setting with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// Returns the setting with this name in profiles or as a variable.
    pub(crate) fn parse_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::named(name.strip_prefix("kandy_").unwrap_or(&name))
    }

    /// Returns the name for messages.
    pub(crate) fn label(self) -> String {
        self.name().replace('_', " ").replace("api", "API").replace("url", "URL").replace("ca file", "CA file")
    }

    /// Returns the environment variable. With `_FILE` appended, it names a file with the value.
    pub(crate) fn variable(self) -> String {
        format!("KANDY_{}", self.name().to_ascii_uppercase())
    }

    /// Returns whether the setting is a credential.
    pub(crate) fn is_secret(self) -> bool {
        self.level().is_some()
    }

    /// Returns the level that a credential belongs to.
    pub(crate) fn level(self) -> Option<Level> {
        match self {
            Self::BaseUrl | Self::CaFile | Self::UserId | Self::DeviceId => None,
            Self::AccountApiKey | Self::AccountApiSecret | Self::AccountAccessToken => Some(Level::Account),
            Self::DomainApiKey | Self::DomainApiSecret | Self::DomainAccessToken => Some(Level::Domain),
            Self::UserPassword | Self::UserAccessToken => Some(Level::User),
        }
    }
}
