//! The command line options.
//!
//! Depends on `command::listen`. Begin with `Arguments`.

use std::{path::PathBuf, time::Duration};

use clap::{
    ArgMatches, Args, Command, FromArgMatches,
    builder::{PossibleValuesParser, TypedValueParser},
    parser::ValueSource,
};
use kandy_sys::Secret;

use super::listen::Listen;
use crate::{
    ChannelMode,
    http::origin_guard::{Origin, host_name},
};

/// The options of the program.
///
/// ```
/// use clap::{Args, FromArgMatches};
/// use kandy_emulator::command::{Account, Arguments};
///
/// let command = Arguments::augment_args(clap::Command::new("emulator"));
/// let matches = command.get_matches_from(["emulator", "--account-key", "AAK1", "--account-secret", "AAS1"]);
/// let arguments = Arguments::from_arg_matches(&matches)?;
/// assert_eq!(
///     arguments.account(),
///     Account::Given { key_from: "--account-key", secret_from: "--account-secret" }
/// );
/// assert!(!format!("{arguments:?}").contains("AAS1"));
/// # Ok::<(), clap::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Arguments {
    pub(super) options: Options,
    account: Account,
}

impl Arguments {
    /// Returns whether to print the variables of a running emulator with [`Environment`](super::Environment), in place
    /// of serving one.
    pub fn env(&self) -> bool {
        self.options.env
    }

    /// Returns the source of the credentials of the account.
    pub fn account(&self) -> Account {
        self.account
    }
}

/// The source of the credentials of the account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Account {
    /// The built-in development account.
    Development,
    /// An option or the environment.
    Given {
        /// The option or the environment variable that has the API key.
        key_from: &'static str,
        /// The option or the environment variable that has the API secret.
        secret_from: &'static str,
    },
}

// No doc comment here: clap would print it as the description of the program that flattens these options.
#[derive(Args, Clone, Debug)]
#[group(skip)]
pub(super) struct Options {
    /// Address and port to listen on, such as 8787, localhost:8787 or [::1]:8787; a port alone listens on 127.0.0.1,
    /// and port 0 selects a free port
    #[arg(long, default_value = "127.0.0.1:8787", value_name = "ADDRESS")]
    pub(super) listen: Listen,
    /// API key of the account (default: a built-in development account with public credentials)
    #[arg(
        long,
        value_name = "KEY",
        env = "KANDY_ACCOUNT_API_KEY",
        hide_env_values = true,
        requires = "account_secret"
    )]
    pub(super) account_key: Option<Secret>,
    /// API secret of the account; other users of this machine can see it as an argument, but not in the environment
    #[arg(long, value_name = "SECRET", env = "KANDY_ACCOUNT_API_SECRET", hide_env_values = true)]
    #[arg(requires = "account_key")]
    pub(super) account_secret: Option<Secret>,
    /// Lifetime of access tokens
    #[arg(long, default_value = "1h", value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub(super) token_ttl: Duration,
    /// JSON file with domains, users, devices and groups to create at startup
    #[arg(long, value_name = "FILE")]
    pub(super) seed: Option<PathBuf>,
    /// File that keeps the state, credentials included: read at startup if it exists, and written when something has
    /// changed; --seed then counts only where it does not exist yet
    #[arg(long, value_name = "FILE")]
    pub(super) state: Option<PathBuf>,
    /// Report refused credentials and unknown users with HTTP 200 and a status in the body, in place of HTTP 403 and
    /// 404, as older clients expect
    #[arg(long)]
    pub(super) refuse_with_200: bool,
    /// Allow requests to /_emulator by this host name, in addition to IP addresses and localhost; repeatable
    #[arg(long, value_name = "NAME", value_parser = host_name)]
    pub(super) allow_host: Vec<String>,
    /// Allow requests to /_emulator by web pages of this origin, such as http://localhost:3000; repeatable
    #[arg(long, value_name = "ORIGIN")]
    pub(super) allow_origin: Vec<Origin>,
    /// Open the page that shows what programs do in a browser
    #[arg(long, conflicts_with = "env")]
    pub(super) open: bool,
    /// Print the environment variables for clients of the emulator that listens at --listen, as lines for sh, and exit:
    /// eval "$(kandy emulator --env)"
    #[arg(long, conflicts_with = "seed")]
    pub(super) env: bool,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    pub(super) tls: super::tls::TlsOptions,
    /// What a pending message pushes to the data channels of its user: the message, or a doorbell to fetch it
    #[arg(long, default_value = "messages", value_name = "MODE")]
    #[arg(value_parser = PossibleValuesParser::new(["messages", "doorbell"]).map(channel_mode))]
    pub(super) channel: ChannelMode,
    /// Answer a ping on a data channel with a pong
    #[arg(long)]
    pub(super) channel_pong: bool,
    /// Do not tell the sender of a chat message, by a chatRemoteAck, that the receiver has deleted it
    #[arg(long)]
    pub(super) no_remote_ack: bool,
}

impl Options {
    /// The credentials of the account, if they are given: both, because one requires the other.
    pub(super) fn credentials(&self) -> Option<(&Secret, &Secret)> {
        self.account_key.as_ref().zip(self.account_secret.as_ref())
    }
}

impl Args for Arguments {
    fn augment_args(command: Command) -> Command {
        Options::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Options::augment_args_for_update(command)
    }
}

/// Not derived: only the matches say whether a value came from an option or from the environment.
impl FromArgMatches for Arguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let account = Account::Given {
            key_from: source(matches, "account_key", "--account-key", "KANDY_ACCOUNT_API_KEY"),
            secret_from: source(matches, "account_secret", "--account-secret", "KANDY_ACCOUNT_API_SECRET"),
        };
        let options = Options::from_arg_matches_mut(matches)?;
        let account = if options.account_key.is_some() { account } else { Account::Development };
        Ok(Self { options, account })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn channel_mode(name: String) -> ChannelMode {
    if name == "doorbell" { ChannelMode::Doorbell } else { ChannelMode::Messages }
}

fn source(matches: &ArgMatches, id: &str, option: &'static str, variable: &'static str) -> &'static str {
    match matches.value_source(id) {
        Some(ValueSource::EnvVariable) => variable,
        _ => option,
    }
}
