use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Personal contacts of a user
#[derive(Subcommand)]
pub(crate) enum Contact {
    /// Not written yet
    List,
}

impl Contact {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
