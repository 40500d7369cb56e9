//! `kandy contact import`.

use std::cell::Cell;

use clap::Args;
use kandy::{CreatePersonalContact, User};

use super::{
    columns,
    entry::{Entry, NewContact},
    vcard,
};
use crate::{
    arguments::UserArguments,
    bulk::{self, BulkArguments, BulkJob, Columns, Fields, Input, RowCheck, short_hash},
    context::Context,
    credential::Setting,
    failure::{Failure, Result},
    output::OutputSchema,
};

/// Create contacts from vCard, or from CSV of Google Contacts, Outlook or an export
///
/// A file ending in .vcf is vCard 2.1, 3.0 or 4.0 with one or more cards; for stdin use --format vcard. CSV is recognized
/// by its columns, in English: those of Google Contacts before and since 2024, of Outlook, and of `kandy contact export`.
/// Columns that a contact has no field for, such as addresses, are ignored. JSON Lines have the fields of an export.
///
/// A contact has a user name, a nickname, two names, an email address, and one phone number each at home, mobile, at work
/// and for fax. Numbers without a known type fill the fields that are left. Further numbers and addresses are left out, and
/// counted at the end. Photos are skipped, however large. The user name of the API is a user id with the domain: lists of
/// other programs have none, so the email address becomes it. A contact without one is rejected, unless
/// --user-name-from-phone is given. A missing nickname is the name, the organization, the email address or the phone number.
///
/// No contact is created twice: a repeated import of the same contacts would create all of them again, so FILE.kandy-contacts
/// records each one before it is sent, and its outcome afterwards, and is kept. Cards are recorded by their place in the
/// file, which may grow at its end. To resume after Ctrl-C, SIGTERM, a closed terminal or a crash, run the same command
/// again. A contact that was started but got no response is written, for list.vcf, to list.unknown.vcf. Those that failed
/// are written to list.failures.vcf, cards without their photos, with the reason in X-KANDY-ERROR. Correct them and import
/// that file.
///
/// A value that begins like one of an export with --escape-formulas, such as '+1, is refused: the apostrophe would become
/// part of it. --unescape-formulas removes it.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy contact import contacts.vcf --user russ\n  \
    kandy contact import google.csv --dry-run --user russ\n  \
    kandy contact import phone.vcf --user-name-from-phone --user russ\n\n\
    Exit codes: 5 some contacts have an unknown outcome, 8 some failed, 130 interrupted (run the same command \
    again to resume)")]
pub(crate) struct Import {
    /// File to import, or - for stdin
    file: String,
    /// Name a contact without a user name and an email address by its phone number, as `kandy user create-by-phone` names
    /// users: 14055671234@DOMAIN_NAME. The number must have + and the country code
    #[arg(long)]
    user_name_from_phone: bool,
    #[command(flatten)]
    user: UserArguments,
    #[command(flatten)]
    bulk: BulkArguments,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> Result {
        let input = Input::open_contacts(&self.file, self.bulk.format)?;
        let domain = match self.user_name_from_phone {
            true => Some(context.domain_name(Some(&self.user)).await?),
            false => None,
        };
        let job = ContactJob {
            user: context.user(&self.user)?,
            target: target(context, &self.user, self.user_name_from_phone)?,
            domain,
            left_out: Cell::new(0),
        };
        let outcome = bulk::run(context, &job, input, &self.bulk).await;
        match job.left_out.get() {
            0 => {}
            1 => context.output.status("left out, as a contact has no room for it: 1 phone number or email address"),
            more => context.output.status(format_args!(
                "left out, as a contact has no room for them: {more} phone numbers or email addresses"
            )),
        }
        outcome
    }
}

/// Returns a hash of the user and the options. A token of the user changes, so it identifies only a user without an id.
fn target(context: &Context, user: &UserArguments, from_phone: bool) -> Result<u32> {
    let has_id = user.user.is_some() || context.settings().text(Setting::UserId)?.is_some();
    let id = if has_id { context.user_id(user)? } else { String::new() };
    let domain = match context.settings().secret(Setting::DomainApiKey)? {
        Some(key) => Some(key.expose().to_owned()),
        None if has_id => None,
        None => context.cache_key(Some(user))?,
    };
    let from_phone = if from_phone { "user-name-from-phone" } else { "" };
    Ok(short_hash([context.kandy()?.base_url(), &*domain.unwrap_or_default(), &*id, from_phone]))
}

/// Job that creates a contact for each card or row.
struct ContactJob {
    user: User,
    target: u32,
    /// The domain of user names that are made of phone numbers.
    domain: Option<String>,
    /// How many values of the contacts were left out.
    left_out: Cell<usize>,
}

impl ContactJob {
    fn contact(&self, fields: &Fields) -> Result<NewContact, String> {
        let entry: Entry = match fields.card() {
            Some(card) => vcard::read(card)?,
            None => columns::entry(fields),
        };
        entry.into_contact(self.domain.as_deref())
    }
}

impl BulkJob for ContactJob {
    const NAME: &'static str = "contacts";
    const NOUNS: [&'static str; 2] = ["contact", "contacts"];
    const VERB: &'static str = "created";
    const OPERATION: &'static str = "personal_contact_create";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = false;
    const SUMMARY: OutputSchema = OutputSchema {
        name: "imports",
        operation: "",
        at: "",
        id: "",
        columns: &["created", "failed", "unknown", "seconds"],
    };
    const TARGET: &'static str = "the base URL, the user or --user-name-from-phone";
    type Call = CreatePersonalContact;

    fn columns(&self) -> Columns {
        columns::COLUMNS
    }

    fn target(&self) -> Result<u32> {
        Ok(self.target)
    }

    fn check(&self, fields: &mut Fields) -> RowCheck {
        if let Some(reason) = fields.escaped_formula() {
            return RowCheck::Refused(reason);
        }
        match self.contact(fields) {
            Ok(_) => RowCheck::Send,
            Err(reason) => RowCheck::Refused(reason),
        }
    }

    fn call(&self, fields: Fields) -> Result<(String, CreatePersonalContact)> {
        let contact = self.contact(&fields).map_err(|reason| {
            Failure::local(format!("internal error: a contact that cannot be used was accepted: {reason}"))
        })?;
        self.left_out.set(self.left_out.get() + contact.left_out);
        Ok((contact.user_name.clone(), contact.call(&self.user)))
    }
}
