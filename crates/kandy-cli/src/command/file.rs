use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Files that go along with messages
#[derive(Subcommand)]
pub(crate) enum File {
    /// Not written yet
    List,
}

impl File {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
