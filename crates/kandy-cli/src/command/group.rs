//! `kandy group`: chat groups.

use clap::{Args, Subcommand};
use kandy::GroupImage;
use serde_json::Value;

use crate::{
    arguments::{ListArguments, LongListArguments, UserArguments},
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Manage chat groups
#[derive(Subcommand)]
pub(crate) enum Group {
    /// List the groups of the user
    #[command(after_help = "Example:\n  kandy group list --user russ --json=group_id,group_name")]
    List {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        list: LongListArguments,
    },
    /// Show a group and its members
    #[command(after_help = "Example:\n  kandy group show --user russ 8a5c…")]
    Show(OneGroup),
    /// Create a group that the user owns, and print its id
    #[command(after_help = "Example:\n  kandy group create --user russ Friends")]
    Create {
        #[command(flatten)]
        user: UserArguments,
        /// Name of the group
        name: String,
        #[command(flatten)]
        image: Image,
    },
    /// Change the name or the image of a group
    #[command(after_help = "Example:\n  kandy group update --user russ 8a5c… --name 'Best friends'")]
    Update {
        #[command(flatten)]
        group: OneGroup,
        /// New name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        image: Image,
    },
    /// Delete a group
    #[command(after_help = "Example:\n  kandy group delete --user russ 8a5c…")]
    Delete {
        #[command(flatten)]
        group: OneGroup,
        #[command(flatten)]
        sure: Confirmation,
    },
    /// Leave a group
    #[command(after_help = "Example:\n  kandy group leave --user anna 8a5c…")]
    Leave(OneGroup),
    /// Mute a group for the user only
    #[command(after_help = "Example:\n  kandy group mute --user anna 8a5c…")]
    Mute(OneGroup),
    /// Unmute a group for the user
    #[command(after_help = "Example:\n  kandy group unmute --user anna 8a5c…")]
    Unmute(OneGroup),
    #[command(subcommand)]
    Member(Member),
}

/// Manage members of a group
#[derive(Subcommand)]
pub(crate) enum Member {
    /// List the members of a group
    #[command(after_help = "Example:\n  kandy group member list --user russ 8a5c…")]
    List {
        #[command(flatten)]
        group: OneGroup,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Add users to a group
    #[command(after_help = "Example:\n  kandy group member add --user russ 8a5c… anna@example.com")]
    Add(ExtraFields),
    /// Remove users from a group
    #[command(after_help = "Example:\n  kandy group member remove --user russ 8a5c… anna@example.com")]
    Remove(ExtraFields),
    /// Mute members for the whole group
    #[command(after_help = "Example:\n  kandy group member mute --user russ 8a5c… anna@example.com")]
    Mute(ExtraFields),
    /// Unmute members
    #[command(after_help = "Example:\n  kandy group member unmute --user russ 8a5c… anna@example.com")]
    Unmute(ExtraFields),
}

/// Selects a group and the acting user.
#[derive(Args)]
pub(crate) struct OneGroup {
    #[command(flatten)]
    user: UserArguments,
    /// Id of the group
    group_id: String,
}

/// Selects a group and users to add, remove, mute or unmute.
#[derive(Args)]
pub(crate) struct ExtraFields {
    #[command(flatten)]
    group: OneGroup,
    /// User ids, with or without the domain
    #[arg(required = true, value_name = "FULL_USER_ID")]
    members: Vec<String>,
}

/// Image of a group.
#[derive(Args)]
pub(crate) struct Image {
    /// Content id of the image, from `kandy file put`
    #[arg(long, value_name = "CONTENT_ID")]
    image: Option<String>,
    /// Name of the image
    #[arg(long, value_name = "NAME", requires = "image")]
    image_name: Option<String>,
}

const GROUPS: OutputSchema = OutputSchema {
    name: "groups",
    operation: "group_list",
    at: "/groups",
    id: "group_id",
    columns: &["group_id", "group_name", "owners", "members", "muted"],
};
const GROUP: OutputSchema = OutputSchema { operation: "group_get", at: "", ..GROUPS };
const CREATED: OutputSchema = OutputSchema { operation: "group_create", at: "", columns: &["group_id"], ..GROUPS };
const MEMBERS: OutputSchema = OutputSchema {
    name: "members",
    operation: "group_get",
    at: "/members",
    id: "full_user_id",
    columns: &["full_user_id", "muted"],
};

impl Group {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, list } => {
                let view = ListView::new(&list.list).compact(list.wide.wide, &["muted", "owners"]);
                context.list_as(context.user(&user)?.groups(), &GROUPS, row, &view).await
            }
            Self::Show(group) => context.show(group.handle(context)?.details(), &GROUP).await,
            Self::Create { user, name, image } => {
                let mut call = context.user(&user)?.create_group(name);
                if let Some(image) = image.group_image() {
                    call = call.image(image);
                }
                context.show(call, &CREATED).await
            }
            Self::Update { group, name, image } => {
                let mut call = group.handle(context)?.update();
                if let Some(name) = name {
                    call = call.name(name);
                }
                if let Some(image) = image.group_image() {
                    call = call.image(image);
                }
                context.change(call, group.said("changed")).await
            }
            Self::Delete { group, sure } => {
                let call = group.handle(context)?.delete();
                sure.ask(context, format_args!("group {:?}", group.group_id), "its messages, for all members").await?;
                context.change(call, group.said("deleted")).await
            }
            Self::Leave(group) => context.change(group.handle(context)?.leave(), group.said("left")).await,
            Self::Mute(group) => context.change(group.handle(context)?.mute(), group.said("muted")).await,
            Self::Unmute(group) => context.change(group.handle(context)?.unmute(), group.said("unmuted")).await,
            Self::Member(command) => command.run(context).await,
        }
    }
}

impl Member {
    async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { group, list } => {
                context.list(group.handle(context)?.details(), &MEMBERS, &ListView::new(&list)).await
            }
            Self::Add(ExtraFields { group, members }) => {
                let members = context.full_user_ids(&group.user, members).await?;
                let done = group.said(format_args!("added {} to", count(&members)));
                context.change(group.handle(context)?.add_members(members), done).await
            }
            Self::Remove(ExtraFields { group, members }) => {
                let members = context.full_user_ids(&group.user, members).await?;
                let done = group.said(format_args!("removed {} from", count(&members)));
                context.change(group.handle(context)?.remove_members(members), done).await
            }
            Self::Mute(ExtraFields { group, members }) => {
                let members = context.full_user_ids(&group.user, members).await?;
                let done = group.said(format_args!("muted {} in", count(&members)));
                context.change(group.handle(context)?.mute_members(members), done).await
            }
            Self::Unmute(ExtraFields { group, members }) => {
                let members = context.full_user_ids(&group.user, members).await?;
                let done = group.said(format_args!("unmuted {} in", count(&members)));
                context.change(group.handle(context)?.unmute_members(members), done).await
            }
        }
    }
}

impl OneGroup {
    fn handle(&self, context: &Context) -> Result<kandy::Group> {
        Ok(context.user(&self.user)?.group(&*self.group_id))
    }

    fn said(&self, done: impl std::fmt::Display) -> String {
        format!("{done} group {:?}", self.group_id)
    }
}

impl Image {
    fn group_image(self) -> Option<GroupImage> {
        let mut image = GroupImage::default();
        image.content_uuid = Some(self.image?.into());
        image.content_name = self.image_name;
        Some(image)
    }
}

fn count(members: &[String]) -> String {
    match members {
        [one] => one.clone(),
        all => format!("{} users", all.len()),
    }
}

/// Joins the members in one cell.
fn row(mut group: Value) -> Value {
    if let Some(members) = group.as_object_mut() {
        for (name, users) in members {
            if !matches!(name.as_str(), "owners" | "members") {
                continue;
            }
            let ids = users.as_array().into_iter().flatten().map(|user| user["full_user_id"].as_str().unwrap_or("?"));
            *users = ids.collect::<Vec<_>>().join(", ").into();
        }
    }
    group
}
