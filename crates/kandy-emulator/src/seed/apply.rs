//! Creates the objects of a seed, by the rules of the operations that create them.
//!
//! Depends on `form`, `json_path`, `operations::rules` and `state`. Begin with `Seed::apply`.

use kandy_sys::{ApiFault, Secret};
use serde::Serialize;

use super::{
    error::SeedError,
    form::{self, Seed},
    group::NewGroup,
    json_path::JsonPath,
};
use crate::{
    operations::rules::{check_password, check_user_id, country_code, create_domain, create_new_user, new_password},
    protocol::refusal::{exists, invalid, missing, user_not_found},
    state::{
        DeviceDetails, DomainNo, NewDomain, NewUser, State,
        id::{Id, Kind},
    },
};

/// A domain of the seed.
///
/// `Serialize` includes its credentials, `Debug` does not.
///
/// ```
/// use kandy_emulator::Emulator;
///
/// let emulator = Emulator::builder().seed(r#"{"domains": [{"name": "example.com"}]}"#.parse()?).start()?;
/// let domain = &emulator.seeded()[0];
/// assert_eq!((domain.name(), domain.users().len()), ("example.com", 0));
/// assert!(!format!("{domain:?}").contains(domain.api_secret().expose()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct SeededDomain {
    name: String,
    api_key: Secret,
    api_secret: Secret,
    users: Vec<String>,
}

impl SeededDomain {
    /// Returns the name, in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the API key.
    pub fn api_key(&self) -> &Secret {
        &self.api_key
    }

    /// Returns the API secret.
    pub fn api_secret(&self) -> &Secret {
        &self.api_secret
    }

    /// Returns the full user ids of the users, in the order of the seed.
    pub fn users(&self) -> &[String] {
        &self.users
    }
}

impl SeededDomain {
    /// Takes over the credentials that a domain of this name has in a state, and returns whether there is one.
    pub(crate) fn update(&mut self, state: &State) -> bool {
        let Some((_, domain)) = state.domains.by_name(&self.name) else { return false };
        (self.api_key, self.api_secret) = (domain.key().into(), domain.secret().into());
        true
    }
}

/// The path of an invalid value, and the error.
type Refused = (JsonPath, ApiFault);

impl Seed {
    /// Sets missing credentials to those that domains of the same name have in a state, so that they stay valid when the
    /// seed replaces that state.
    pub(crate) fn with_credentials_of(mut self, state: &State) -> Self {
        for new in &mut self.domains {
            if let Some((_, domain)) = state.domains.by_name(&new.name) {
                new.api_key.get_or_insert_with(|| domain.key().into());
                new.api_secret.get_or_insert_with(|| domain.secret().into());
            }
        }
        self
    }

    /// Creates everything in the seed. After an error the state is incomplete and must not be used.
    pub(crate) fn apply(self, state: &mut State) -> Result<Vec<SeededDomain>, SeedError> {
        let text = self.text.0;
        let domains = self.domains.into_iter().enumerate();
        let seeded = domains.map(|(index, new)| domain(state, &JsonPath::default().element("domains", index), new));
        seeded.collect::<Result<_, _>>().map_err(|(path, fault)| SeedError::refused(text.as_deref(), &path, &fault))
    }
}

fn domain(state: &mut State, path: &JsonPath, new: form::NewDomain) -> Result<SeededDomain, Refused> {
    let form::NewDomain { name, project_name, api_key, api_secret, users, groups } = new;
    let key = credential(path, "api_key", api_key, Kind::DomainKey)?;
    let secret = credential(path, "api_secret", api_secret, Kind::DomainSecret)?;
    if state.domains.has_key(key) {
        return Err((path.member("api_key"), exists("API key")));
    }
    let (new, in_name) = (NewDomain { name: name.into(), project_name: given(project_name), key, secret }, "name");
    let created = create_domain(state, new).map_err(|fault| (path.member(in_name), fault))?;
    let (name, api_key, api_secret) = (created.name.to_string(), created.key().into(), created.secret().into());
    // Looked up again, because the created domain borrows the state.
    let (no, _) = state.domains.by_name(&name).ok_or_else(|| (path.member(in_name), missing(in_name)))?;
    let ids = users.iter().map(|user| format!("{}@{name}", user.user_id)).collect();
    for (index, new) in users.into_iter().enumerate() {
        user(state, || path.element("users", index), no, new)?;
    }
    for (index, new) in groups.iter().enumerate() {
        group(state, &path.element("groups", index), no, new)?;
    }
    Ok(SeededDomain { name, api_key, api_secret, users: ids })
}

/// Reads a credential, or generates one.
fn credential(path: &JsonPath, name: &'static str, given: Option<Secret>, kind: Kind) -> Result<Id, Refused> {
    let Some(given) = given else { return Ok(Id::random()) };
    read_credential(name, &given, kind).map_err(|fault| (path.member(name), fault))
}

fn read_credential(name: &str, given: &Secret, kind: Kind) -> Result<Id, ApiFault> {
    kind.read(given.expose()).ok_or_else(|| {
        let fault = invalid(name);
        let message = format!("{}: {} and 32 of the digits 0-9 and a-f are expected", fault.message, kind.prefix());
        ApiFault { message, ..fault }
    })
}

/// The id of a device, which no other device has.
fn free_device(state: &State, name: &str, given: &str) -> Result<Id, ApiFault> {
    let id = Id::from_upper_hex(given).ok_or_else(|| {
        let fault = invalid(name);
        let message = format!("{}: 32 of the digits 0-9 and A-F are expected", fault.message);
        ApiFault { message, ..fault }
    })?;
    if state.devices.get(id).is_some() { Err(exists("device id")) } else { Ok(id) }
}

/// Creates a user. `path` is called only for an error, because there may be very many users.
fn user(state: &mut State, path: impl Fn() -> JsonPath, domain: DomainNo, new: form::NewUser) -> Result<(), Refused> {
    let form::NewUser { user_id, country_code: country, email, password, first_name, last_name, .. } = new;
    let form::NewUser { api_key, api_secret, device_id, devices, .. } = new;
    let at = |name| move |fault| (name, fault);
    let created = (|| {
        check_user_id(&user_id).map_err(at("user_id"))?;
        let country = given(country);
        let dialling_code = country.map(|country| country_code(&country)).transpose().map_err(at("country_code"))?;
        let password = match password {
            Some(password) => {
                check_password(password.expose()).map_err(at("password"))?;
                password.expose().into()
            }
            None => new_password(),
        };
        let new = NewUser {
            user_id: user_id.into(),
            password,
            phone_number: None,
            dialling_code,
            first_name: given(first_name),
            last_name: given(last_name),
            email: given(email),
            key: api_key
                .map(|key| read_credential("api_key", &key, Kind::UserKey))
                .transpose()
                .map_err(at("api_key"))?,
            secret: api_secret
                .map(|secret| read_credential("api_secret", &secret, Kind::UserSecret))
                .transpose()
                .map_err(at("api_secret"))?,
            device: device_id.map(|id| free_device(state, "device_id", &id)).transpose().map_err(at("device_id"))?,
        };
        if new.key.is_some_and(|key| state.users.has_key(key)) {
            return Err(("api_key", exists("API key")));
        }
        create_new_user(state, domain, new).map_err(at("user_id"))
    })();
    let user = created.map_err(|(name, fault)| (path().member(name), fault))?;
    for (index, device) in devices.into_iter().enumerate() {
        let form::NewDevice { id, native_id, name, family, client_version, os_version } = device;
        let id = id.map(|id| free_device(state, "id", &id)).transpose();
        let id = id.map_err(|fault| (path().element("devices", index).member("id"), fault))?;
        let native_id = given(Some(native_id))
            .ok_or_else(|| (path().element("devices", index).member("native_id"), missing("native_id")))?;
        let (name, family) = (given(name), given(family));
        let (client_version, os_version) = (given(client_version), given(os_version));
        let details = DeviceDetails { native_id, family, name, client_version, os_version };
        state.create_device_with(id.unwrap_or_else(Id::random), user, Some(details));
    }
    Ok(())
}

fn group(state: &mut State, path: &JsonPath, domain: DomainNo, new: &NewGroup) -> Result<(), Refused> {
    for (name, full_user_ids) in [("owners", &new.owners), ("members", &new.members), ("muted", &new.muted)] {
        for (index, full_user_id) in full_user_ids.iter().enumerate() {
            let user = state.user_by_full_id(full_user_id);
            if user.and_then(|user| state.users.domain_of(user)) != Some(domain) {
                return Err((path.element(name, index), user_not_found()));
            }
        }
    }
    state.create_group(new).map(drop).map_err(|fault| (path.clone(), fault))
}

/// An empty text counts as left out, as in the API.
fn given(text: Option<String>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty()).map(Into::into)
}
