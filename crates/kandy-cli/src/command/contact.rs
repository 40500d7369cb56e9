//! `kandy contact`: personal contacts of a user.

mod columns;
mod entry;
mod export;
mod import;
mod vcard;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::{
    arguments::{ListArguments, UserArguments},
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema, rename_fields},
};

/// Manage personal contacts of a user
#[derive(Subcommand)]
pub(crate) enum Contact {
    /// List the personal contacts of a user
    #[command(after_help = "Example:\n  kandy contact list --user russ")]
    List {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Create a contact, and print its id
    #[command(after_help = "Example:\n  kandy contact create anna@example.com --nickname anna --user russ")]
    Create(Create),
    Import(import::Import),
    Export(export::Export),
    /// Delete a contact
    #[command(after_help = "Example:\n  kandy contact delete 9e018d28484242be83f090c7323bf275 --user russ")]
    Delete {
        /// Id of the contact
        contact_id: String,
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        sure: Confirmation,
    },
}

/// Fields of a new contact.
#[derive(Args)]
pub(crate) struct Create {
    /// User id of the contact, with or without the domain
    #[arg(value_name = "FULL_USER_ID")]
    user_name: String,
    /// Nickname of the contact
    #[arg(long, value_name = "NAME")]
    nickname: String,
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Home phone number
    #[arg(long, value_name = "PHONE_NUMBER")]
    home_phone: Option<String>,
    /// Mobile phone number
    #[arg(long, value_name = "PHONE_NUMBER")]
    mobile_number: Option<String>,
    /// Work phone number
    #[arg(long, value_name = "PHONE_NUMBER")]
    business_number: Option<String>,
    /// Fax number
    #[arg(long, value_name = "PHONE_NUMBER")]
    fax: Option<String>,
    /// Email address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    #[command(flatten)]
    user: UserArguments,
}

const CONTACTS: OutputSchema = OutputSchema {
    name: "contacts",
    operation: "personal_contact_list",
    at: "/contacts",
    id: "contact_id",
    columns: &["contact_id", "contact_user_name", "contact_nickname", "contact_first_name", "contact_last_name"],
};
const CREATED: OutputSchema = OutputSchema {
    name: "contacts",
    operation: "personal_contact_create",
    at: "",
    id: "contact_id",
    columns: &["contact_id"],
};

impl Contact {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, list } => {
                context.list_as(context.user(&user)?.contacts(), &CONTACTS, spelt, &ListView::new(&list)).await
            }
            Self::Create(contact) => contact.run(context).await,
            Self::Import(command) => command.run(context).await,
            Self::Export(command) => command.run(context).await,
            Self::Delete { contact_id, user, sure } => {
                sure.ask(context, format_args!("contact {contact_id:?}"), "").await?;
                let done = format!("deleted contact {contact_id:?}");
                context.change(context.user(&user)?.delete_contact(contact_id), done).await
            }
        }
    }
}

impl Create {
    async fn run(self, context: &Context) -> Result {
        let user_name = context.full_user_id(&self.user, self.user_name).await?;
        let mut call = context.user(&self.user)?.create_contact(user_name, self.nickname);
        if let Some(first_name) = self.first_name {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = self.last_name {
            call = call.last_name(last_name);
        }
        if let Some(home_phone) = self.home_phone {
            call = call.home_phone(home_phone);
        }
        if let Some(mobile_number) = self.mobile_number {
            call = call.mobile_number(mobile_number);
        }
        if let Some(business_number) = self.business_number {
            call = call.business_number(business_number);
        }
        if let Some(fax) = self.fax {
            call = call.fax(fax);
        }
        if let Some(email) = self.email {
            call = call.email(email);
        }
        context.show(call, &CREATED).await
    }
}

fn spelt(contact: Value) -> Value {
    rename_fields(
        contact,
        &[
            ("contact_user_name", "name"),
            ("contact_nickname", "nickname"),
            ("contact_first_name", "first_name"),
            ("contact_last_name", "last_name"),
        ],
    )
}
