//! `kandy auth`: profiles.

mod check;
mod login;
mod status;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::{
    context::Context,
    credential::{Config, LockedConfig, Recovery},
    failure::{Failure, Result},
    output::{CHANGE, OutputSchema},
};

/// Manage profiles: the base URL and the credentials of calls
#[derive(Subcommand)]
pub(crate) enum Auth {
    Login(login::Login),
    /// Show the source of each setting and whether the credentials work, without printing secrets
    #[command(after_help = "Example:\n  kandy auth status --json=setting,state")]
    Status {
        /// Do not contact the service
        #[arg(long)]
        offline: bool,
    },
    /// List the profiles
    #[command(after_help = "Example:\n  kandy auth list --quiet")]
    List,
    /// Set the default profile
    #[command(after_help = "Example:\n  kandy auth use work")]
    Use {
        /// Name of the profile
        name: String,
    },
    /// Remove a profile and its secrets from this machine
    ///
    /// Nothing is sent: access tokens stay valid until they expire, and the service keeps the credentials. To revoke a
    /// token, run `kandy domain token delete` or `kandy user token delete`.
    #[command(after_help = "Example:\n  kandy auth logout work")]
    Logout {
        /// Name of the profile (default: the selected profile)
        name: Option<String>,
        /// Remove all profiles
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}

const PROFILES: OutputSchema = OutputSchema {
    name: "profiles",
    operation: "",
    at: "",
    id: "profile",
    columns: &["profile", "default", "base_url", "store", "user_id"],
};

impl Auth {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Login(login) => login.run(context).await,
            Self::Status { offline } => status::show(context, offline).await,
            Self::List => list(context),
            Self::Use { name } => {
                context.reject_dry_run(
                    "not supported, because the command changes only this machine and sends no \
                    request",
                )?;
                context.check_fields(&CHANGE)?;
                LockedConfig::open().await?.set_default(&name)?;
                context.output.changed(format_args!("the default profile is now {name:?}"), Value::Null)
            }
            Self::Logout { name, all } => logout(context, name, all).await,
        }
    }
}

fn list(context: &Context) -> Result {
    for left_over in Recovery::left_over()? {
        context.output.status(left_over);
    }
    let config = Config::read()?;
    let default = config.default_profile().map(|(name, _)| name);
    let profiles = config.profiles().map(|(name, profile)| {
        json!({
            "profile": name,
            "default": default == Some(name),
            "base_url": profile.base_url(),
            "store": profile.store().name(),
            "user_id": profile.user_id(),
        })
    });
    context.output.list(&PROFILES, profiles)
}

async fn logout(context: &Context, name: Option<String>, all: bool) -> Result {
    context.reject_dry_run("not supported, because the command changes only this machine and sends no request")?;
    context.check_fields(&CHANGE)?;
    let mut locked = LockedConfig::open().await?;
    let names = match name.or_else(|| context.profile_option().map(str::to_owned)) {
        Some(name) => vec![name],
        None if all => locked.config().profiles().map(|(name, _)| name.to_owned()).collect(),
        None => match context.settings().profile() {
            Some(name) => vec![name.to_owned()],
            None => return Err(Failure::usage("No profile selected. Give a name from `kandy auth list`, or --all.")),
        },
    };
    if names.is_empty() {
        context.output.status("no profiles");
    }
    for name in names {
        locked.remove(&name)?;
        let message = format!("removed profile {name:?} and its secrets from this machine");
        context.output.changed(message, Value::Null)?;
    }
    Ok(())
}
