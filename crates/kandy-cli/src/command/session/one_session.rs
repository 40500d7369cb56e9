//! [`OneSession`]: the arguments of commands that concern one session.

use clap::Args;

use crate::{arguments::UserArguments, context::Context, failure::Result};

/// Selects a session and the acting user.
#[derive(Args)]
pub(crate) struct OneSession {
    #[command(flatten)]
    pub(super) user: UserArguments,
    /// Id of the session
    pub(super) session_id: String,
}

impl OneSession {
    pub(super) fn handle(&self, context: &Context) -> Result<kandy::Session> {
        Ok(context.user(&self.user)?.session(&*self.session_id))
    }

    pub(super) fn said(&self, done: impl std::fmt::Display) -> String {
        format!("{done} session {:?}", self.session_id)
    }
}
