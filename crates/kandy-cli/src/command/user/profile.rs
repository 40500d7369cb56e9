//! `kandy user profile`: what a user shows to other users.

use clap::{Args, Subcommand};

use crate::{
    arguments::UserArguments,
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    output::OutputSchema,
};

/// Manage the profile that a user shows to other users
#[derive(Subcommand)]
pub(crate) enum Profile {
    /// Show the profile of a user
    #[command(after_help = "Example:\n  kandy user profile show anna@example.com --user russ")]
    Show {
        /// User whose profile to show, as user id, with or without the domain (default: the user itself)
        #[arg(value_name = "FULL_USER_ID")]
        of: Option<String>,
        #[command(flatten)]
        user: UserArguments,
    },
    /// Set fields in the profile of the user
    ///
    /// The values are sent in a URL and are visible to other users: do not put secrets in them.
    #[command(after_help = "Example:\n  kandy user profile update --status-text 'On the road' --user russ")]
    Update {
        #[command(flatten)]
        fields: Fields,
        #[command(flatten)]
        user: UserArguments,
    },
}

/// Fields to set.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Fields {
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Status text shown to other users
    #[arg(long, value_name = "TEXT")]
    status_text: Option<String>,
    /// Image of the user; the API does not document the format
    #[arg(long, value_name = "TEXT")]
    image_details: Option<String>,
    /// Other data to store with the profile
    #[arg(long, value_name = "TEXT")]
    user_data: Option<String>,
}

const PROFILE: OutputSchema = OutputSchema::open("profiles", "user_profile_get", "");

impl Profile {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Show { of, user } => show(context, of, &user).await,
            Self::Update { fields, user } => {
                let mut call = context.user(&user)?.set_profile();
                if let Some(first_name) = fields.first_name {
                    call = call.first_name(first_name);
                }
                if let Some(last_name) = fields.last_name {
                    call = call.last_name(last_name);
                }
                if let Some(status_text) = fields.status_text {
                    call = call.status_text(status_text);
                }
                if let Some(image_details) = fields.image_details {
                    call = call.image_details(image_details);
                }
                if let Some(user_data) = fields.user_data {
                    call = call.user_data(user_data);
                }
                context.change(call, "updated the profile").await
            }
        }
    }
}

/// Looks up the domain of the user first, which the API requires.
async fn show(context: &Context, of: Option<String>, arguments: &UserArguments) -> Result {
    let user = context.user(arguments)?;
    let of = match of {
        Some(of) => context.full_user_id(arguments, of).await?,
        None if context.is_dry_run() => {
            eprint("the domain of the user is looked up first");
            format!("{}@DOMAIN_NAME", context.user_id(arguments)?)
        }
        None => match user.limited_details().await?.full_user_id {
            Some(full_user_id) => full_user_id.to_string(),
            None => {
                return Err(Failure::local(
                    "the service did not return the id of the user; give the user id with the \
                    domain",
                ));
            }
        },
    };
    let Some((user_id, domain_name)) = of.split_once('@') else {
        return Err(Failure::usage(format!("{of:?} has no domain; write {of}@domain.name")));
    };
    context.show(user.profile(user_id, domain_name), &PROFILE).await
}
