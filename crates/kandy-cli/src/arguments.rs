//! What commands have in common on the command line.

use std::time::Duration;

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::credential;

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use this profile, and no variables of the environment
    #[arg(long, global = true, value_name = "NAME", add = ArgValueCandidates::new(profiles))]
    pub(crate) profile: Option<String>,
    /// Where the API is, with its version
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Print JSON: the whole, or the members that are named, as in --json=user_id,user_email
    #[arg(long, global = true, value_name = "NAMES", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) json: Option<Names>,
    /// Print what this jq program makes of the data
    #[arg(long, global = true, value_name = "PROGRAM", conflicts_with = "json")]
    pub(crate) jq: Option<String>,
    /// Print ids only, and say nothing else
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print credentials that are among the data, instead of ***
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
    /// Send nothing; print the request that would be sent, and a curl line for it
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Show calls, attempts and timings on stderr
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// How long to wait for an answer, such as 5s
    #[arg(long, global = true, value_name = "DURATION", value_parser = some_time)]
    pub(crate) timeout: Option<Duration>,
    /// Allow plain HTTP to another machine, where everyone on the way can read the credentials
    #[arg(long, global = true)]
    pub(crate) allow_plain_http: bool,
}

/// Names with commas between them; none means all.
#[derive(Clone, Debug)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// The names, if there are any.
    pub(crate) fn into_names(self) -> Option<Vec<String>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl From<String> for Names {
    fn from(names: String) -> Self {
        Self(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }
}

/// Who the user is, for commands of a user.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UserArguments {
    /// The user who does it, by user id; else KANDY_USER_ID, or that of the profile
    #[arg(long, short, value_name = "USER_ID")]
    pub(crate) user: Option<String>,
}

/// Which device it is, for commands of a device.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DeviceArguments {
    #[command(flatten)]
    pub(crate) user: UserArguments,
    /// The device; else KANDY_DEVICE_ID, or that of the profile, or the only one that the user has
    #[arg(long, short, value_name = "DEVICE_ID")]
    pub(crate) device: Option<String>,
}

/// A duration, but none that is over before it begins.
fn some_time(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it leaves no time".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn profiles() -> Vec<CompletionCandidate> {
    credential::profile_names().into_iter().map(CompletionCandidate::new).collect()
}
