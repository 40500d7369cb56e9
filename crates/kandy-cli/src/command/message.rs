use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Chat messages: send them, look at those that wait, and follow the inbox
#[derive(Subcommand)]
pub(crate) enum Message {
    /// Not written yet
    List,
}

impl Message {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
