use clap::{ArgMatches, Args};

use crate::{arguments::Global, failure::Result};

/// Serve a local Kandy until Ctrl-C
#[derive(Args)]
pub(crate) struct Emulator {}

impl Emulator {
    pub(crate) fn run(self, _global: &Global, _matches: &ArgMatches) -> Result {
        Ok(())
    }
}
