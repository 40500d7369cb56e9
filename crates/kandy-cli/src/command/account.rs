//! `kandy account`: access tokens of the account.

use clap::Subcommand;
use kandy_sys::operation::Level;

use super::token::Token;
use crate::{context::Context, failure::Result};

/// Manage access tokens of the account (for its domains, see `kandy domain`)
#[derive(Subcommand)]
pub(crate) enum Account {
    #[command(subcommand)]
    Token(Token),
}

impl Account {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Token(command) => command.run(context, Level::Account).await,
        }
    }
}
