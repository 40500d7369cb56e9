use clap::Subcommand;
use kandy_sys::operation::Level;

use super::token::Token;
use crate::{context::Context, failure::Result};

/// The account: its access tokens. Its domains are below `kandy domain`
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
