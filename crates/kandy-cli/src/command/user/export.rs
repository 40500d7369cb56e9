use clap::Args;

use crate::{context::Context, failure::Result};

/// Write down all users
#[derive(Args)]
pub(crate) struct Export {}

impl Export {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
