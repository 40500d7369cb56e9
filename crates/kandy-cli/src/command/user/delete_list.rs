//! `kandy user delete --from-file`: deletes the users of a list.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    path::PathBuf,
};

use clap::Args;
use kandy::{ApiKey, DeleteUser, Domain, RateLimit, User};

use super::{list_target::list_target, listed_id::has_domain};
use crate::{
    bulk::{self, BulkArguments, BulkJob, Columns, Fields, Format, Input, ReadArguments, RowCheck},
    confirm::NumberConfirmation,
    context::{Context, UNKNOWN},
    failure::{Failure, Result},
    output::OutputSchema,
};

/// Options of a deletion from a file: those of other lists, without `--yes`, which is not enough here.
#[derive(Args)]
pub(super) struct ListOptions {
    /// Format of the file (default: from the file extension)
    #[arg(long)]
    format: Option<Format>,
    /// Number of concurrent calls (default: 8)
    #[arg(long, value_name = "CALLS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: Option<u16>,
    /// Maximum rate of deletions, such as 10/s or 600/min (default: none)
    #[arg(long, value_name = "RATE", value_parser = bulk::rate)]
    rate: Option<RateLimit>,
    /// Journal file that records progress (default: next to FILE)
    #[arg(long, value_name = "PATH")]
    journal: Option<PathBuf>,
    /// Discard the recorded progress and process all rows again
    #[arg(long)]
    restart: bool,
    /// File for failed rows (default: next to FILE, with a number added if that file exists)
    #[arg(long, value_name = "PATH")]
    failures: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadArguments,
    #[command(flatten)]
    sure: NumberConfirmation,
}

impl ListOptions {
    /// Returns whether any of the options was given. clap does not say that they require `--from-file`, because that
    /// conflicts with user ids.
    pub(super) fn is_given(&self) -> bool {
        let Self { format, concurrency, rate, journal, restart, failures, reading, sure } = self;
        *restart
            || reading.is_given()
            || sure.is_given()
            || format.is_some()
            || concurrency.is_some()
            || rate.is_some()
            || journal.is_some()
            || failures.is_some()
    }
}

/// The user id; the others are columns of an export, which is valid input, and of rejected rows.
const COLUMNS: Columns = Columns {
    used: &[&["user_id"]],
    required: &["user_id"],
    ignored: &[
        "user_country_code",
        "user_email",
        "user_first_name",
        "user_last_name",
        "user_phone_number",
        "user_password",
        "user_api_key",
        "user_api_secret",
        "full_user_id",
        "domain_name",
        "error",
    ],
    ids: &["user_id"],
};

/// The maximum size of one user in the list of the domain.
const MAX_USER_SIZE: usize = 1024 * 1024;

/// Deletes the users of a file.
pub(super) async fn run(context: &Context, file: &str, has_yes: bool, options: ListOptions) -> Result {
    let ListOptions { format, concurrency, rate, journal, restart, failures, reading, sure } = options;
    sure.check(context, file, has_yes)?;
    context.limit_responses(MAX_USER_SIZE);
    let input = Input::open(file, format)?;
    let job = DeleteJob {
        context,
        domain: context.domain()?,
        list: file.to_owned(),
        sure,
        users: RefCell::default(),
        rows: Cell::new(0),
    };
    let arguments =
        BulkArguments { format, concurrency, rate, journal, restart, failures, reading, ..BulkArguments::default() };
    bulk::run(context, &job, input, &arguments).await
}

/// What the domain has for a user id of the list.
enum Listed {
    /// No user.
    Missing,
    /// A user, whom this key names.
    Key(ApiKey<User>),
    /// A user without a key.
    NoKey,
}

/// Job that deletes the user of each row.
///
/// The API deletes a user by API key. One list of the domain has the keys of all users, where a lookup for each row would
/// take two more calls and an access token. Memory grows with the list of the file, and not with the domain.
struct DeleteJob<'a> {
    context: &'a Context,
    domain: Domain,
    list: String,
    sure: NumberConfirmation,
    /// The users of the list, who are confirmed. No other user is deleted, whatever happens to the file.
    users: RefCell<HashMap<String, Listed>>,
    rows: Cell<u64>,
}

impl DeleteJob<'_> {
    /// Finds the API keys. Returns how many users exist, and the name of the domain.
    async fn look_up(&self) -> Result<(usize, Option<String>)> {
        let (mut found, mut domain_name) = (0, None);
        let mut all = self.domain.users().stream();
        while let Some(user) = all.try_next().await? {
            let mut users = self.users.borrow_mut();
            let Some(listed) = users.get_mut(user.user_id.as_str()) else { continue };
            *listed = user.api_key.map_or(Listed::NoKey, Listed::Key);
            found += 1;
            domain_name = domain_name.or(user.domain_name);
        }
        Ok((found, domain_name))
    }

    /// Describes the deletion.
    fn facts(&self, found: usize, domain_name: Option<&str>) -> String {
        let (list, number) = (&self.list, self.users.borrow().len());
        let users = |number| if number == 1 { "user" } else { "users" };
        let domain = domain_name.map_or_else(|| "the domain".to_owned(), |name| format!("domain {name:?}"));
        let rows = match self.rows.get() {
            rows if rows == number as u64 => String::new(),
            rows => format!(", in {rows} rows"),
        };
        let missing = match number - found {
            0 => String::new(),
            missing => format!(" {missing} of the list {} not exist.", if missing == 1 { "does" } else { "do" }),
        };
        format!(
            "{list} lists {number} {}{rows}. Deletes {found} {} of {domain} and all that belongs to them: devices, messages \
             and contacts.{missing} This cannot be undone.",
            users(number),
            users(found),
        )
    }
}

/// Returns why a row cannot be used. It counts for nothing, so a wrong id must not look like that of a user who is gone.
fn unusable(fields: &Fields) -> Option<String> {
    fields.escaped_formula().or_else(|| has_domain(fields.get("user_id").unwrap_or_default()))
}

impl BulkJob for DeleteJob<'_> {
    const NAME: &'static str = "delete";
    const NOUNS: [&'static str; 2] = ["user", "users"];
    const VERB: &'static str = "deleted";
    const OPERATION: &'static str = "user_delete";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = true;
    const SUMMARY: OutputSchema = OutputSchema {
        name: "deletions",
        operation: "",
        at: "",
        id: "",
        columns: &["deleted", "missing", "failed", "unknown", "seconds"],
    };
    const EXISTING: &'static str = "did not exist";
    const READS_AHEAD: bool = true;
    type Call = DeleteUser;

    fn columns(&self) -> Columns {
        COLUMNS
    }

    fn target(&self) -> Result<u32> {
        list_target(self.context)
    }

    fn note(&self, fields: &Fields) {
        if let Some(user_id) = fields.get("user_id").filter(|_| unusable(fields).is_none()) {
            self.users.borrow_mut().insert(user_id.to_owned(), Listed::Missing);
            self.rows.set(self.rows.get() + 1);
        }
    }

    async fn begin(&self) -> Result {
        let number = self.users.borrow().len();
        self.sure.check_number(&self.list, number)?;
        if number == 0 {
            return Ok(());
        }
        let (found, domain_name) = self.look_up().await?;
        if found == 0 {
            return Ok(());
        }
        self.sure.ask(self.context, &self.list, number, &self.facts(found, domain_name.as_deref())).await
    }

    fn check(&self, fields: &mut Fields) -> RowCheck {
        let user_id = fields.get("user_id").unwrap_or_default();
        if let Some(reason) = unusable(fields) {
            return RowCheck::Refused(reason);
        }
        if self.context.is_dry_run() {
            return RowCheck::Send;
        }
        match self.users.borrow().get(user_id) {
            Some(Listed::Key(_)) => RowCheck::Send,
            Some(Listed::Missing) => RowCheck::Existing,
            Some(Listed::NoKey) => RowCheck::Refused(
                "the service did not return the API key of the user, which a deletion requires".into(),
            ),
            None => RowCheck::Refused(
                "the file has changed since the deletion was confirmed, and this user was not in it".into(),
            ),
        }
    }

    /// The user is gone, perhaps by an attempt of this run whose response was lost.
    fn is_existing(error: &kandy::Error) -> bool {
        error.is_not_found()
    }

    fn call(&self, mut fields: Fields) -> Result<(String, DeleteUser)> {
        let user_id = fields.require("user_id")?;
        let key = match self.users.borrow().get(&user_id) {
            Some(Listed::Key(key)) => key.clone(),
            _ if self.context.is_dry_run() => UNKNOWN.into(),
            _ => return Err(Failure::local("internal error: a user without an API key was accepted")),
        };
        let call = self.domain.delete_user(key);
        Ok((user_id, call))
    }
}
