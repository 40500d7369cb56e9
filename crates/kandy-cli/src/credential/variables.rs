//! `KANDY_*` variables: of the environment, then of `.env` in the working directory.

use std::path::{Path, PathBuf};

use kandy::{
    Environment, Secret,
    env::{EnvironmentError, VariableSource, read_file},
};

use super::{dot_env, setting::Setting, source::Source};
use crate::failure::{Failure, Result};

/// Allows unencrypted HTTP to another machine.
const ALLOW_PLAIN_HTTP: &str = "KANDY_ALLOW_PLAIN_HTTP";

/// The variables of this command. Empty ones count as unset.
#[derive(Default)]
pub(super) struct Variables {
    environment: Environment,
    dot_env: Environment,
}

impl Variables {
    pub(super) fn read() -> Result<Self> {
        let environment = Environment::read()?;
        let dot_env = Environment::from_pairs(dot_env::read()?);
        let dot_env = dot_env.map_err(|error| Failure::usage(format!(".env: {error}")))?;
        Ok(Self { environment, dot_env })
    }

    /// Returns a variable that is not a setting.
    pub(super) fn plain(&self, name: &str) -> Option<(&str, Source)> {
        match self.environment.get(name) {
            Some(value) => Some((value, Source::Environment(name.to_owned()))),
            None => self.dot_env.get(name).map(|value| (value, Source::DotEnv(name.to_owned()))),
        }
    }

    /// Returns whether plain HTTP is allowed. `.env` is ignored: a folder must not decide that secrets are sent
    /// unencrypted.
    pub(super) fn allows_plain_http(&self) -> Result<bool> {
        Ok(self.environment.flag(ALLOW_PLAIN_HTTP)?)
    }

    /// Returns the variable with the value of a setting, or naming a file with it. The environment takes precedence.
    pub(super) fn source(&self, setting: Setting) -> Option<Source> {
        let variable = setting.variable();
        let file = format!("{variable}_FILE");
        match (self.environment.source(&variable), self.dot_env.source(&variable)) {
            (Some(VariableSource::Value(_)), _) => Some(Source::Environment(variable)),
            (Some(VariableSource::File(_)), _) => Some(Source::File(file)),
            (None, Some(VariableSource::Value(_))) => Some(Source::DotEnv(variable)),
            (None, Some(VariableSource::File(_))) => Some(Source::DotEnvFile(file)),
            (None, None) => None,
        }
    }

    /// Returns the value of a setting, in a variable or in the file that it names.
    pub(super) fn value(&self, setting: Setting) -> Result<Option<Secret>> {
        let variable = setting.variable();
        if self.environment.source(&variable).is_some() {
            return Ok(self.environment.value(&variable)?);
        }
        match self.dot_env.source(&variable) {
            None => Ok(None),
            Some(VariableSource::Value(value)) => Ok(Some(value.clone())),
            Some(VariableSource::File(path)) => {
                let file = format!("{variable}_FILE");
                let path = file_in_working_folder(path, &file)?;
                Ok(Some(read_file(&path, &format!("{file} of .env"))?))
            }
        }
    }
}

impl From<EnvironmentError> for Failure {
    fn from(error: EnvironmentError) -> Self {
        match error {
            EnvironmentError::File(..) | EnvironmentError::Encoding(..) => Self::local(error.to_string()),
            _ => Self::usage(error.to_string()),
        }
    }
}

/// Returns a file that `.env` names, if it is below the working directory: `.env` in a folder of a stranger must not
/// name files of the user, whose contents would be sent to its base URL.
fn file_in_working_folder(path: &Path, variable: &str) -> Result<PathBuf> {
    let failed = |error| Failure::of_file(format_args!("the file in {variable} of .env"), &error);
    let path = path.canonicalize().map_err(failed)?;
    let folder = Path::new(".").canonicalize().map_err(failed)?;
    match path.starts_with(folder) {
        true => Ok(path),
        false => Err(Failure::usage(format!(
            "{variable} in .env names a file outside of this folder. Set {variable} in the environment to use that \
             file."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn library_knows_all_settings() {
        for setting in Setting::ALL {
            assert!(kandy::env::VARIABLES.contains(&setting.variable().as_str()), "{setting:?}");
        }
        assert_eq!(kandy::env::VARIABLES.len(), Setting::ALL.len() + 1, "and {ALLOW_PLAIN_HTTP}");
    }
}
