use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Devices of a user
#[derive(Subcommand)]
pub(crate) enum Device {
    /// Not written yet
    List,
}

impl Device {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
