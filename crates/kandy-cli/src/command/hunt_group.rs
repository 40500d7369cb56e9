use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// Hunt groups of the domain, which calls are spread over
#[derive(Subcommand)]
pub(crate) enum HuntGroup {
    /// Not written yet
    List,
}

impl HuntGroup {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
