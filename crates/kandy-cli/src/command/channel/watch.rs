//! `kandy channel watch`.

use std::{num::NonZeroU64, ops::ControlFlow};

use clap::Args;

use super::{
    follow::{follow, until_signal},
    frame::{FRAMES, print},
};
use crate::{arguments::UserArguments, context::Context, failure::Result};

/// Print each frame of the data channel of the user on one line, as it was received
///
/// Credentials are masked, unless --show-secrets is given. With --json each frame is printed as a JSON object, and --jq
/// runs on each frame; a frame that is no JSON object is the member `frame` of one.
///
/// Changes of the state of the channel are shown on stderr. A lost channel is opened again; frames that the service
/// pushed in between are lost, but messages stay in the inbox. The command deletes no message.
#[derive(Args)]
#[command(after_help = "Examples:
  kandy channel watch --user anna
  kandy channel watch --user anna --count 1 --jq '.message.message.text'")]
pub(crate) struct Watch {
    #[command(flatten)]
    user: UserArguments,
    /// Stop after this number of frames
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
}

impl Watch {
    pub(super) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported, because the frames come over a connection that stays open")?;
        context.check_fields(&FRAMES)?;
        let user = context.user(&self.user)?;
        let mut count = 0;
        until_signal(follow(context, &user, |frame| {
            print(context, frame)?;
            count += 1;
            Ok(match self.count {
                Some(most) if count >= most.get() => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        }))
        .await
    }
}
