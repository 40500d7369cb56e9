use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Groups of users, who talk
#[derive(Subcommand)]
pub(crate) enum Group {
    /// Not written yet
    List,
}

impl Group {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
