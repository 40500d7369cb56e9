//! `kandy directory`: the directory of the domain.

use clap::{Subcommand, ValueEnum};
use serde_json::Value;

use crate::{
    arguments::{ListArguments, UserArguments},
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema, rename_fields},
};

/// List and search the directory of the domain, as a user sees it
#[derive(Subcommand)]
pub(crate) enum Directory {
    /// List all users in the directory
    #[command(after_help = "Example:\n  kandy directory list --user russ")]
    List {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Search for users
    #[command(after_help = "Example:\n  kandy directory search anna --by name --user russ")]
    Search {
        /// Text to search for
        text: String,
        /// Search only this field (default: all fields)
        #[arg(long, value_name = "FIELD")]
        by: Option<By>,
        #[command(flatten)]
        list: ListArguments,
        #[command(flatten)]
        user: UserArguments,
    },
}

/// The field to search.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum By {
    /// First and last names
    Name,
    /// Phone numbers
    PhoneNumber,
    /// User ids
    UserId,
}

const CONTACTS: OutputSchema = OutputSchema {
    name: "users in the directory",
    operation: "directory_list",
    at: "/contacts",
    id: "full_user_id",
    columns: &["full_user_id", "user_first_name", "user_last_name", "user_phone_number", "email"],
};
const FOUND: OutputSchema = OutputSchema { operation: "directory_search", ..CONTACTS };

impl Directory {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, list } => {
                context.list_as(context.user(&user)?.directory(), &CONTACTS, spelt, &ListView::new(&list)).await
            }
            Self::Search { text, by, user, list } => {
                let user = context.user(&user)?;
                let call = match by {
                    None => user.search_directory(text),
                    Some(By::Name) => user.search_directory_by_name(text),
                    Some(By::PhoneNumber) => user.search_directory_by_phone_number(text),
                    Some(By::UserId) => user.search_directory_by_user_id(text),
                };
                context.list_as(call, &FOUND, spelt, &ListView::new(&list)).await
            }
        }
    }
}

fn spelt(contact: Value) -> Value {
    rename_fields(
        contact,
        &[("user_first_name", "firstName"), ("user_last_name", "lastName"), ("user_last_name", "last_name")],
    )
}
