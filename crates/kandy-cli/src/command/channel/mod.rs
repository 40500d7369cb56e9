//! `kandy channel`: the data channel of a user.
//!
//! ```text
//! watch       prints the frames
//! frame       the forms of a frame: its text, and JSON
//! follow      reads frames until the channel ends
//! frame_mask  masks credentials in frames
//! reason      why there is no channel
//! ```
//!
//! `kandy session watch`, `session data send` and `message watch` use it, too.

mod follow;
mod frame;
mod frame_mask;
mod reason;
mod watch;

use clap::Subcommand;

use self::watch::Watch;
pub(super) use self::{
    follow::{follow, print_state, until_signal},
    frame::{FRAMES, print},
    frame_mask::FrameMask,
    reason::reason,
};
use crate::{context::Context, failure::Result};

/// Follow the data channel of a user, on which the service pushes messages and events
#[derive(Subcommand)]
pub(crate) enum Channel {
    Watch(Watch),
}

impl Channel {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Watch(command) => command.run(context).await,
        }
    }
}
