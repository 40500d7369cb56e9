//! `kandy device`: devices of a user.

use clap::Subcommand;
use serde_json::Value;

use crate::{
    arguments::{ListArguments, UserArguments},
    confirm::Confirmation,
    context::Context,
    failure::Result,
    output::{ListView, OutputSchema},
};

/// Manage devices of a user
#[derive(Subcommand)]
pub(crate) enum Device {
    /// List the devices of the user
    #[command(after_help = "Example:\n  kandy device list --user russ")]
    List {
        #[command(flatten)]
        user: UserArguments,
        #[command(flatten)]
        list: ListArguments,
    },
    /// Create a device, and print its id
    #[command(after_help = "Example:\n  kandy device create --user russ 12345678901234 --family iphone --name iphone6")]
    Create {
        #[command(flatten)]
        user: UserArguments,
        /// Hardware id of the device, such as its UDID, IMEI or MAC address
        native_id: String,
        /// Family of the device, such as iphone
        #[arg(long)]
        family: Option<String>,
        /// Name of the device
        #[arg(long)]
        name: Option<String>,
        /// Version of the operating system
        #[arg(long, value_name = "VERSION")]
        os_version: Option<String>,
        /// Version of the client software; the service drops leading zeros
        #[arg(long, value_name = "VERSION")]
        client_sw_version: Option<String>,
    },
    /// Delete a device of the user and its pending messages
    #[command(after_help = "Example:\n  kandy device delete --user russ A149EBB9A69D4E66B62D26FBDEF440C5")]
    Delete {
        #[command(flatten)]
        user: UserArguments,
        /// Id of the device, its name, or `newest` for the one that was registered last
        #[arg(value_name = "DEVICE_ID")]
        device: String,
        #[command(flatten)]
        sure: Confirmation,
    },
}

const DEVICES: OutputSchema = OutputSchema {
    name: "devices",
    operation: "device_list",
    at: "/devices",
    id: "id",
    columns: &["id", "nativeID", "family", "name", "osVersion", "clientVersion"],
};
const CREATED: OutputSchema =
    OutputSchema { operation: "device_create", at: "", id: "device_id", columns: &["device_id"], ..DEVICES };

/// Aliases of fields: sources disagree on the names.
const ALIASES: [(&str, &str); 6] = [
    ("id", "device_id"),
    ("nativeID", "device_native_id"),
    ("family", "device_family"),
    ("name", "device_name"),
    ("osVersion", "device_os_version"),
    ("clientVersion", "client_sw_version"),
];

impl Device {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::List { user, list } => {
                context.list_as(context.user(&user)?.devices(), &DEVICES, row, &ListView::new(&list)).await
            }
            Self::Create { user, native_id, family, name, os_version, client_sw_version } => {
                let mut call = context.user(&user)?.create_device(native_id);
                if let Some(family) = family {
                    call = call.family(family);
                }
                if let Some(name) = name {
                    call = call.name(name);
                }
                if let Some(os_version) = os_version {
                    call = call.os_version(os_version);
                }
                if let Some(client_sw_version) = client_sw_version {
                    call = call.client_sw_version(client_sw_version);
                }
                context.show(call, &CREATED).await
            }
            Self::Delete { user, device, sure } => {
                let user = context.user(&user)?;
                let found = context.named_device(&user, &device).await?;
                let id = found.id().as_str();
                let what = if device == id { format!("device {id:?}") } else { format!("device {device:?} ({id})") };
                sure.ask(context, &what, "its pending messages and its address book").await?;
                context.change(user.delete_device(found.id()), format_args!("deleted {what}")).await
            }
        }
    }
}

/// Renames aliases to the names of the table.
fn row(mut device: Value) -> Value {
    if let Some(members) = device.as_object_mut() {
        for (name, other) in ALIASES {
            if !members.contains_key(name)
                && let Some(member) = members.remove(other)
            {
                members.insert(name.to_owned(), member);
            }
        }
    }
    device
}
