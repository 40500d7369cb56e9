//! `kandy address-book`: the address book of a device.

use std::{fs, io};

use clap::Subcommand;
use kandy::AddressBookEntry;
use serde::Deserialize;

use crate::{
    arguments::{DeviceArguments, ListArguments},
    confirm::Confirmation,
    context::Context,
    failure::{Failure, Result},
    output::{ListView, OutputSchema},
};

/// Manage the address book of a device, or show that of a user
#[derive(Subcommand)]
pub(crate) enum AddressBook {
    /// Show the contacts in the address book of a device, or of all devices of the user
    #[command(after_help = "Example:\n  kandy address-book show --user russ")]
    Show {
        /// Show the contacts of all devices of the user
        #[arg(long, conflicts_with = "device")]
        all_devices: bool,
        #[command(flatten)]
        device: DeviceArguments,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Upload contacts to the address book of a device
    ///
    /// The file contains a JSON array of contacts: {"first_name": "John", "last_name": "Doe", "numbers":
    /// ["+14055671234"]}. The names are optional. The API does not document whether an upload replaces existing
    /// contacts.
    #[command(after_help = "Example:\n  kandy address-book upload contacts.json --user russ")]
    Upload {
        /// File with the contacts, or - for stdin
        file: String,
        #[command(flatten)]
        device: DeviceArguments,
    },
    /// Delete all contacts in the address book of a device
    #[command(after_help = "Example:\n  kandy address-book delete --user russ")]
    Delete {
        #[command(flatten)]
        device: DeviceArguments,
        #[command(flatten)]
        sure: Confirmation,
    },
    /// Show what the service knows about the numbers in the address book of a device
    #[command(after_help = "Example:\n  kandy address-book hints --user russ")]
    Hints(DeviceArguments),
}

const CONTACTS: OutputSchema = OutputSchema {
    name: "contacts",
    operation: "device_address_book_get",
    at: "/contacts",
    id: "number",
    columns: &["number", "firstName", "lastName", "hintType"],
};
const OF_ALL_DEVICES: OutputSchema = OutputSchema {
    operation: "user_device_address_book_get",
    columns: &["number", "firstName", "lastName", "hintType", "deviceId"],
    ..CONTACTS
};
/// The response is undocumented.
const HINTS: OutputSchema =
    OutputSchema { name: "hints", operation: "", at: "", id: "number", columns: &["number", "hintType"] };

impl AddressBook {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Show { all_devices: false, device, list } => {
                let device = context.device(&device).await?;
                context.list(device.address_book(), &CONTACTS, &ListView::new(&list)).await
            }
            Self::Show { all_devices: true, device, list } => {
                let user = context.user(&device.user)?;
                context.list(user.device_address_book(), &OF_ALL_DEVICES, &ListView::new(&list)).await
            }
            Self::Upload { file, device } => {
                let contacts = read(&file)?;
                let done = match contacts.len() {
                    1 => "uploaded 1 contact".to_owned(),
                    number => format!("uploaded {number} contacts"),
                };
                context.change(context.device(&device).await?.upload_address_book(contacts), done).await
            }
            Self::Delete { device, sure } => {
                let device = context.device(&device).await?;
                let what = format!("all contacts in the address book of device {:?}", device.id().as_str());
                sure.ask(context, what, "").await?;
                let done = format!("deleted the address book of device {:?}", device.id().as_str());
                context.change(device.delete_address_book(), done).await
            }
            Self::Hints(device) => {
                context.list_likely(context.device(&device).await?.address_book_hints(), &HINTS, &ListView::ALL).await
            }
        }
    }
}

/// A contact in the input file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[serde(alias = "firstName")]
    first_name: Option<String>,
    #[serde(alias = "lastName")]
    last_name: Option<String>,
    numbers: Vec<String>,
}

/// Reads the contacts in a file, or on stdin for `-`.
fn read(file: &str) -> Result<Vec<AddressBookEntry>> {
    let (place, text) = match file {
        "-" => ("stdin", io::read_to_string(io::stdin())),
        file => (file, fs::read_to_string(file)),
    };
    let text = text.map_err(|error| Failure::of_input(place, &error))?;
    let entries: Vec<Entry> = serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("{place}: it is not a JSON array of contacts: {error}")))?;
    if entries.is_empty() {
        return Err(Failure::usage(format!("{place}: it contains no contacts")));
    }
    Ok(entries.into_iter().map(AddressBookEntry::from).collect())
}

impl From<Entry> for AddressBookEntry {
    fn from(entry: Entry) -> Self {
        let mut contact = Self::new(entry.numbers);
        contact.first_name = entry.first_name;
        contact.last_name = entry.last_name;
        contact
    }
}
