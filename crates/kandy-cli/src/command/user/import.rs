use clap::Args;

use crate::{context::Context, failure::Result};

/// Create users from a list
#[derive(Args)]
pub(crate) struct Import {}

impl Import {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
