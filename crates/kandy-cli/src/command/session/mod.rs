//! `kandy session`: sessions and their participants.

mod data;
mod one_session;
mod watch;

use clap::{Args, Subcommand};
use serde_json::Value;

use self::{data::Data, one_session::OneSession, watch::Watch};
use crate::{
    arguments::{LongListArguments, UserArguments},
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Manage sessions and their participants
#[derive(Subcommand)]
pub(crate) enum Session {
    /// List the sessions of the domain
    #[command(after_help = "Example:\n  kandy session list --user russ --type support")]
    List {
        #[command(flatten)]
        user: UserArguments,
        /// List only sessions of this type, such as support or cobrowsing
        #[arg(long = "type", value_name = "TYPE")]
        session_type: Option<String>,
        /// List only sessions that the user created
        #[arg(long, conflicts_with = "session_type")]
        mine: bool,
        #[command(flatten)]
        list: LongListArguments,
    },
    /// Show a session and its participants
    #[command(after_help = "Example:\n  kandy session show --user russ --name 'Help with my phone'")]
    Show {
        #[command(flatten)]
        user: UserArguments,
        /// Id of the session
        #[arg(required_unless_present = "name")]
        session_id: Option<String>,
        /// Find the session by name instead of id
        #[arg(long, conflicts_with = "session_id")]
        name: Option<String>,
    },
    /// Create a session that the user administers, and print its id
    #[command(after_help = "Example:\n  kandy session create --user russ --type support --name 'Help with my phone'")]
    Create {
        #[command(flatten)]
        user: UserArguments,
        /// Type of the session, such as support or cobrowsing
        #[arg(long = "type", value_name = "TYPE")]
        session_type: Option<String>,
        /// Name of the session
        #[arg(long)]
        name: Option<String>,
        /// Description of the session
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
        #[command(flatten)]
        shown: ShownAs,
    },
    /// Delete a session
    #[command(after_help = "Example:\n  kandy session delete --user russ 9b7e…")]
    Delete {
        #[command(flatten)]
        session: OneSession,
        #[command(flatten)]
        sure: Confirmation,
    },
    /// Start a session
    #[command(after_help = "Example:\n  kandy session start --user russ 9b7e…")]
    Start(OneSession),
    /// Stop a session
    #[command(after_help = "Example:\n  kandy session stop --user russ 9b7e…")]
    Stop(OneSession),
    /// Request to join a session
    #[command(after_help = "Example:\n  kandy session join --user anna 9b7e… --nickname Annie")]
    Join {
        #[command(flatten)]
        session: OneSession,
        #[command(flatten)]
        shown: ShownAs,
    },
    /// Leave a session
    #[command(after_help = "Example:\n  kandy session leave --user anna 9b7e… --reason 'It works now'")]
    Leave {
        #[command(flatten)]
        session: OneSession,
        #[command(flatten)]
        reason: Reason,
    },
    /// Accept a join request
    #[command(after_help = "Example:\n  kandy session accept --user russ 9b7e… anna@example.com")]
    Accept(OneParticipant),
    /// Reject a join request
    #[command(after_help = "Example:\n  kandy session reject --user russ 9b7e… anna@example.com --reason 'Too late'")]
    Reject {
        #[command(flatten)]
        participant: OneParticipant,
        #[command(flatten)]
        reason: Reason,
    },
    /// Remove a participant from a session
    #[command(after_help = "Example:\n  kandy session boot --user russ 9b7e… anna@example.com --reason 'Too loud'")]
    Boot {
        #[command(flatten)]
        participant: OneParticipant,
        #[command(flatten)]
        reason: Reason,
    },
    /// Send data to participants of a session
    #[command(subcommand)]
    Data(Data),
    Watch(Watch),
}

/// Selects a participant of a session, or a user with a join request.
#[derive(Args)]
pub(crate) struct OneParticipant {
    #[command(flatten)]
    session: OneSession,
    /// User id of the participant, with or without the domain
    full_user_id: String,
}

#[derive(Args)]
pub(crate) struct Reason {
    /// Reason
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Details of the user that other participants see.
#[derive(Args)]
pub(crate) struct ShownAs {
    /// Nickname shown to other participants
    #[arg(long, value_name = "NAME")]
    nickname: Option<String>,
    /// First name shown to other participants
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name shown to other participants
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Phone number shown to other participants
    #[arg(long, value_name = "NUMBER")]
    phone_number: Option<String>,
    /// Email address shown to other participants
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
}

const SESSIONS: OutputSchema = OutputSchema {
    name: "sessions",
    operation: "session_list",
    at: "/sessions",
    id: "session_id",
    columns: &["session_id", "session_type", "session_name", "session_status", "admin_full_user_id", "participants"],
};
const BY_TYPE: OutputSchema = OutputSchema { operation: "session_list_by_type", ..SESSIONS };
/// Columns of the list that may be omitted, the first one first.
const OPTIONAL: &[&str] = &["admin_full_user_id", "session_type", "participants"];
const OWN: OutputSchema = OutputSchema { operation: "session_list_by_creator", ..SESSIONS };
const SESSION: OutputSchema = OutputSchema { operation: "session_get", at: "/session", ..SESSIONS };
const BY_NAME: OutputSchema = OutputSchema { operation: "session_get_by_name", at: "/session", ..SESSIONS };
const CREATED: OutputSchema =
    OutputSchema { operation: "session_create", at: "", columns: &["session_id"], ..SESSIONS };

/// Sets the details that other participants see. The builders have the same methods and no common trait.
macro_rules! shown {
    ($call:expr, $shown:expr) => {{
        let (mut call, shown) = ($call, $shown);
        if let Some(nickname) = shown.nickname {
            call = call.nickname(nickname);
        }
        if let Some(first_name) = shown.first_name {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = shown.last_name {
            call = call.last_name(last_name);
        }
        if let Some(phone_number) = shown.phone_number {
            call = call.phone_number(phone_number);
        }
        if let Some(email) = shown.email {
            call = call.email(email);
        }
        call
    }};
}

/// Sets the reason, for builders with that method.
macro_rules! because {
    ($call:expr, $reason:expr) => {{
        let call = $call;
        match $reason.reason {
            Some(reason) => call.reason(reason),
            None => call,
        }
    }};
}

impl Session {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, session_type, mine, list } => {
                let view = ListView::new(&list.list).compact(list.wide.wide, OPTIONAL);
                let user = context.user(&user)?;
                match session_type {
                    _ if mine => context.list_as(user.own_sessions(), &OWN, row, &view).await,
                    Some(kind) => context.list_as(user.sessions_by_type(kind), &BY_TYPE, row, &view).await,
                    None => context.list_as(user.sessions(), &SESSIONS, row, &view).await,
                }
            }
            Self::Show { user, name: Some(name), .. } => {
                context.show(context.user(&user)?.session_by_name(name), &BY_NAME).await
            }
            Self::Show { user, session_id, .. } => {
                let session = context.user(&user)?.session(session_id.unwrap_or_default());
                context.show(session.details(), &SESSION).await
            }
            Self::Create { user, session_type, name, description, shown } => {
                let mut call = shown!(context.user(&user)?.create_session(), shown);
                if let Some(session_type) = session_type {
                    call = call.session_type(session_type);
                }
                if let Some(name) = name {
                    call = call.name(name);
                }
                if let Some(description) = description {
                    call = call.description(description);
                }
                context.show(call, &CREATED).await
            }
            Self::Delete { session, sure } => {
                let call = session.handle(context)?.delete();
                sure.ask(context, format_args!("session {:?}", session.session_id), "its participants").await?;
                context.change(call, session.said("deleted")).await
            }
            Self::Start(session) => context.change(session.handle(context)?.start(), session.said("started")).await,
            Self::Stop(session) => context.change(session.handle(context)?.stop(), session.said("stopped")).await,
            Self::Join { session, shown } => {
                let call = shown!(session.handle(context)?.join(), shown);
                context.change(call, session.said("requested to join")).await
            }
            Self::Leave { session, reason } => {
                let call = because!(session.handle(context)?.leave(), reason);
                context.change(call, session.said("left")).await
            }
            Self::Accept(OneParticipant { session, full_user_id }) => {
                let full_user_id = context.full_user_id(&session.user, full_user_id).await?;
                let call = session.handle(context)?.accept(&*full_user_id);
                context.change(call, session.said(format_args!("accepted {full_user_id} into"))).await
            }
            Self::Reject { participant: OneParticipant { session, full_user_id }, reason } => {
                let full_user_id = context.full_user_id(&session.user, full_user_id).await?;
                let call = because!(session.handle(context)?.reject(&*full_user_id), reason);
                context.change(call, session.said(format_args!("rejected {full_user_id} from"))).await
            }
            Self::Boot { participant: OneParticipant { session, full_user_id }, reason } => {
                let full_user_id = context.full_user_id(&session.user, full_user_id).await?;
                let call = because!(session.handle(context)?.boot(&*full_user_id), reason);
                context.change(call, session.said(format_args!("removed {full_user_id} from"))).await
            }
            Self::Data(command) => command.run(context).await,
            Self::Watch(command) => command.run(context).await,
        }
    }
}

/// Joins the participants in one cell, and marks those whose join request is pending.
fn row(mut session: Value) -> Value {
    if let Some(participants) = session.get_mut("participants").filter(|all| all.is_array()) {
        let all = participants.as_array().into_iter().flatten().map(|participant| {
            let user = participant["full_user_id"].as_str().unwrap_or("?");
            match participant["status"].as_str() {
                None | Some("approved") => user.to_owned(),
                Some(status) => format!("{user} ({status})"),
            }
        });
        *participants = all.collect::<Vec<_>>().join(", ").into();
    }
    session
}
