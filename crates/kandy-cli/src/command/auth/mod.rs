mod check;
mod login;
mod status;

use clap::Subcommand;
use serde_json::json;

use crate::{
    context::Context,
    credential::{Config, LockedConfig, Recovery},
    failure::{Failure, Result},
    output::Shape,
};

/// Profiles: where calls go, and with whose credentials
#[derive(Subcommand)]
pub(crate) enum Auth {
    Login(login::Login),
    /// Show where each setting comes from and whether it works, but never what a secret is
    #[command(after_help = "Example:\n  kandy auth status --json=setting,state")]
    Status {
        /// Ask nobody whether credentials work
        #[arg(long)]
        offline: bool,
    },
    /// List the profiles
    #[command(after_help = "Example:\n  kandy auth list --quiet")]
    List,
    /// Use a profile from now on, unless another is said
    #[command(after_help = "Example:\n  kandy auth use work")]
    Use {
        /// The profile
        name: String,
    },
    /// Remove a profile with its secrets from this machine
    ///
    /// Nothing is sent: access tokens that were minted live until they end by themselves, and credentials stay what they
    /// are. Revoke a token with `kandy domain token delete` or `kandy user token delete`.
    #[command(after_help = "Example:\n  kandy auth logout work")]
    Logout {
        /// The profile; else the one that is used
        name: Option<String>,
        /// All profiles
        #[arg(long, conflicts_with = "name")]
        all: bool,
    },
}

const PROFILES: Shape = Shape {
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
                context.no_dry_run("this changes this machine only")?;
                LockedConfig::open().await?.set_default(&name)?;
                context.output.done(format_args!("profile {name:?} is used from now on"));
                Ok(())
            }
            Self::Logout { name, all } => logout(context, name, all).await,
        }
    }
}

fn list(context: &Context) -> Result {
    for left_over in Recovery::left_over()? {
        context.output.done(left_over);
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
    context.no_dry_run("this changes this machine only")?;
    let mut locked = LockedConfig::open().await?;
    let names = match name.or_else(|| context.profile_option().map(str::to_owned)) {
        Some(name) => vec![name],
        None if all => locked.config().profiles().map(|(name, _)| name.to_owned()).collect(),
        None => match context.settings().profile() {
            Some(name) => vec![name.to_owned()],
            None => return Err(Failure::usage("which profile? None is used; `kandy auth list` shows what there is")),
        },
    };
    if names.is_empty() {
        context.output.done("no profiles");
    }
    for name in names {
        locked.remove(&name)?;
        context.output.done(format_args!("removed profile {name:?} and its secrets from this machine"));
    }
    Ok(())
}
