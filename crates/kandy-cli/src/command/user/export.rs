//! `kandy user export`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use clap::Args;
use kandy::UserDetails;
use serde_json::{Map, Value};

use crate::{
    bulk::{Format, Progress},
    context::Context,
    failure::{Failure, Result},
    private_file::AtomicFile,
    signal::Signals,
};

/// Export all users in a format that `kandy user import` reads
///
/// Users are written as they arrive. A file is moved into place when it is complete, and only you can read it. The
/// service does not return passwords. API keys and secrets of users are omitted unless --show-secrets is given.
#[derive(Args)]
#[command(after_help = "Examples:\n  kandy user export users.csv\n  kandy user export --format jsonl | wc -l")]
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
        let domain = context.domain()?;
        let failed = |error| Failure::of_file(&self.file, &error);
        let (beside, mut to) = match self.file.as_str() {
            "-" => (None, To::Stdout(context)),
            _ if path.is_file() && !self.force => {
                return Err(Failure::usage(format!(
                    "{}: it already exists; use --force to overwrite it",
                    path.display()
                )));
            }
            _ => {
                // The file appears in place only when it is complete; an interrupt drops the temporary one.
                let (beside, file) = AtomicFile::create(path).map_err(failed)?;
                (Some(beside), To::File(&self.file, BufWriter::new(file)))
            }
        };
        // Without a file to clean up, Ctrl-C ends the process at once.
        let mut signals = beside.as_ref().map(|_| Signals::listen()).transpose()?;
        let mut progress = Progress::new("users", None, None, beside.is_some() && context.has_progress());
        let columns = COLUMNS.iter().chain(if context.shows_secrets() { &SECRETS[..] } else { &[] });
        let columns: Vec<_> = columns.copied().collect();
        if format == Format::Csv {
            to.write(&csv_line(columns.iter().copied().map(Some)).map_err(failed)?)?;
        }
        let mut users = domain.users().stream();
        loop {
            let user = tokio::select! {
                user = users.try_next() => user?,
                () = interrupted(signals.as_mut()) => {
                    return Err(Failure::Interrupted("interrupted; nothing was written".into()));
                }
            };
            let Some(user) = user else { break };
            let line = match format {
                Format::Csv => csv_line(columns.iter().map(|column| value(&user, column))),
                Format::Jsonl => json_line(&user, &columns),
            };
            to.write(&line.map_err(failed)?)?;
            progress.add(0, 0);
        }
        progress.end();
        if let (Some(beside), To::File(_, writer)) = (beside, to) {
            let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
            beside.finish(&file).map_err(failed)?;
            let count = progress.count();
            context.output.status(format_args!(
                "wrote {count} user{} to {}",
                if count == 1 { "" } else { "s" },
                self.file
            ));
        }
        Ok(())
    }
}

/// Where the list is written.
enum To<'a> {
    Stdout(&'a Context),
    File(&'a str, BufWriter<File>),
}

impl To<'_> {
    fn write(&mut self, line: &[u8]) -> Result {
        match self {
            Self::Stdout(context) => context.output.bytes(line),
            Self::File(name, writer) => writer.write_all(line).map_err(|error| Failure::of_file(name, &error)),
        }
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

fn csv_line<'a>(values: impl Iterator<Item = Option<&'a str>>) -> std::io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut line);
    writer.write_record(values.map(Option::unwrap_or_default))?;
    writer.flush()?;
    drop(writer);
    Ok(line)
}

fn json_line(user: &UserDetails, columns: &[&str]) -> std::io::Result<Vec<u8>> {
    let members = columns.iter().filter_map(|column| Some(((*column).to_owned(), value(user, column)?.into())));
    let mut line = serde_json::to_vec(&Value::Object(members.collect::<Map<_, _>>()))?;
    line.push(b'\n');
    Ok(line)
}

async fn interrupted(signals: Option<&mut Signals>) {
    match signals {
        Some(signals) => signals.next().await,
        None => std::future::pending().await,
    }
}
