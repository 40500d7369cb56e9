use clap::Subcommand;

use crate::{context::Context, failure::Result};

/// The address book of a device, and that of a user
#[derive(Subcommand)]
pub(crate) enum AddressBook {
    /// Not written yet
    List,
}

impl AddressBook {
    pub(crate) async fn run(self, _context: &Context) -> Result {
        Ok(())
    }
}
