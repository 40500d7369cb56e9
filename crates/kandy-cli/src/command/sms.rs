use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// SMS, which cost money
#[derive(Subcommand)]
pub(crate) enum Sms {
    /// Not written yet
    List,
}

impl Sms {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
