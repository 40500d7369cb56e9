use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Codes that prove who has a phone number
#[derive(Subcommand)]
pub(crate) enum Verify {
    /// Not written yet
    List,
}

impl Verify {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
