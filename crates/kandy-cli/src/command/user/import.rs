//! `kandy user import`.

use clap::Args;
use kandy::{CreateUser, Domain};
use serde::{Deserialize, Serialize};

use super::list_target::list_target;
use crate::{
    bulk::{self, BulkArguments, BulkJob, Columns, Fields, Input, QueueableJob, QueuedRow, RowCheck},
    context::Context,
    failure::Result,
    output::OutputSchema,
    queue::Queue,
};

/// Create users from a CSV or JSON Lines file
///
/// CSV columns, or the fields of the JSON object in each line: user_id, user_country_code, user_email, user_first_name,
/// user_last_name and user_password. Only user_id is required. The output of `kandy user export` is valid input; its
/// phone numbers are ignored, because users are created by user id.
///
/// CSV may be UTF-8 or UTF-16, separated by commas, semicolons or tabs; use --encoding and --delimiter for others.
/// Column names are not case-sensitive. A file with an unclosed quote, or with text after a closing quote, is rejected
/// before anything is sent; from stdin, the rows before that point are used. In JSON, an id may be a string or an
/// integer.
///
/// Existing users are skipped and counted, so an import can be repeated. To resume after Ctrl-C, SIGTERM, a closed
/// terminal or a crash, run the same command again: progress is stored in FILE.kandy-import, which contains no names
/// and no passwords and is deleted when all rows are done. You may append rows to the file in between; if a row has
/// changed, the file is rejected.
///
/// Rows that fail are written to a separate file, for users.csv to users.failures.csv, with an `error` column. Correct
/// them and import that file. An existing file of that name, or one that you have edited, is not modified: the rows go
/// to users.failures-2.csv instead.
///
/// A value that begins like one of an export with --escape-formulas, such as '=1 or '+1, is refused: the apostrophe
/// would become part of it. --unescape-formulas removes it.
///
/// A create request without a response is retried up to three times. This is safe: a user that exists by then counts as
/// existing. If the service rejects the credentials, cannot be reached, or stops responding, the import stops instead
/// of failing every row.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy user import users.csv\n  kandy user import users.jsonl --json\n  \
    generate-users | kandy user import - --format csv\n  kandy user import users.failures.csv\n\n\
    Exit codes: 8 some rows failed, 130 interrupted (run the same command again to resume)")]
pub(crate) struct Import {
    /// File to import, or - for stdin
    file: String,
    /// Add the rows to this queue on Redis, and create nothing: `kandy worker` creates the users. redis://HOST[:PORT]/NAME,
    /// or the name of a queue at the server in KANDY_REDIS_URL. Redis then has the complete rows, including passwords
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    #[command(flatten)]
    bulk: BulkArguments,
}

const COLUMNS: Columns = Columns {
    used: &[
        &["user_id"],
        &["user_country_code"],
        &["user_email"],
        &["user_first_name"],
        &["user_last_name"],
        &["user_password"],
    ],
    required: &["user_id"],
    // Columns of an export that are not imported, and the error column of rejected rows.
    ignored: &["user_phone_number", "full_user_id", "domain_name", "user_api_key", "user_api_secret", "error"],
    ids: &["user_id"],
};

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let input = Input::open(&self.file, self.bulk.format)?;
        let users = Users { context, domain: context.domain()? };
        match self.queue.as_deref().map(Queue::open).transpose()? {
            Some(queue) => bulk::enqueue(context, &users, input, &self.bulk, &queue).await,
            None => bulk::run(context, &users, input, &self.bulk).await,
        }
    }
}

/// Job that creates a user for each row.
struct Users<'a> {
    context: &'a Context,
    domain: Domain,
}

impl BulkJob for Users<'_> {
    const NAME: &'static str = "import";
    const NOUNS: [&'static str; 2] = ["user", "users"];
    const VERB: &'static str = "created";
    const OPERATION: &'static str = "user_create";
    const CONCURRENCY: u16 = 32;
    const REPEATABLE: bool = true;
    const SUMMARY: OutputSchema = OutputSchema {
        name: "imports",
        operation: "",
        at: "",
        id: "",
        columns: &["created", "existing", "failed", "unknown", "seconds"],
    };
    type Call = CreateUser;

    fn columns(&self) -> Columns {
        COLUMNS
    }

    fn target(&self) -> Result<u32> {
        list_target(self.context)
    }

    fn check(&self, fields: &mut Fields) -> RowCheck {
        fields.escaped_formula().map_or(RowCheck::Send, RowCheck::Refused)
    }

    fn call(&self, fields: Fields) -> Result<(String, CreateUser)> {
        let row = self.row(fields)?;
        Ok((row.user_id.clone(), row.call(&self.domain)))
    }
}

impl QueueableJob for Users<'_> {
    type Row = UserRow;

    fn queue_target(&self) -> Result<u32> {
        list_target(self.context)
    }

    fn handle(&self) -> &Domain {
        &self.domain
    }

    fn row(&self, mut fields: Fields) -> Result<UserRow> {
        Ok(UserRow {
            user_id: fields.require("user_id")?,
            user_country_code: fields.take("user_country_code"),
            user_email: fields.take("user_email"),
            user_first_name: fields.take("user_first_name"),
            user_last_name: fields.take("user_last_name"),
            user_password: fields.take("user_password"),
        })
    }
}

/// A user of a list.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct UserRow {
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    user_country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    user_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    user_first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    user_last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    user_password: Option<String>,
}

impl QueuedRow for UserRow {
    const KIND: &'static str = Users::NAME;
    type Handle = Domain;
    type Call = CreateUser;

    fn recipient(&self) -> String {
        self.user_id.clone()
    }

    fn call(self, domain: &Domain) -> CreateUser {
        let mut call = domain.create_user(self.user_id);
        if let Some(country_code) = self.user_country_code {
            call = call.country_code(country_code);
        }
        if let Some(email) = self.user_email {
            call = call.email(email);
        }
        if let Some(first_name) = self.user_first_name {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = self.user_last_name {
            call = call.last_name(last_name);
        }
        if let Some(password) = self.user_password {
            call = call.password(password);
        }
        call
    }
}
