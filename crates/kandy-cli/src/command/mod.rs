//! The commands: one file per noun, with its verbs in the order of the help.
//!
//! `Arguments` is the root of the command line. `last_seen`, `token` and `verify` have parts that several nouns share.

mod account;
mod address_book;
mod api;
mod auth;
mod channel;
mod completions;
mod contact;
mod conversation;
mod definition;
mod device;
mod directory;
mod docs;
mod domain;
mod emulator;
mod export_file;
mod file;
mod global_options;
mod group;
mod help;
mod hunt_group;
mod last_seen;
mod man;
mod message;
mod parse;
mod queue;
mod schema;
mod session;
mod sms;
mod token;
mod user;
mod verify;
mod version;
mod worker;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{arguments::Global, context::Context, failure::Result, output::Output, terminal};

/// Manage and script the Kandy communications platform
#[derive(Parser)]
#[command(name = "kandy", version = version::LONG, max_term_width = terminal::MAX_HELP_WIDTH, subcommand_required = true, arg_required_else_help = true)]
#[command(after_long_help = docs::EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Returns the definition of the whole command line. Commands that need it get it as an argument.
pub(crate) fn definition() -> clap::Command {
    definition::complete(Arguments::command())
}

/// Parses the command line.
pub(crate) fn parse(line: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    Arguments::from_arg_matches(&parse::parse(definition, line)?)
}

/// The subcommands.
#[derive(Subcommand)]
pub(crate) enum Command {
    Emulator(emulator::Emulator),
    /// Manage profiles: the base URL and the credentials of calls
    #[command(subcommand)]
    Auth(auth::Auth),
    /// Manage access tokens of the account (for its domains, see `kandy domain`)
    #[command(subcommand)]
    Account(account::Account),
    /// Manage the domains (projects) of the account, and the selected domain
    #[command(subcommand)]
    Domain(domain::Domain),
    /// Manage users of the domain
    #[command(subcommand)]
    User(user::User),
    /// Manage devices of a user
    #[command(subcommand)]
    Device(device::Device),
    /// Send SMS (costs money)
    #[command(subcommand)]
    Sms(sms::Sms),
    /// Show and clear queues of rows, which workers send
    #[command(subcommand)]
    Queue(queue::QueueCommand),
    Worker(worker::Worker),
    /// Send chat messages, list pending messages, and follow the inbox
    #[command(subcommand)]
    Message(message::Message),
    /// Manage chat groups
    #[command(subcommand)]
    Group(group::Group),
    /// Read and delete the message history of a user with another user or a group
    #[command(subcommand)]
    Conversation(conversation::Conversation),
    /// Upload and download files of messages
    #[command(subcommand)]
    File(file::File),
    /// Manage personal contacts of a user
    #[command(subcommand)]
    Contact(contact::Contact),
    /// Manage the address book of a device, or show that of a user
    #[command(subcommand)]
    AddressBook(address_book::AddressBook),
    /// List and search the directory of the domain, as a user sees it
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Manage hunt groups of the domain, which distribute calls among users
    #[command(subcommand)]
    HuntGroup(hunt_group::HuntGroup),
    /// Manage sessions and their participants
    #[command(subcommand)]
    Session(session::Session),
    /// Follow the data channel of a user, on which the service pushes messages and events
    #[command(subcommand)]
    Channel(channel::Channel),
    /// Verify phone numbers with codes sent by SMS
    #[command(subcommand)]
    Verify(verify::Verify),
    Api(api::Api),
    Schema(schema::SchemaOf),
    Completions(completions::Completions),
    Man(man::ManPages),
    Docs(docs::Docs),
    Help(help::Help),
    Version(version::Version),
}

impl Command {
    /// Whether the command handles Ctrl-C itself: it cleans up and reports the result.
    pub(crate) fn handles_signals(&self) -> bool {
        matches!(
            self,
            Self::User(user::User::Import(_) | user::User::Export(_))
                | Self::Sms(sms::Sms::Send(sms::Send { to_file: Some(_), .. }))
                | Self::Message(message::Message::Watch(_) | message::Message::Resend(_))
                | Self::Session(session::Session::Watch(_))
                | Self::Channel(channel::Channel::Watch(_))
                | Self::File(file::File::Get { .. })
                | Self::Worker(_)
        )
    }

    /// Runs a command that needs no settings, so that it works where they are invalid. Returns any other command.
    pub(crate) fn run_without_settings(self, output: &Output) -> Result<Option<Self>> {
        match self {
            Self::Docs(command) => command.run(output, definition)?,
            Self::Help(command) => command.run(output, definition)?,
            Self::Version(command) => command.run(output)?,
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            // They have no context: see `main`.
            Self::Emulator(_) | Self::Docs(_) | Self::Help(_) | Self::Version(_) => Ok(()),
            Self::Auth(command) => command.run(context).await,
            Self::Account(command) => command.run(context).await,
            Self::Domain(command) => command.run(context).await,
            Self::User(command) => command.run(context).await,
            Self::Device(command) => command.run(context).await,
            Self::Sms(command) => command.run(context).await,
            Self::Queue(command) => command.run(context).await,
            Self::Worker(command) => command.run(context).await,
            Self::Message(command) => command.run(context).await,
            Self::Group(command) => command.run(context).await,
            Self::Conversation(command) => command.run(context).await,
            Self::File(command) => command.run(context).await,
            Self::Contact(command) => command.run(context).await,
            Self::AddressBook(command) => command.run(context).await,
            Self::Directory(command) => command.run(context).await,
            Self::HuntGroup(command) => command.run(context).await,
            Self::Session(command) => command.run(context).await,
            Self::Channel(command) => command.run(context).await,
            Self::Verify(command) => command.run(context).await,
            Self::Api(command) => command.run(context).await,
            Self::Schema(command) => command.run(context),
            Self::Completions(command) => command.run(context),
            Self::Man(command) => command.run(context, definition()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest;

    #[test]
    fn definition_is_consistent() {
        definition().debug_assert();
    }

    #[test]
    fn suggested_commands_exist() {
        for command in suggest::suggested_commands() {
            let path = command.split(" --").next().unwrap_or_default();
            let path = path.strip_prefix("docs ").map_or(path, |_| "docs");
            assert!(parse::exists(&definition(), path), "{command}");
        }
    }
}
