//! `KANDY_*` variables: of the environment, then of `.env` in the working directory.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use kandy::Secret;

use super::{decode, dot_env, setting::Setting, source::Source};
use crate::failure::{Failure, Result};

/// The variables of this command. Empty ones count as unset.
#[derive(Default)]
pub(super) struct Variables {
    environment: HashMap<String, Secret>,
    dot_env: HashMap<String, Secret>,
}

impl Variables {
    pub(super) fn read() -> Result<Self> {
        let mut variables = Self::default();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| has_own_prefix(name)) else { continue };
            let Some(value) = value.to_str() else {
                return Err(Failure::usage(format!("{name} is not UTF-8")));
            };
            if !value.is_empty() {
                variables.environment.insert(name.to_owned(), value.into());
            }
        }
        for (name, value) in dot_env::read()? {
            if !value.is_empty() {
                variables.dot_env.insert(name, value);
            }
        }
        Ok(variables)
    }

    /// Returns a variable that is not a setting.
    pub(super) fn plain(&self, name: &str) -> Option<(&str, Source)> {
        match self.environment.get(name) {
            Some(value) => Some((value.expose(), Source::Environment(name.to_owned()))),
            None => self.dot_env.get(name).map(|value| (value.expose(), Source::DotEnv(name.to_owned()))),
        }
    }

    /// Returns the variable with the value of a setting, or naming a file with it. The environment takes precedence.
    pub(super) fn source(&self, setting: Setting) -> Option<Source> {
        self.find(setting).map(|(_, source)| source)
    }

    /// Returns the value of a setting, in a variable or in the file that it names.
    pub(super) fn value(&self, setting: Setting) -> Result<Option<Secret>> {
        let Some((value, source)) = self.find(setting) else { return Ok(None) };
        let path = Path::new(value.expose());
        let path = match &source {
            Source::File(_) => path.to_owned(),
            Source::DotEnvFile(variable) => file_in_working_folder(path, variable)?,
            _ => return Ok(Some(value.clone())),
        };
        let bytes = fs::read(path).map_err(|error| Failure::of_file(&source, &error))?;
        let text = decode(bytes).map_err(|reason| Failure::local(format!("{source}: {reason}")))?;
        match text.expose().trim_end_matches(['\r', '\n']) {
            "" => Err(Failure::usage(format!("{source}: it is empty"))),
            text => Ok(Some(text.into())),
        }
    }

    fn find(&self, setting: Setting) -> Option<(&Secret, Source)> {
        let variable = setting.variable();
        let file = format!("{variable}_FILE");
        if let Some(value) = self.environment.get(&variable) {
            return Some((value, Source::Environment(variable)));
        }
        if let Some(value) = self.environment.get(&file) {
            return Some((value, Source::File(file)));
        }
        if let Some(value) = self.dot_env.get(&variable) {
            return Some((value, Source::DotEnv(variable)));
        }
        self.dot_env.get(&file).map(|value| (value, Source::DotEnvFile(file)))
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

fn has_own_prefix(name: &str) -> bool {
    name.starts_with("KANDY_")
}
