use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Sessions of users
#[derive(Subcommand)]
pub(crate) enum Session {
    /// Not written yet
    List,
}

impl Session {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
