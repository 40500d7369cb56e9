//! `kandy domain register`: registers a user with a code.

use clap::Args;

use crate::{
    command::verify::{Code, PhoneNumber},
    context::Context,
    failure::Result,
    output::OutputSchema,
};

/// Register a user with a code sent by `kandy verify send`
///
/// Checks the code, creates the user and a device, and returns an access token, which is printed only with
/// --show-secrets.
#[derive(Args)]
#[command(after_help = "Example:\n  kandy domain register 4034932232 --country-code US \\\n    \
    --device-native-id 12345678901234 --code-file code.txt")]
pub(crate) struct Register {
    #[command(flatten)]
    number: PhoneNumber,
    /// Hardware id of the device, such as its UDID, IMEI or MAC address
    #[arg(long, value_name = "ID")]
    device_native_id: String,
    #[command(flatten)]
    code: Code,
    /// Version of the client software
    #[arg(long, value_name = "VERSION")]
    client_sw_version: Option<String>,
    /// Type of the client software: JS, android or ios
    #[arg(long, value_name = "TYPE")]
    client_sw_type: Option<String>,
}

const REGISTERED: OutputSchema = OutputSchema {
    name: "registrations",
    operation: "registration_create",
    at: "",
    id: "user_id",
    columns: &["user_id", "full_user_id", "device_id"],
};

impl Register {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let PhoneNumber { phone_number, country_code } = self.number;
        let code = self.code.read(context)?;
        let mut call = context.domain()?.register(phone_number, country_code, code, self.device_native_id);
        if let Some(version) = self.client_sw_version {
            call = call.client_sw_version(version);
        }
        if let Some(kind) = self.client_sw_type {
            call = call.client_sw_type(kind);
        }
        context.show(call, &REGISTERED).await
    }
}
