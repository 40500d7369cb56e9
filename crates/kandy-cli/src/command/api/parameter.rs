//! Parameters of `kandy api`: given ones, and credentials from settings.

use kandy::Secret;
use kandy_sys::{
    Operation,
    operation::{Credential, Parameter},
};

use super::Api;
use crate::{
    context::Context,
    credential::{Setting, read_secret},
    failure::{Failure, Result},
};

impl Api {
    /// Returns the given parameters, followed by those that are settings.
    pub(super) async fn parameters(
        &self,
        context: &Context,
        operation: &'static Operation,
    ) -> Result<Vec<(&'static str, Secret)>> {
        let mut given = Vec::new();
        for argument in &self.parameters {
            let (parameter, value) = named(operation, argument)?;
            if parameter.secret {
                return Err(Failure::usage(format!(
                    "{} is a credential, and other users of this machine can see arguments. Use --parameter-file \
                     {}=FILE.",
                    parameter.name, parameter.name
                )));
            }
            given.push((parameter.name, value.into()));
        }
        for argument in &self.parameter_files {
            let (parameter, file) = named(operation, argument)?;
            given.push((parameter.name, read_secret(file)?));
        }
        let mut has_secret = false;
        for parameter in operation.parameters {
            if given.iter().any(|(name, _)| *name == parameter.name) {
                has_secret |= parameter.secret && parameter.name != "key";
            } else if parameter.required {
                given.extend(self.setting(context, operation, parameter).await?.map(|value| (parameter.name, value)));
            }
        }
        // If one of several credentials suffices, use the first that is available.
        let optional = operation.parameters.iter().filter(|parameter| parameter.secret && !parameter.required);
        for parameter in optional {
            if !has_secret && let Some(value) = self.setting(context, operation, parameter).await? {
                given.push((parameter.name, value));
                has_secret = true;
            }
        }
        Ok(given)
    }

    /// Returns the value of a parameter that is a setting.
    async fn setting(&self, context: &Context, operation: &Operation, parameter: &Parameter) -> Result<Option<Secret>> {
        let setting = match (parameter.name, operation.credential()) {
            ("key", Credential::ApiKey(level)) => Setting::named(&format!("{level}_api_key")),
            (name, _) => Setting::named(name),
        };
        Ok(match setting {
            Some(Setting::DeviceId) => Some(context.device(&self.device).await?.id().as_str().into()),
            Some(Setting::UserId) => Some(context.user_id(&self.device.user)?.into()),
            Some(setting) if setting.is_secret() && parameter.required => {
                let [secret] = context.secrets([setting])?;
                Some(secret)
            }
            Some(setting) if setting.is_secret() => context.settings().secret(setting)?,
            _ => None,
        })
    }
}

/// Finds the parameter in `NAME=VALUE`.
fn named<'a>(operation: &'static Operation, argument: &'a str) -> Result<(&'static Parameter, &'a str)> {
    let Some((name, value)) = argument.split_once('=') else {
        return Err(Failure::usage("write a parameter as NAME=VALUE, or as NAME=FILE with --parameter-file"));
    };
    match operation.parameters.iter().find(|parameter| parameter.name == name) {
        Some(parameter) => Ok((parameter, value)),
        None => {
            let known: Vec<_> = operation.parameters.iter().map(|parameter| parameter.name).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(Failure::usage(format!("{} has no parameter {name:?}; its parameters: {known}", operation.id)))
        }
    }
}
