//! `kandy hunt-group`: hunt groups of the domain.

use clap::{Args, Subcommand};
use kandy::NewHuntGroup;

use crate::{
    arguments::ListArguments,
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Manage hunt groups of the domain, which distribute calls among users
#[derive(Subcommand)]
pub(crate) enum HuntGroup {
    /// List the hunt groups of the domain
    #[command(after_help = "Example:\n  kandy hunt-group list --json")]
    List(ListArguments),
    /// Create a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group create support --type roundrobin \\\n    \
        --pilot-uri-address support@example.com --overflow-dest operator@example.com \\\n    \
        --anonymous-uri anonymous@example.com")]
    Create(Create),
    /// Delete a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group delete support")]
    Delete {
        /// Name of the hunt group
        #[arg(value_name = "HUNT_GROUP")]
        name: String,
        #[command(flatten)]
        sure: Confirmation,
    },
    /// Manage the users of a hunt group, who take the calls
    #[command(subcommand)]
    User(User),
    /// Manage the administrators of a hunt group
    #[command(subcommand)]
    Admin(Admin),
}

/// Fields of a new hunt group; all are required.
#[derive(Args)]
pub(crate) struct Create {
    /// Name of the hunt group
    #[arg(value_name = "HUNT_GROUP")]
    name: String,
    /// Call distribution, such as roundrobin; the API does not document other values
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// Address of the group, presumably the one that callers use
    #[arg(long, value_name = "ADDRESS")]
    pilot_uri_address: String,
    /// Address, presumably for calls that the group does not answer
    #[arg(long, value_name = "ADDRESS")]
    overflow_dest: String,
    /// Address related to anonymous calls; the API does not document its use
    #[arg(long, value_name = "ADDRESS")]
    anonymous_uri: String,
}

/// Manage the users of a hunt group, who take the calls
#[derive(Subcommand)]
pub(crate) enum User {
    /// List the users of a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group user list support")]
    List(Name),
    /// Add a user to a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group user add support russ")]
    Add(Member),
    /// Remove a user from a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group user remove support russ")]
    Remove(Member),
}

/// Manage the administrators of a hunt group
#[derive(Subcommand)]
pub(crate) enum Admin {
    /// List the administrators of a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group admin list support")]
    List(Name),
    /// Add an administrator to a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group admin add support russ")]
    Add(Member),
    /// Remove an administrator from a hunt group
    #[command(after_help = "Example:\n  kandy hunt-group admin remove support russ")]
    Remove(Member),
}

#[derive(Args)]
pub(crate) struct Name {
    /// Name of the hunt group
    hunt_group: String,
}

#[derive(Args)]
pub(crate) struct Member {
    /// Name of the hunt group
    hunt_group: String,
    /// User id
    user_id: String,
}

/// The responses are undocumented. The fields are those of the request that creates a hunt group.
const HUNT_GROUPS: OutputSchema = OutputSchema {
    name: "hunt groups",
    operation: "",
    at: "",
    id: "huntgroup_name",
    columns: &["huntgroup_name", "huntgroup_type", "pilot_uri_address", "overflow_dest", "anonymous_uri"],
};
const USERS: OutputSchema =
    OutputSchema { name: "users", operation: "", at: "", id: "user_name", columns: &["user_name"] };
const ADMINS: OutputSchema =
    OutputSchema { name: "administrators", operation: "", at: "", id: "admin_name", columns: &["admin_name"] };

impl HuntGroup {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List(list) => {
                context.list_likely(context.domain()?.hunt_groups(), &HUNT_GROUPS, &ListView::new(&list)).await
            }
            Self::Create(Create { name, kind, pilot_uri_address, overflow_dest, anonymous_uri }) => {
                let hunt_group = NewHuntGroup {
                    name: &name,
                    kind: &kind,
                    pilot_uri_address: &pilot_uri_address,
                    overflow_dest: &overflow_dest,
                    anonymous_uri: &anonymous_uri,
                };
                let call = context.domain()?.create_hunt_group(hunt_group);
                context.change(call, format_args!("created hunt group {name:?}")).await
            }
            Self::Delete { name, sure } => {
                sure.ask(context, format_args!("hunt group {name:?}"), "its lists of users and administrators").await?;
                let call = context.domain()?.hunt_group(name.as_str()).delete();
                context.change(call, format_args!("deleted hunt group {name:?}")).await
            }
            Self::User(command) => command.run(context).await,
            Self::Admin(command) => command.run(context).await,
        }
    }
}

impl User {
    async fn run(self, context: &Context) -> Result {
        let domain = context.domain()?;
        match self {
            Self::List(Name { hunt_group }) => {
                context.list_likely(domain.hunt_group(hunt_group).users(), &USERS, &ListView::ALL).await
            }
            Self::Add(Member { hunt_group, user_id }) => {
                let call = domain.hunt_group(hunt_group.as_str()).add_user(user_id.as_str());
                context.change(call, format_args!("added user {user_id:?} to hunt group {hunt_group:?}")).await
            }
            Self::Remove(Member { hunt_group, user_id }) => {
                let call = domain.hunt_group(hunt_group.as_str()).remove_user(user_id.as_str());
                context.change(call, format_args!("removed user {user_id:?} from hunt group {hunt_group:?}")).await
            }
        }
    }
}

impl Admin {
    async fn run(self, context: &Context) -> Result {
        let domain = context.domain()?;
        match self {
            Self::List(Name { hunt_group }) => {
                context.list_likely(domain.hunt_group(hunt_group).admins(), &ADMINS, &ListView::ALL).await
            }
            Self::Add(Member { hunt_group, user_id }) => {
                let call = domain.hunt_group(hunt_group.as_str()).add_admin(user_id.as_str());
                context
                    .change(call, format_args!("made {user_id:?} an administrator of hunt group {hunt_group:?}"))
                    .await
            }
            Self::Remove(Member { hunt_group, user_id }) => {
                let call = domain.hunt_group(hunt_group.as_str()).remove_admin(user_id.as_str());
                let done = format_args!("{user_id:?} is no longer an administrator of hunt group {hunt_group:?}");
                context.change(call, done).await
            }
        }
    }
}
