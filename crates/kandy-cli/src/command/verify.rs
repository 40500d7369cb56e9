//! `kandy verify`: verification of phone numbers.

use std::io::{self, IsTerminal};

use clap::{Args, Subcommand};
use kandy::Secret;

use crate::{
    context::{Context, UNKNOWN},
    credential::{prompt_secret, read_secret},
    failure::Result,
    output::OutputSchema,
};

/// Verify phone numbers with codes sent by SMS
#[derive(Subcommand)]
pub(crate) enum Verify {
    /// Send a code to a phone number by SMS (costs money)
    #[command(after_help = "Example:\n  kandy verify send 4034932232 --country-code US")]
    Send {
        #[command(flatten)]
        number: PhoneNumber,
    },
    /// Check a code received by SMS
    ///
    /// A wrong code is not an error: the output has `valid` false. The API does not document whether a check consumes
    /// the code.
    #[command(
        after_help = "Example:\n  kandy verify check --phone-number 4034932232 --country-code US --code-file code.txt"
    )]
    Check {
        /// Phone number that the code was sent to, in national or international format
        #[arg(long, value_name = "PHONE_NUMBER")]
        phone_number: Option<String>,
        /// Country of the number: two letters (US) or a dialling code (1, +1)
        #[arg(long, value_name = "COUNTRY", visible_alias = "default-country")]
        country_code: Option<String>,
        #[command(flatten)]
        code: Code,
    },
}

/// A phone number of a country.
#[derive(Args)]
pub(crate) struct PhoneNumber {
    /// Phone number, in national or international format
    pub(super) phone_number: String,
    /// Country of the number: two letters (US) or a dialling code (1, +1)
    #[arg(long, value_name = "COUNTRY", visible_alias = "default-country")]
    pub(super) country_code: String,
}

/// The source of a validation code.
#[derive(Args)]
pub(crate) struct Code {
    /// File with the code, or - for stdin (default: prompt on the terminal, or read stdin)
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    code_file: String,
}

impl Code {
    pub(super) fn read(&self, context: &Context) -> Result<Secret> {
        // A dry run does not show the code, so do not prompt for it.
        if context.is_dry_run() && self.code_file == "-" {
            return Ok(UNKNOWN.into());
        }
        match self.code_file == "-" && io::stdin().is_terminal() {
            true => prompt_secret("Code"),
            false => read_secret(&self.code_file),
        }
    }
}

const CHECKED: OutputSchema = OutputSchema {
    name: "checks",
    operation: "verification_code_check",
    at: "",
    id: "valid",
    columns: &["valid", "message"],
};

impl Verify {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let domain = context.domain()?;
        match self {
            Self::Send { number: PhoneNumber { phone_number, country_code } } => {
                let done = format!("sent a code to {phone_number:?}");
                context.change(domain.send_verification_code(phone_number, country_code), done).await
            }
            Self::Check { phone_number, country_code, code } => {
                let mut call = domain.check_verification_code(code.read(context)?);
                if let Some(phone_number) = phone_number {
                    call = call.phone_number(phone_number);
                }
                if let Some(country_code) = country_code {
                    call = call.country_code(country_code);
                }
                context.show(call, &CHECKED).await
            }
        }
    }
}
