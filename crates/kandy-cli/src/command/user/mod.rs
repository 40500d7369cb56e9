mod export;
mod import;

use clap::Subcommand;

use super::token::UserToken;
use crate::{context::Context, failure::Result};

/// Users of the domain
#[derive(Subcommand)]
pub(crate) enum User {
    Import(import::Import),
    Export(export::Export),
    #[command(subcommand)]
    Token(UserToken),
}

impl User {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Import(command) => command.run(context).await,
            Self::Export(command) => command.run(context).await,
            Self::Token(command) => command.run(context).await,
        }
    }
}
