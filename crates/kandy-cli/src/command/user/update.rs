//! `kandy user update --from-file`.

use clap::Args;
use kandy::{Domain, SetUserProfile};

use super::{list_target::list_target, listed_id::has_domain};
use crate::{
    bulk::{self, BulkArguments, BulkJob, Columns, Fields, Input, RowCheck},
    context::Context,
    failure::Result,
    output::OutputSchema,
};

/// Update the profiles of users from a CSV or JSON Lines file
///
/// CSV columns, or the fields of the JSON object in each line: user_id, first_name, last_name, status_text,
/// image_details and user_data. Only user_id and one of the others are required. They are the profile that a user shows to
/// other users: the API changes nothing else of an existing user, so a file with other columns is rejected.
///
/// Only the values of the file are sent. A missing column and an empty value leave the field as it is, as far as the
/// service keeps what a request leaves out: the emulator does, of the live service it is not known. Try a file with one
/// row first, and compare `kandy user profile show` before and after. `kandy user profile update` changes one user.
///
/// Each row takes an access token of the user, which the domain creates, and an update. --rate limits the updates. To
/// resume after Ctrl-C, SIGTERM, a closed terminal or a crash, run the same command again: progress is stored in
/// FILE.kandy-update, which is deleted when all rows are done. An update can be repeated, so a request without a response
/// is retried. Rows that fail, such as those of unknown users, are written, for users.csv, to users.failures.csv.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy user update --from-file profiles.csv\n  \
    kandy user update --from-file profiles.jsonl --rate 10/s --json\n\n\
    Exit codes: 8 some rows failed, 130 interrupted (run the same command again to resume)")]
pub(crate) struct Update {
    /// File with the new values, or - for stdin
    #[arg(long, value_name = "FILE")]
    from_file: String,
    #[command(flatten)]
    bulk: BulkArguments,
}

const COLUMNS: Columns = Columns {
    used: &[&["user_id"], &["first_name"], &["last_name"], &["status_text"], &["image_details"], &["user_data"]],
    required: &["user_id"],
    ignored: &["full_user_id", "domain_name", "error"],
    ids: &["user_id"],
};

impl Update {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let input = Input::open(&self.from_file, self.bulk.format)?;
        let job = UpdateJob { context, domain: context.domain_with_secret()? };
        bulk::run(context, &job, input, &self.bulk).await
    }
}

/// Job that sets the profile of the user of each row.
struct UpdateJob<'a> {
    context: &'a Context,
    domain: Domain,
}

impl BulkJob for UpdateJob<'_> {
    const NAME: &'static str = "update";
    const NOUNS: [&'static str; 2] = ["user", "users"];
    const VERB: &'static str = "updated";
    const OPERATION: &'static str = "user_profile_set";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = true;
    const SUMMARY: OutputSchema = OutputSchema {
        name: "updates",
        operation: "",
        at: "",
        id: "",
        columns: &["updated", "failed", "unknown", "seconds"],
    };
    type Call = SetUserProfile;

    fn columns(&self) -> Columns {
        COLUMNS
    }

    fn target(&self) -> Result<u32> {
        list_target(self.context)
    }

    fn check(&self, fields: &mut Fields) -> RowCheck {
        let wrong_id = || has_domain(fields.get("user_id").unwrap_or_default());
        if let Some(reason) = fields.escaped_formula().or_else(wrong_id) {
            return RowCheck::Refused(reason);
        }
        match COLUMNS.used[1..].iter().any(|names| fields.get(names[0]).is_some()) {
            true => RowCheck::Send,
            false => RowCheck::Refused("it has no value to set; an empty value leaves a field as it is".into()),
        }
    }

    fn is_existing(_: &kandy::Error) -> bool {
        false
    }

    /// The access token of the user cannot be created, because there is no such user.
    fn concerns_row(error: &kandy::Error) -> bool {
        error.is_not_found()
    }

    fn call(&self, mut fields: Fields) -> Result<(String, SetUserProfile)> {
        let user_id = fields.require("user_id")?;
        let mut call = self.domain.user(user_id.as_str()).set_profile();
        if let Some(first_name) = fields.take("first_name") {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = fields.take("last_name") {
            call = call.last_name(last_name);
        }
        if let Some(status_text) = fields.take("status_text") {
            call = call.status_text(status_text);
        }
        if let Some(image_details) = fields.take("image_details") {
            call = call.image_details(image_details);
        }
        if let Some(user_data) = fields.take("user_data") {
            call = call.user_data(user_data);
        }
        Ok((user_id, call))
    }
}
