//! `kandy user export`.

use std::path::Path;

use clap::Args;
use kandy::UserDetails;
use serde_json::{Map, Value};

use crate::{
    bulk::{Format, Progress},
    command::export_file::{ExportFile, SpreadsheetOptions},
    context::Context,
    failure::{Failure, Result},
};

/// Export all users in a format that `kandy user import` reads
///
/// Users are written as they arrive. A file is moved into place when it is complete, and only you can read it. The
/// service does not return passwords. API keys and secrets of users are omitted unless --show-secrets is given.
///
/// For a spreadsheet, use --escape-formulas and --bom: names and email addresses are what users gave, and a spreadsheet
/// evaluates those that begin like a formula.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy user export users.csv\n  kandy user export --format jsonl | wc -l\n  \
    kandy user export users.csv --escape-formulas --bom")]
pub(crate) struct Export {
    /// File to write, or - for stdout
    #[arg(default_value = "-")]
    file: String,
    /// Output format (default: from the file extension, otherwise CSV)
    #[arg(long)]
    format: Option<Format>,
    /// Overwrite an existing file
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    spreadsheet: SpreadsheetOptions,
}

/// The fields that an import reads. The phone number is known of some users only, and an import ignores it, because it
/// creates users by id.
const COLUMNS: [&str; 6] =
    ["user_id", "user_country_code", "user_email", "user_first_name", "user_last_name", "user_phone_number"];
const SECRETS: [&str; 3] = ["user_password", "user_api_key", "user_api_secret"];

impl Export {
    pub(crate) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported by an export; `kandy user list --dry-run` shows the request")?;
        if context.output.is_json() {
            return Err(Failure::usage(
                "--json and --jq are not supported by an export. Use --format, or `kandy user \
                list`.",
            ));
        }
        let path = Path::new(&self.file);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let format = self.format.unwrap_or(match extension {
            Some("jsonl" | "ndjson") => Format::Jsonl,
            _ => Format::Csv,
        });
        if format == Format::Vcard {
            return Err(Failure::usage("--format: vCard is a format for contacts; use csv or jsonl"));
        }
        self.spreadsheet.check(format == Format::Csv)?;
        let domain = context.domain()?;
        let mut file = ExportFile::create(context, &self.file, self.force)?;
        let mut progress = Progress::new("users", None, None, file.is_file() && context.has_progress());
        let columns = COLUMNS.iter().chain(if context.shows_secrets() { &SECRETS[..] } else { &[] });
        let columns: Vec<_> = columns.copied().collect();
        if format == Format::Csv {
            file.write(self.spreadsheet.header(&columns))?;
        }
        let mut users = domain.users().stream();
        while let Some(user) = file.wait(users.try_next()).await?? {
            file.write(match format {
                Format::Jsonl => json_line(&user, &columns),
                _ => self.spreadsheet.row(columns.iter().map(|column| value(&user, column))),
            })?;
            progress.add(0, 0);
        }
        progress.end();
        file.finish(progress.count(), "user")
    }
}

fn value<'a>(user: &'a UserDetails, column: &str) -> Option<&'a str> {
    match column {
        "user_id" => Some(user.user_id.as_str()),
        "user_country_code" => user.country_code.as_deref(),
        "user_email" => user.email.as_deref(),
        "user_first_name" => user.first_name.as_deref(),
        "user_last_name" => user.last_name.as_deref(),
        "user_phone_number" => user.phone_number.as_deref(),
        "user_password" => user.password.as_ref().map(kandy::Secret::expose),
        "user_api_key" => user.api_key.as_ref().map(kandy::ApiKey::expose),
        "user_api_secret" => user.api_secret.as_ref().map(kandy::ApiSecret::expose),
        _ => None,
    }
}

fn json_line(user: &UserDetails, columns: &[&str]) -> std::io::Result<Vec<u8>> {
    let members = columns.iter().filter_map(|column| Some(((*column).to_owned(), value(user, column)?.into())));
    let mut line = serde_json::to_vec(&Value::Object(members.collect::<Map<_, _>>()))?;
    line.push(b'\n');
    Ok(line)
}
