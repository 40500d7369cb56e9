//! `kandy conversation`: the message history of a user.

use std::num::NonZeroU32;

use clap::{Args, Subcommand, ValueEnum};

use super::message::{MESSAGES, OPTIONAL, count, row_of_json};
use crate::{
    arguments::{ListArguments, UserArguments, Wide},
    confirm::Confirmation,
    context::Context,
    device_name::is_device_id,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Read and delete the message history of a user with another user or a group
#[derive(Subcommand)]
pub(crate) enum Conversation {
    /// List the conversations of the user
    #[command(after_help = "Example:\n  kandy conversation list --user russ --json")]
    List {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        list: ListArguments,
    },
    /// List the messages of a conversation
    #[command(
        after_help = "Example:\n  kandy conversation messages --user russ anna@example.com --order backward --limit 20"
    )]
    Messages {
        #[command(flatten)]
        conversation: OneConversation,
        /// Maximum number of messages
        #[arg(long, value_name = "N")]
        limit: Option<NonZeroU32>,
        /// Start at the message with this number in the conversation
        #[arg(long, value_name = "NUMBER")]
        from: Option<i64>,
        /// Start at this time, in milliseconds since 1970
        #[arg(long, value_name = "TIME")]
        timestamp: Option<i64>,
        /// Direction from the start
        #[arg(long)]
        order: Option<Order>,
        /// List only messages with this text in one of the columns, in upper or lower case
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        #[command(flatten)]
        wide: Wide,
    },
    /// Delete messages of a conversation for the user
    #[command(
        after_help = "Example:\n  kandy conversation delete-messages --user russ anna@example.com 0c67b2f1-5f1d-4a0d-9a4f-5b7c8d9e0f1a"
    )]
    DeleteMessages {
        #[command(flatten)]
        conversation: OneConversation,
        /// Ids of the messages
        #[arg(required = true, value_name = "MESSAGE_ID")]
        messages: Vec<String>,
        #[command(flatten)]
        sure: Confirmation,
    },
    /// Delete conversations for the user
    #[command(after_help = "Example:\n  kandy conversation delete --user russ anna@example.com")]
    Delete {
        #[command(flatten)]
        user: UserArguments,
        /// Conversation ids: user ids, with or without the domain, or group ids
        #[arg(required = true, value_name = "CONVERSATION_ID")]
        conversations: Vec<String>,
        #[command(flatten)]
        sure: Confirmation,
    },
}

/// Selects a conversation and its user.
#[derive(Args)]
pub(crate) struct OneConversation {
    #[command(flatten)]
    user: UserArguments,
    /// Id of the conversation: the user id of the other user, with or without the domain, or the group id
    conversation_id: String,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Order {
    /// Oldest to newest
    Forward,
    /// Newest to oldest
    Backward,
}

/// The fields of a conversation are undocumented. The id is the field that Kandy's JavaScript SDK reads.
const CONVERSATIONS: OutputSchema = OutputSchema {
    name: "conversations",
    operation: "",
    at: "/conversations",
    id: "conversation_id",
    columns: &["conversation_id"],
};
const OF_CONVERSATION: OutputSchema = OutputSchema { operation: "conversation_message_list", ..MESSAGES };

impl Conversation {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, list } => {
                context.list(context.user(&user)?.conversations(), &CONVERSATIONS, &ListView::new(&list)).await
            }
            Self::Messages { conversation, limit, from, timestamp, order, search, wide } => {
                let mut call = conversation.handle(context).await?.messages();
                if let Some(limit) = limit {
                    call = call.number_of_records(limit.get());
                }
                if let Some(from) = from {
                    call = call.message_sequence_number(from);
                }
                if let Some(timestamp) = timestamp {
                    call = call.timestamp(timestamp);
                }
                if let Some(order) = order {
                    call = call.order(order.into());
                }
                let view = ListView::searching(search.as_deref()).compact(wide.wide, OPTIONAL);
                context.list_as(call, &OF_CONVERSATION, row_of_json, &view).await
            }
            Self::DeleteMessages { conversation, messages, sure } => {
                let what = count("message", &messages);
                let call = conversation.handle(context).await?.delete_messages(messages);
                sure.ask(context, format_args!("{what} for the user"), "").await?;
                context.change(call, format_args!("deleted {what}")).await
            }
            Self::Delete { user, mut conversations, sure } => {
                for conversation in &mut conversations {
                    *conversation = conversation_id(context, &user, std::mem::take(conversation)).await?;
                }
                let what = count("conversation", &conversations);
                let call = context.user(&user)?.delete_conversations(conversations);
                sure.ask(context, format_args!("{what} for the user"), "all messages in it").await?;
                context.change(call, format_args!("deleted {what}")).await
            }
        }
    }
}

impl OneConversation {
    async fn handle(&self, context: &Context) -> Result<kandy::Conversation> {
        let id = conversation_id(context, &self.user, self.conversation_id.clone()).await?;
        Ok(context.user(&self.user)?.conversation(id))
    }
}

/// Completes the id of a user with the domain. Ids of groups are unchanged: they have the same form as ids of devices.
async fn conversation_id(context: &Context, user: &UserArguments, id: String) -> Result<String> {
    if is_device_id(&id) { Ok(id) } else { context.full_user_id(user, id).await }
}

impl From<Order> for kandy::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Forward => Self::Forward,
            Order::Backward => Self::Backward,
        }
    }
}
