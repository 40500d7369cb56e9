//! `kandy message`: chat messages of a device.

mod exec;
mod forward;
mod forward_inbox;
mod id_hash;
mod lock;
mod resend;
mod row;
mod send;
mod source;
mod watch;
mod watch_observer;

use clap::Subcommand;

pub(super) use self::row::{MESSAGES, OPTIONAL, count, row_of_json};
use self::{resend::Resend, send::Send, watch::Watch};
use crate::{
    arguments::{DeviceArguments, LongListArguments},
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::ListView,
};

/// Send chat messages, list pending messages, and follow the inbox
#[derive(Subcommand)]
pub(crate) enum Message {
    Send(Box<Send>),
    /// List the pending messages of the device without deleting them
    ///
    /// On a terminal that is too narrow, ids are omitted and long messages are cut; --wide shows them.
    #[command(after_help = "Example:\n  kandy message list --user anna --jq '.[].message.text'")]
    List {
        #[command(flatten)]
        device: DeviceArguments,
        #[command(flatten)]
        list: LongListArguments,
    },
    /// Delete pending messages of the device
    #[command(after_help = "Example:\n  kandy message delete --user anna 0c67b2f15f1d4a0d9a4f5b7c8d9e0f1a")]
    Delete {
        #[command(flatten)]
        device: DeviceArguments,
        /// Ids of the messages
        #[arg(required = true, value_name = "MESSAGE_ID")]
        messages: Vec<String>,
        #[command(flatten)]
        sure: Confirmation,
    },
    Watch(Box<Watch>),
    Resend(Box<Resend>),
}

impl Message {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Send(command) => command.run(context).await,
            Self::List { device, list } => {
                let view = ListView::new(&list.list).compact(list.wide.wide, OPTIONAL);
                let call = context.device(&device).await?.pending_messages();
                context.list_as(call, &MESSAGES, row_of_json, &view).await
            }
            Self::Delete { device, messages, sure } => {
                let what = count("message", &messages);
                let device = context.device(&device).await?;
                sure.ask(context, format_args!("{what} of device {:?}", device.id().as_str()), "").await?;
                context.change(device.delete_messages(messages), format_args!("deleted {what}")).await
            }
            Self::Watch(command) => command.run(context).await,
            Self::Resend(command) => command.run(context).await,
        }
    }
}
