//! The commands. Each file is a handle, with what can be done to it in the order of its help.

mod account;

mod address_book;
mod api;
mod auth;
mod completions;
mod contact;
mod conversation;
mod device;
mod directory;
mod domain;
mod emulator;
mod file;
mod group;
mod hunt_group;
mod last_seen;
mod man;
mod message;
mod schema;
mod session;
mod sms;
mod token;
mod user;
mod verify;

use clap::{Parser, Subcommand};

use crate::{arguments::Global, context::Context, failure::Result};

/// Provision, send, look and script the Kandy communications platform
#[derive(Parser)]
#[command(name = "kandy", version, max_term_width = 100, subcommand_required = true, arg_required_else_help = true)]
#[command(after_long_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// They are promised: see `Failure::exit_code`.
const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    something on this machine failed, or an answer cannot be understood
  2    the command line, or something that was given, cannot be used; nothing was sent
  3    the service refused
  4    what was named does not exist
  5    unknown outcome: what was asked may or may not have been done
  6    network: there was no connection, or no answer, and nothing was changed
  7    there is no credential, or it was refused
  8    of many things some failed
  130  interrupted";

/// What is to be done.
#[derive(Subcommand)]
pub(crate) enum Command {
    Emulator(emulator::Emulator),
    /// Profiles: where calls go, and with whose credentials
    #[command(subcommand)]
    Auth(auth::Auth),
    /// The account: its access tokens; its domains are below `kandy domain`
    #[command(subcommand)]
    Account(account::Account),
    /// Domains, which are also called projects: those of the account, and the one that is used
    #[command(subcommand)]
    Domain(domain::Domain),
    /// Users of the domain
    #[command(subcommand)]
    User(user::User),
    /// Devices of a user
    #[command(subcommand)]
    Device(device::Device),
    /// SMS, which cost money
    #[command(subcommand)]
    Sms(sms::Sms),
    /// Chat messages: send them, look at those that wait, and follow the inbox
    #[command(subcommand)]
    Message(message::Message),
    /// Groups of users, who talk
    #[command(subcommand)]
    Group(group::Group),
    /// What was said between a user and another, or in a group
    #[command(subcommand)]
    Conversation(conversation::Conversation),
    /// Files that go along with messages
    #[command(subcommand)]
    File(file::File),
    /// Personal contacts of a user
    #[command(subcommand)]
    Contact(contact::Contact),
    /// The address book of a device, and that of a user
    #[command(subcommand)]
    AddressBook(address_book::AddressBook),
    /// The directory of the domain, as a user sees it
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Hunt groups of the domain, which calls are spread over
    #[command(subcommand)]
    HuntGroup(hunt_group::HuntGroup),
    /// Sessions of users
    #[command(subcommand)]
    Session(session::Session),
    /// Codes that prove who has a phone number
    #[command(subcommand)]
    Verify(verify::Verify),
    Api(api::Api),
    Schema(schema::SchemaOf),
    Completions(completions::Completions),
    Man(man::ManPages),
}

impl Command {
    /// Whether the command puts things in order after Ctrl-C, and says itself what it came to.
    pub(crate) fn sees_to_interrupts(&self) -> bool {
        matches!(
            self,
            Self::User(user::User::Import(_) | user::User::Export(_))
                | Self::Sms(sms::Sms::Send(sms::Send { to_file: Some(_), .. }))
                | Self::Message(message::Message::Watch(_))
                | Self::File(file::File::Get { .. })
        )
    }

    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            // It has no context: see `main`.
            Self::Emulator(_) => Ok(()),
            Self::Auth(command) => command.run(context).await,
            Self::Account(command) => command.run(context).await,
            Self::Domain(command) => command.run(context).await,
            Self::User(command) => command.run(context).await,
            Self::Device(command) => command.run(context).await,
            Self::Sms(command) => command.run(context).await,
            Self::Message(command) => command.run(context).await,
            Self::Group(command) => command.run(context).await,
            Self::Conversation(command) => command.run(context).await,
            Self::File(command) => command.run(context).await,
            Self::Contact(command) => command.run(context).await,
            Self::AddressBook(command) => command.run(context).await,
            Self::Directory(command) => command.run(context).await,
            Self::HuntGroup(command) => command.run(context).await,
            Self::Session(command) => command.run(context).await,
            Self::Verify(command) => command.run(context).await,
            Self::Api(command) => command.run(context).await,
            Self::Schema(command) => command.run(context),
            Self::Completions(command) => command.run(context),
            Self::Man(command) => command.run(context),
        }
    }
}
