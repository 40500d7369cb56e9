//! `kandy contact export`.

use std::path::Path;

use clap::{Args, ValueEnum};
use kandy::PersonalContact;

use super::{columns::EXPORTED, entry::NewContact, vcard};
use crate::{
    arguments::UserArguments,
    command::export_file::{ExportFile, SpreadsheetOptions},
    context::Context,
    failure::{Failure, Result},
};

/// Export the personal contacts of a user in a format that `kandy contact import` reads
///
/// Both formats have the fields of the API; vCard is version 3.0, which Google Contacts, Outlook and phones import, with the
/// user name in X-KANDY-USER-NAME. A file is moved into place when it is complete, and only you can read it.
///
/// For a spreadsheet, use --escape-formulas and --bom: contacts are what users typed, and a spreadsheet evaluates values that
/// begin like a formula. With --escape-formulas all phone numbers with + get an apostrophe. Without it, a spreadsheet takes
/// +14055671234 for the number 14055671234, and saves it without the +.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy contact export --user russ --output contacts.vcf\n  \
    kandy contact export --user russ --output contacts.csv --escape-formulas --bom\n  \
    kandy contact export --user russ --format vcard | kandy contact import - --format vcard --user anna")]
pub(crate) struct Export {
    /// File to write, or - for stdout
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: String,
    /// Output format (default: from the file extension, otherwise CSV)
    #[arg(long)]
    format: Option<ContactFormat>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    spreadsheet: SpreadsheetOptions,
    #[command(flatten)]
    user: UserArguments,
}

/// Format of exported contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ContactFormat {
    /// Values separated by commas; the first line names the columns
    Csv,
    /// One card per contact (vCard 3.0)
    #[value(alias = "vcf")]
    Vcard,
}

impl Export {
    pub(super) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported by an export; `kandy contact list --dry-run` shows the request")?;
        if context.output.is_json() {
            return Err(Failure::usage(
                "--json and --jq are not supported by an export. Use --format, or `kandy contact list`.",
            ));
        }
        let extension = Path::new(&self.output).extension().map(|extension| extension.to_ascii_lowercase());
        let format = self.format.unwrap_or(match extension.as_deref().and_then(|extension| extension.to_str()) {
            Some("vcf" | "vcard") => ContactFormat::Vcard,
            _ => ContactFormat::Csv,
        });
        self.spreadsheet.check(format == ContactFormat::Csv)?;
        let call = context.user(&self.user)?.contacts();
        // Created first, so that a file that cannot be written is found before the request.
        let mut file = ExportFile::create(context, &self.output, self.force)?;
        let contacts = file.wait(async { call.await }).await??;
        if format == ContactFormat::Csv {
            file.write(self.spreadsheet.header(&[&["contact_id"], &EXPORTED[..]].concat()))?;
        }
        let count = contacts.len() as u64;
        for contact in contacts {
            let contact_id = contact.contact_id.as_ref().map(|id| id.as_str().to_owned());
            let contact = fields(contact);
            file.write(match format {
                ContactFormat::Csv => self.spreadsheet.row([contact_id.as_deref()].into_iter().chain(values(&contact))),
                ContactFormat::Vcard => Ok(vcard::write(&contact).into_bytes()),
            })?;
        }
        file.finish(count, "contact")
    }
}

fn fields(contact: PersonalContact) -> NewContact {
    NewContact {
        user_name: contact.user_name.unwrap_or_default(),
        nickname: contact.nickname.unwrap_or_default(),
        first_name: contact.first_name,
        last_name: contact.last_name,
        home_phone: contact.home_phone,
        mobile_number: contact.mobile_number,
        business_number: contact.business_number,
        fax: contact.fax,
        email: contact.email,
        left_out: 0,
    }
}

/// Returns the values of the columns [`EXPORTED`].
fn values(contact: &NewContact) -> [Option<&str>; EXPORTED.len()] {
    [
        Some(&*contact.user_name),
        Some(&*contact.nickname),
        contact.first_name.as_deref(),
        contact.last_name.as_deref(),
        contact.home_phone.as_deref(),
        contact.mobile_number.as_deref(),
        contact.business_number.as_deref(),
        contact.fax.as_deref(),
        contact.email.as_deref(),
    ]
}
