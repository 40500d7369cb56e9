//! Options that several commands share.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use crate::credential;

/// Options of every command.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Use this profile and ignore settings in environment variables and .env
    #[arg(long, global = true, value_name = "NAME", add = ArgValueCandidates::new(profiles))]
    pub(crate) profile: Option<String>,
    /// Base URL of the API, including the version
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// Trust the certificate authorities in this PEM file, too (default: that of the profile)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca_file: Option<String>,
    /// Print JSON: all fields, or only the named ones, as in --json=user_id,user_email
    #[arg(long, global = true, value_name = "NAMES", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) json: Option<Names>,
    /// Print the output of this jq program, run on the JSON data, or on the fields that --json names
    #[arg(long, global = true, value_name = "PROGRAM")]
    pub(crate) jq: Option<String>,
    /// Print ids only, without status messages
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print credentials in the data instead of ***
    #[arg(long, global = true)]
    pub(crate) show_secrets: bool,
    /// Send nothing; print the request and an equivalent curl command
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Log calls, attempts and timings to stderr
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Show times in UTC on a terminal instead of the local time zone
    #[arg(long, global = true)]
    pub(crate) utc: bool,
    /// Maximum time to wait for a response, such as 5s
    #[arg(long, global = true, value_name = "DURATION", value_parser = positive_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Allow unencrypted HTTP to another machine, which exposes the credentials on the network (default:
    /// KANDY_ALLOW_PLAIN_HTTP)
    #[arg(long, global = true)]
    pub(crate) allow_plain_http: bool,
    /// Print long lists and texts directly, instead of through a pager on a terminal
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
}

/// Comma-separated field names; empty selects all fields.
#[derive(Clone, Debug)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Returns the names, or `None` for all fields.
    pub(crate) fn into_names(self) -> Option<Vec<String>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl From<String> for Names {
    fn from(names: String) -> Self {
        Self(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }
}

/// Selects items of a list.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ListArguments {
    /// Maximum number of items
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<NonZeroUsize>,
    /// List only items with this text in one of the columns, in upper or lower case
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
}

/// Selects items of a list whose rows are long.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LongListArguments {
    #[command(flatten)]
    pub(crate) list: ListArguments,
    #[command(flatten)]
    pub(crate) wide: Wide,
}

/// Selects whole values.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Wide {
    /// Show all columns and whole values on a terminal, in several lines if needed
    #[arg(long)]
    pub(crate) wide: bool,
}

/// Selects the user of a user-level command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UserArguments {
    /// User to act as (default: that of the profile)
    #[arg(long, short, value_name = "USER_ID")]
    pub(crate) user: Option<String>,
}

/// Selects the device of a device-level command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DeviceArguments {
    #[command(flatten)]
    pub(crate) user: UserArguments,
    /// Device to use: its id, its name, or `newest` for the one that was registered last (default: that of the profile,
    /// then the only device of the user)
    #[arg(long, short, value_name = "DEVICE_ID")]
    pub(crate) device: Option<String>,
}

/// Parses a duration and rejects zero.
fn positive_duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it leaves no time".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

fn profiles() -> Vec<CompletionCandidate> {
    credential::profile_names().into_iter().map(CompletionCandidate::new).collect()
}
