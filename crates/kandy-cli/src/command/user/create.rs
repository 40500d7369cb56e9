//! `kandy user create`.

use clap::Args;
use serde_json::{Value, json};

use crate::{
    call::part, command::verify::PhoneNumber, context::Context, credential::read_secret, failure::Result,
    output::OutputSchema,
};

/// Create a user
///
/// The credentials of the user are printed only with --show-secrets.
#[derive(Args)]
#[command(after_help = "Example:\n  kandy user create russ --country-code US --email russ@example.com")]
pub(crate) struct Create {
    /// User id: the part before the @
    user_id: String,
    /// Country: two letters (US) or a dialling code (1, +1)
    #[arg(long, value_name = "COUNTRY")]
    country_code: Option<String>,
    #[command(flatten)]
    details: Details,
}

/// Create a user whose user id is the dialling code followed by the phone number
///
/// The credentials of the user are printed only with --show-secrets.
#[derive(Args)]
#[command(after_help = "Example:\n  kandy user create-by-phone 3524096582 --country-code US --first-name Anna")]
pub(crate) struct CreateByPhone {
    #[command(flatten)]
    number: PhoneNumber,
    #[command(flatten)]
    details: Details,
}

/// Optional fields of a new user.
#[derive(Args)]
struct Details {
    /// Email address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// First name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// File with the password of the user, or - for stdin (default: the service generates one)
    #[arg(long, value_name = "FILE")]
    password_file: Option<String>,
}

const CREATED: OutputSchema = OutputSchema {
    name: "users",
    operation: "user_create",
    at: "",
    id: "user_id",
    columns: &["user_id", "full_user_id"],
};
const CREATED_BY_PHONE: OutputSchema = OutputSchema { operation: "user_create_by_phone_number", ..CREATED };

/// Sets the optional fields. The builders have the same methods and no common trait.
macro_rules! with_details {
    ($call:expr, $details:expr) => {{
        let (mut call, Details { email, first_name, last_name, password_file }) = ($call, $details);
        if let Some(email) = email {
            call = call.email(email);
        }
        if let Some(first_name) = first_name {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = last_name {
            call = call.last_name(last_name);
        }
        if let Some(file) = password_file {
            call = call.password(read_secret(&file)?);
        }
        call
    }};
}

impl Create {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let mut call = with_details!(context.domain()?.create_user(self.user_id.as_str()), self.details);
        if let Some(country_code) = self.country_code {
            call = call.country_code(country_code);
        }
        context.check_fields(&CREATED)?;
        let Some(result) = context.send(call).await? else { return Ok(()) };
        // The documentation shows an empty result.
        let mut user = part(result, &CREATED)?;
        match &mut user {
            Value::Object(members) => drop(members.entry("user_id").or_insert_with(|| self.user_id.into())),
            other => *other = json!({"user_id": self.user_id}),
        }
        context.output.object(&CREATED, user)
    }
}

impl CreateByPhone {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let PhoneNumber { phone_number, country_code } = self.number;
        let call = with_details!(context.domain()?.create_user_by_phone(phone_number, country_code), self.details);
        context.show(call, &CREATED_BY_PHONE).await
    }
}
