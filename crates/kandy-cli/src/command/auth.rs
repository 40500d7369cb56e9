use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Profiles: where calls go, and with whose credentials
#[derive(Subcommand)]
pub(crate) enum Auth {
    /// Not written yet
    Status,
}

impl Auth {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
