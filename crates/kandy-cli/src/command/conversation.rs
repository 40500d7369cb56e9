use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// What was said between a user and another, or in a group
#[derive(Subcommand)]
pub(crate) enum Conversation {
    /// Not written yet
    List,
}

impl Conversation {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
