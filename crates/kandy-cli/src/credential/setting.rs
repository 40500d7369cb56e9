use kandy_sys::operation::Level;

/// Something that calls need to know, which does not change from call to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Setting {
    BaseUrl,
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
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 11] = [
        Self::BaseUrl,
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

    /// Its name, as profiles have it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "base_url",
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

    /// The setting with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// The setting that is meant by a name as variables have it, or as profiles do.
    pub(crate) fn meant(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::named(name.strip_prefix("kandy_").unwrap_or(&name))
    }

    /// Its name, for people.
    pub(crate) fn label(self) -> String {
        self.name().replace('_', " ").replace("api", "API").replace("url", "URL")
    }

    /// The variable that holds it. The same with `_FILE` at its end names a file that does.
    pub(crate) fn variable(self) -> String {
        format!("KANDY_{}", self.name().to_ascii_uppercase())
    }

    /// Whether it is a credential.
    pub(crate) fn is_secret(self) -> bool {
        self.level().is_some()
    }

    /// Whose credential it is, if it is one.
    pub(crate) fn level(self) -> Option<Level> {
        match self {
            Self::BaseUrl | Self::UserId | Self::DeviceId => None,
            Self::AccountApiKey | Self::AccountApiSecret | Self::AccountAccessToken => Some(Level::Account),
            Self::DomainApiKey | Self::DomainApiSecret | Self::DomainAccessToken => Some(Level::Domain),
            Self::UserPassword | Self::UserAccessToken => Some(Level::User),
        }
    }
}
