//! `kandy user`: users of the domain.

mod create;
mod delete;
mod delete_list;
mod export;
pub(super) mod import;
pub(super) mod list_target;
mod listed_id;
mod listing;
mod profile;
mod update;

use clap::Subcommand;
use serde_json::{Value, json};

use super::{
    last_seen::{self, Seen},
    token::UserToken,
};
use crate::{
    arguments::{ListArguments, UserArguments},
    call::part,
    context::Context,
    failure::Result,
    output::OutputSchema,
};

/// Manage users of the domain
#[derive(Subcommand)]
pub(crate) enum User {
    /// List the users of the domain
    #[command(after_help = "Example:\n  kandy user list --json=user_id,user_email")]
    List(ListArguments),
    /// Show the details of a user
    #[command(after_help = "Example:\n  kandy user show russ")]
    Show {
        /// User id
        user_id: String,
    },
    Create(create::Create),
    CreateByPhone(create::CreateByPhone),
    Delete(delete::Delete),
    Import(import::Import),
    Update(update::Update),
    Export(export::Export),
    #[command(subcommand)]
    Token(UserToken),
    #[command(subcommand)]
    Profile(profile::Profile),
    /// Show the details that the user itself may read
    #[command(after_help = "Example:\n  kandy user limited-details --user russ")]
    LimitedDetails(UserArguments),
    /// Show when users were last seen, and whether they are online
    ///
    /// The request itself probably marks the acting user as seen; `kandy domain last-seen` does not.
    #[command(after_help = "Example:\n  kandy user last-seen anna@example.com --user russ")]
    LastSeen {
        #[command(flatten)]
        seen: Seen,
        #[command(flatten)]
        user: UserArguments,
    },
    /// Wake up the mobile client of another user with a silent push event
    #[command(after_help = "Example:\n  kandy user wake-up anna@example.com --user russ")]
    WakeUp {
        /// User to wake up, as user id, with or without the domain
        #[arg(value_name = "FULL_USER_ID")]
        to: String,
        #[command(flatten)]
        user: UserArguments,
    },
    /// Normalize a phone number to the format of the service
    #[command(
        after_help = "Example:\n  kandy user normalize-phone-number '(224) 555-6666' --country-code US --user russ"
    )]
    NormalizePhoneNumber {
        /// Phone number in any common notation
        phone_number: String,
        /// Country of the number: two letters (US) or a dialling code (1, +1)
        #[arg(long, value_name = "COUNTRY")]
        country_code: String,
        #[command(flatten)]
        user: UserArguments,
    },
    /// Show the addresses of the call server for the user
    #[command(after_help = "Example:\n  kandy user spidr-configuration --secure --user russ")]
    SpidrConfiguration {
        /// Show the secure addresses
        #[arg(long)]
        secure: bool,
        #[command(flatten)]
        user: UserArguments,
    },
    /// Show the address of the WebSocket that delivers events to clients
    #[command(after_help = "Example:\n  kandy user data-channel-configuration --user russ")]
    DataChannelConfiguration(UserArguments),
    /// Show the billing packages of the user and their remaining balance
    #[command(after_help = "Example:\n  kandy user billing-status --user russ")]
    BillingStatus(UserArguments),
    /// Show the users who take the calls of a rollover group (hunt group)
    #[command(after_help = "Example:\n  kandy user rollover-group support --user russ")]
    RolloverGroup {
        /// Name of the group
        name: String,
        #[command(flatten)]
        user: UserArguments,
    },
}

const DETAILS: OutputSchema =
    OutputSchema { operation: "user_get", at: "/user", columns: &["user_id"], ..listing::USERS };
const LIMITED: OutputSchema = OutputSchema {
    name: "users",
    operation: "user_limited_get",
    at: "/user",
    id: "user_id",
    columns: &["user_id", "full_user_id"],
};
const WOKEN: OutputSchema =
    OutputSchema { name: "events", operation: "", at: "", id: "message_id", columns: &["message_id"] };
const PHONE_NUMBER: OutputSchema = OutputSchema::open("phone numbers", "phone_number_normalize", "");
const SPIDR: OutputSchema =
    OutputSchema::open("configurations", "user_spidr_configuration_get", "/spidr_configuration");
const DATA_CHANNEL: OutputSchema = OutputSchema::open("configurations", "data_channel_configuration_get", "");
const BILLING: OutputSchema = OutputSchema::open("billing states", "billing_status_get", "");
const ROLLOVER_GROUP: OutputSchema = OutputSchema::open("rollover groups", "rollover_group_get", "/group");

impl User {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List(list) => listing::list(context, &list).await,
            Self::Show { user_id } => show(context, &user_id).await,
            Self::Create(command) => command.run(context).await,
            Self::CreateByPhone(command) => command.run(context).await,
            Self::Delete(command) => command.run(context).await,
            Self::Import(command) => command.run(context).await,
            Self::Update(command) => command.run(context).await,
            Self::Export(command) => command.run(context).await,
            Self::Token(command) => command.run(context).await,
            Self::Profile(command) => command.run(context).await,
            Self::LimitedDetails(user) => context.show(context.user(&user)?.limited_details(), &LIMITED).await,
            Self::LastSeen { seen, user } => {
                let users = context.full_user_ids(&user, seen.users).await?;
                last_seen::show(context, context.user(&user)?.last_seen(users)).await
            }
            Self::WakeUp { to, user } => wake_up(context, to, &user).await,
            Self::NormalizePhoneNumber { phone_number, country_code, user } => {
                let call = context.user(&user)?.normalize_phone_number(phone_number, country_code);
                context.show(call, &PHONE_NUMBER).await
            }
            Self::SpidrConfiguration { secure, user } => {
                let mut call = context.user(&user)?.spidr_configuration();
                if secure {
                    call = call.secure(true);
                }
                context.show(call, &SPIDR).await
            }
            Self::DataChannelConfiguration(user) => {
                context.show(context.user(&user)?.data_channel_configuration(), &DATA_CHANNEL).await
            }
            Self::BillingStatus(user) => context.show(context.user(&user)?.billing_status(), &BILLING).await,
            Self::RolloverGroup { name, user } => {
                context.show(context.user(&user)?.rollover_group(name), &ROLLOVER_GROUP).await
            }
        }
    }
}

/// Shows a user. The domain may look up a user by a token, and can mint a token for each of its users.
async fn show(context: &Context, user_id: &str) -> Result {
    let domain = context.domain()?;
    let token = context.user_access_token(user_id).await?;
    let Some(result) = context.send(domain.user_details_by_token(token)).await? else { return Ok(()) };
    // The documentation shows a list with one entry.
    let is_listed = result.pointer(DETAILS.at).is_none_or(Value::is_null);
    let details = if is_listed { OutputSchema { at: "/users/0", ..DETAILS } } else { DETAILS };
    context.output.object(&DETAILS, part(result, &details)?)
}

async fn wake_up(context: &Context, to: String, user: &UserArguments) -> Result {
    context.check_fields(&WOKEN)?;
    let to = context.full_user_id(user, to).await?;
    match context.send_typed(context.user(user)?.wake_up(to)).await? {
        Some(message_id) => context.output.object(&WOKEN, json!({"message_id": message_id.as_str()})),
        None => Ok(()),
    }
}
