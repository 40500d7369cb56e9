use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// The directory of the domain, as a user sees it
#[derive(Subcommand)]
pub(crate) enum Directory {
    /// Not written yet
    List,
}

impl Directory {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
