//! The names of the variables, and the lookup of one. Depends on `encoding` and `error`.

use std::{collections::BTreeMap, fmt, fs::File, io::Read, path::Path};

use kandy_sys::Secret;

use super::{decode, error::EnvironmentError};

/// The variables of clients and credentials. Each, with `_FILE` appended, names a file with the value.
pub const VARIABLES: [&str; 13] = [
    "KANDY_BASE_URL",
    "KANDY_CA_FILE",
    "KANDY_ALLOW_PLAIN_HTTP",
    "KANDY_ACCOUNT_API_KEY",
    "KANDY_ACCOUNT_API_SECRET",
    "KANDY_ACCOUNT_ACCESS_TOKEN",
    "KANDY_DOMAIN_API_KEY",
    "KANDY_DOMAIN_API_SECRET",
    "KANDY_DOMAIN_ACCESS_TOKEN",
    "KANDY_USER_ID",
    "KANDY_USER_PASSWORD",
    "KANDY_USER_ACCESS_TOKEN",
    "KANDY_DEVICE_ID",
];

/// The longest file that holds a value. A longer one is another file, or never ends.
const MAX_FILE_SIZE: usize = 64 * 1024;

/// The `KANDY_*` variables of the environment, for programs that are configured by it: the client, and the credentials
/// of handles.
///
/// | variables | for |
/// |---|---|
/// | `KANDY_BASE_URL` | the [base URL](crate::KandyBuilder::base_url) |
/// | `KANDY_CA_FILE` | a file with [root certificates](crate::KandyBuilder::root_certificate) |
/// | `KANDY_ALLOW_PLAIN_HTTP` | `1` allows [plain HTTP](crate::KandyBuilder::allow_plain_http) |
/// | `KANDY_ACCOUNT_API_KEY` and `KANDY_ACCOUNT_API_SECRET`, or `KANDY_ACCOUNT_ACCESS_TOKEN` | [`account`](Self::account) |
/// | `KANDY_DOMAIN_API_KEY` and `KANDY_DOMAIN_API_SECRET`, or `KANDY_DOMAIN_ACCESS_TOKEN` | [`domain`](Self::domain) |
/// | `KANDY_USER_ID` with `KANDY_USER_PASSWORD`, or with a domain; or `KANDY_USER_ACCESS_TOKEN` | [`user`](Self::user) |
/// | `KANDY_DEVICE_ID` | [`device`](Self::device) |
///
/// `KANDY_DOMAIN_API_SECRET_FILE` names a file with the value of `KANDY_DOMAIN_API_SECRET`, without the line end, and so
/// does each other name with `_FILE` appended; setting both is an error. Empty variables count as unset. The command
/// `kandy` reads the same ones.
///
/// ```no_run
/// # fn example() -> kandy::Result<()> {
/// let env = kandy::Environment::read()?;
/// let kandy = env.client()?;
/// let domain = env.domain(&kandy)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    pub(super) variables: BTreeMap<String, Secret>,
}

/// Where a variable has its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource<'a> {
    /// In the variable itself.
    Value(&'a Secret),
    /// In a file, which the variable with `_FILE` appended names.
    File(&'a Path),
}

impl Environment {
    /// Reads the variables of this process.
    ///
    /// # Errors
    ///
    /// [`NotUtf8`](EnvironmentError::NotUtf8) and [`SetTwice`](EnvironmentError::SetTwice).
    pub fn read() -> Result<Self, EnvironmentError> {
        let own = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let own = own.filter(|(name, _)| name.starts_with("KANDY_"));
        let pairs: Result<Vec<_>, _> = own
            .map(|(name, value)| match value.into_string() {
                Ok(value) => Ok((name, value.into())),
                Err(_) => Err(EnvironmentError::NotUtf8(name)),
            })
            .collect();
        Self::from_pairs(pairs?)
    }

    /// Takes names and values from elsewhere, such as a test or a file.
    ///
    /// ```
    /// let pairs = [("KANDY_BASE_URL", "http://127.0.0.1:8787/v1.2")].map(|(name, value)| (name.to_owned(), value.into()));
    /// let kandy = kandy::Environment::from_pairs(pairs)?.client()?;
    /// assert_eq!(kandy.base_url(), "http://127.0.0.1:8787/v1.2");
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetTwice`](EnvironmentError::SetTwice).
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, Secret)>) -> Result<Self, EnvironmentError> {
        let variables: BTreeMap<_, _> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let has = |name: &str| variables.contains_key(name);
        match VARIABLES.into_iter().find(|name| has(name) && has(&format!("{name}_FILE"))) {
            Some(name) => Err(EnvironmentError::SetTwice(name.to_owned())),
            None => Ok(Self { variables }),
        }
    }

    /// Returns a variable as it is, without looking for a file.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(Secret::expose)
    }

    /// Returns where a variable has its value, if it is set.
    pub fn source(&self, name: &str) -> Option<VariableSource<'_>> {
        match self.variables.get(name) {
            Some(value) => Some(VariableSource::Value(value)),
            None => self.get(&format!("{name}_FILE")).map(|path| VariableSource::File(Path::new(path))),
        }
    }

    /// Returns the value of a variable, or the one in the file that it names.
    ///
    /// ```
    /// let env = kandy::Environment::from_pairs([("KANDY_USER_ID".to_owned(), "russ".into())])?;
    /// assert_eq!(env.value("KANDY_USER_ID")?, Some("russ".into()));
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, or is larger than 64 KiB.
    pub fn value(&self, name: &str) -> Result<Option<Secret>, EnvironmentError> {
        match self.source(name) {
            None => Ok(None),
            Some(VariableSource::Value(value)) => Ok(Some(value.clone())),
            Some(VariableSource::File(path)) => read_file(path, &format!("{name}_FILE")).map(Some),
        }
    }

    /// Returns whether a variable is `1`, `true`, `yes` or `on`; unset it is not.
    ///
    /// ```
    /// let env = kandy::Environment::from_pairs([("KANDY_ALLOW_PLAIN_HTTP".to_owned(), "1".into())])?;
    /// assert!(env.flag("KANDY_ALLOW_PLAIN_HTTP")?);
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When it is neither one of them nor `0`, `false`, `no` or `off`.
    pub fn flag(&self, name: &str) -> Result<bool, EnvironmentError> {
        let Some(value) = self.value(name)? else { return Ok(false) };
        match value.expose().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(true),
            "0" | "false" | "no" | "off" => Ok(false),
            _ => Err(EnvironmentError::Invalid(name.to_owned(), "it is neither 1 nor 0")),
        }
    }
}

impl fmt::Debug for Environment {
    /// The names, without the values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Reads the value in a file, without the line end. `name` is the variable that names the file, for errors.
///
/// # Errors
///
/// When the file cannot be read or decoded, is empty, or is larger than 64 KiB.
pub fn read_file(path: &Path, name: &str) -> Result<Secret, EnvironmentError> {
    let failed = |error| EnvironmentError::File(name.to_owned(), error);
    // Reserve all of it, because a buffer that grows leaves copies of a secret behind.
    let mut bytes = Vec::with_capacity(MAX_FILE_SIZE + 1);
    let mut file = File::open(path).map_err(failed)?.take(MAX_FILE_SIZE as u64 + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > MAX_FILE_SIZE {
        return Err(EnvironmentError::Encoding(name.to_owned(), "it is larger than 64 KiB"));
    }
    let text = decode(bytes).map_err(|reason| EnvironmentError::Encoding(name.to_owned(), reason))?;
    match text.expose().trim_end_matches(['\r', '\n']) {
        "" => Err(EnvironmentError::EmptyFile(name.to_owned())),
        text => Ok(text.into()),
    }
}
