use clap::Args;
use kandy::{CreateUser, Domain};

use crate::{
    bulk::{self, BulkArguments, Columns, Fields, Input, Work, short_hash},
    context::Context,
    credential::Setting,
    failure::Result,
    output::Shape,
};

/// Create users from a list, as many as there are
///
/// The columns of CSV, or the members of an object in each line of JSON, are user_id, user_country_code, user_email,
/// user_first_name, user_last_name and user_password. Only user_id has to be there. What `kandy user export` writes is
/// such a list; its phone numbers are passed over, since users are made by their ids.
///
/// CSV may be in UTF-8 or UTF-16, with commas, semicolons or tabs; --encoding and --delimiter name others. Names of columns
/// may be in any case. A file with a quote that is not closed, or that is followed by more of its value, is refused as a
/// whole before anything is sent; stdin is read up to there. In JSON, an id may be a text or an integer.
///
/// Users who are there already are passed over and counted, so an import can be repeated. When it is interrupted, with
/// Ctrl-C, SIGTERM, a closed terminal or otherwise, the same command goes on where it was: what is done stands in
/// FILE.kandy-import, which holds no names and no passwords, and goes away when all is done. Rows may be added at the end
/// of the file in between; it is refused when a row in it has changed.
///
/// Rows that fail are written to another file, of users.csv to users.failures.csv, with a column `error`. Mend them, and
/// import that file. A file that is there already, or that you have changed, stays as it is: rows go to
/// users.failures-2.csv then.
///
/// A user whose creation got no answer is created again, up to three times, which is harmless: one who is there by then
/// counts as existing. When the service lets nobody in, cannot be reached, or answers nothing any more, the import stops
/// instead of failing every row.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy user import users.csv\n  kandy user import users.jsonl --json\n  \
    generate-users | kandy user import - --format csv\n  kandy user import users.failures.csv\n\n\
    Exit code 8: some rows failed. 130: interrupted, the same command goes on.")]
pub(crate) struct Import {
    /// The file, or - for stdin
    file: String,
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
    // What an export has besides, and the reason why a row failed before.
    ignored: &["user_phone_number", "full_user_id", "domain_name", "user_api_key", "user_api_secret", "error"],
    ids: &["user_id"],
};

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Result {
        let input = Input::open(&self.file, self.bulk.format)?;
        let users = Users { context, domain: context.domain()? };
        bulk::run(context, &users, input, &self.bulk).await
    }
}

/// Users to create.
struct Users<'a> {
    context: &'a Context,
    domain: Domain,
}

impl Work for Users<'_> {
    const NAME: &'static str = "import";
    const NOUNS: [&'static str; 2] = ["user", "users"];
    const VERB: &'static str = "created";
    const OPERATION: &'static str = "user_create";
    const CONCURRENCY: u16 = 32;
    const REPEATABLE: bool = true;
    const SUMMARY: Shape = Shape {
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
        let [key] = self.context.secrets([Setting::DomainApiKey])?;
        Ok(short_hash([self.context.kandy()?.base_url(), key.expose()]))
    }

    fn call(&self, mut fields: Fields) -> Result<(String, CreateUser)> {
        let user_id = fields.require("user_id")?;
        let mut call = self.domain.create_user(user_id.as_str());
        if let Some(country_code) = fields.take("user_country_code") {
            call = call.country_code(country_code);
        }
        if let Some(email) = fields.take("user_email") {
            call = call.email(email);
        }
        if let Some(first_name) = fields.take("user_first_name") {
            call = call.first_name(first_name);
        }
        if let Some(last_name) = fields.take("user_last_name") {
            call = call.last_name(last_name);
        }
        if let Some(password) = fields.take("user_password") {
            call = call.password(password);
        }
        Ok((user_id, call))
    }
}
