//! `kandy sms`: sends an SMS to one number, or to each row of a file.
//!
//! ```text
//! arguments     options of lists and texts
//! price         exact decimal numbers
//! segments      what texts cost
//! preparation   the number and the text of a row
//! job           the call of a row
//! ```
//!
//! Begin with [`Send`].

mod arguments;
pub(super) mod job;
mod preparation;
mod price;
mod segments;

use clap::{Args, Subcommand};
use kandy::{NumberingPlan, SmsText};
use serde_json::{Value, json};

use self::{
    arguments::{ListArguments, TextArguments},
    job::{SmsJob, with_options},
    preparation::SmsPreparation,
};
use crate::{
    arguments::DeviceArguments,
    bulk::{self, BulkArguments, Input},
    context::Context,
    failure::{Failure, Result},
    output::OutputSchema,
    queue::Queue,
    stdin,
};

/// Send SMS (costs money)
#[derive(Subcommand)]
pub(crate) enum Sms {
    Send(Send),
}

/// Send an SMS to one number, or to each row of a file
///
/// CSV columns, or the fields of the JSON object in each line: `destination` (or `to`), `text` (or `message`) and
/// `source` (or `from`). With TEXT, every row gets that text, and only the numbers are required.
///
/// CSV may be UTF-8 or UTF-16, separated by commas, semicolons or tabs; use --encoding and --delimiter for others. A
/// file with an unclosed quote, or with text after a closing quote, is rejected before anything is sent; from stdin,
/// the rows before that point are sent, and nothing after it.
///
/// TEXT is a template: {first_name} is the value of that column, {first_name|there} has a default for an empty one, and
/// {{ and }} are braces. --template makes templates of the texts in a column, too. If a value is missing, the list is
/// rejected before anything is sent, and so is a list with the same number twice, unless --allow-duplicates is given.
///
/// --dry-run sends nothing: it checks all rows, shows the first texts, and computes the segments and, with --price,
/// their price. --suppress leaves out opt-outs, and --not-before, --not-after and --at decide when rows begin; Ctrl-C
/// ends the wait, and the same command resumes.
///
/// No SMS is sent twice. FILE.kandy-sms records each SMS before it is sent, and its outcome afterwards; it contains no
/// numbers and no texts. To resume after Ctrl-C, SIGTERM, a closed terminal or a crash, run the same command again: it
/// sends only the rows that were not started. An SMS that was started but got no response may or may not have been
/// sent: its row is written, for list.csv, to list.unknown.csv, and is sent again only if you pass that file.
/// FILE.kandy-sms is kept when all rows are done, so that the same command does not send them again; --restart sends
/// them again, after confirmation.
///
/// You may append rows to the file: the same command sends the new rows. If an existing row has changed, the file is
/// rejected; put new rows into a separate file. A file is identified by its location, through any path or link, and
/// within one folder by its rows, under any name.
///
/// Numbers are in international format, with or without +; spaces, hyphens, dots and brackets are removed. National
/// numbers require --default-country. Letters, two numbers in one field, and numbers altered by a spreadsheet, such as
/// 1.2246E+10, are rejected.
///
/// Rows that failed and were definitely not sent are written to list.failures.csv with an `error` column. Correct them
/// and pass that file. Your edits are kept: later failures go to list.failures-2.csv. Input from stdin has no journal
/// unless --journal is given.
///
/// With --queue, the rows are added to a queue on Redis, and `kandy worker` sends them, on any number of machines. Run
/// again, the same command adds only rows that the queue has not: a row is the same if its number, text and sender are.
/// Nothing is written next to FILE; `kandy queue` shows what became of the rows.
///
/// All files are opened before the first SMS is sent. If one cannot be written any more because the disk is full, no
/// further SMS is started, and the command reports the lines whose outcome could not be recorded.
#[derive(Args)]
#[command(
    override_usage = "kandy sms send [OPTIONS] <TO> <TEXT>\n       kandy sms send [OPTIONS] --to-file <FILE> [TEXT]"
)]
#[command(after_help = "Examples:\n  kandy sms send +12245556666 'Hello' --from +11234567890\n  \
    date | kandy sms send +12245556666 -\n  kandy sms send --to-file numbers.csv 'We are closed today'\n  \
    kandy sms send --to-file list.csv 'Hi {first_name|there}' --suppress opt-outs.txt --price 0.0075 --dry-run\n\n\
    Exit codes: 5 some SMS have an unknown outcome, 8 some failed, 130 interrupted (run the same command \
    again to resume)")]
pub(crate) struct Send {
    /// Phone number in international format, and the text, or - for stdin
    #[arg(value_names = ["TO", "TEXT"], num_args = 0..=2, allow_hyphen_values = false)]
    to_and_text: Vec<String>,
    /// Number or name to show as the sender
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,
    /// Treat numbers without + as national numbers of this country, in two letters (US)
    #[arg(long, value_name = "COUNTRY", value_parser = country)]
    default_country: Option<String>,
    /// Send to each row of this file, or - for stdin
    #[arg(long, value_name = "FILE")]
    pub(super) to_file: Option<String>,
    /// Add the rows to this queue on Redis, and send nothing: `kandy worker` sends them. redis://HOST[:PORT]/NAME, or
    /// the name of a queue at the server in KANDY_REDIS_URL
    #[arg(long, value_name = "QUEUE", help_heading = "Bulk options")]
    queue: Option<String>,
    #[command(flatten)]
    device: DeviceArguments,
    #[command(flatten)]
    text: TextArguments,
    #[command(flatten, next_help_heading = "Bulk options")]
    list: ListArguments,
    #[command(flatten, next_help_heading = "Bulk options")]
    bulk: BulkArguments,
}

/// The JSON of one SMS.
const SENT: OutputSchema =
    OutputSchema { name: "SMS", operation: "", at: "", id: "", columns: &["destination", "source", "outcome"] };

impl Sms {
    pub(crate) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Send(command) => command.run(context).await,
        }
    }
}

impl Send {
    async fn run(self, context: &Context) -> Result {
        if self.to_file.is_none() && (self.bulk.is_given() || self.list.is_given() || self.queue.is_some()) {
            return Err(Failure::usage("bulk options require --to-file"));
        }
        if self.text.price.is_some() && !context.is_dry_run() {
            return Err(Failure::usage("--price requires --dry-run"));
        }
        let mut given = self.to_and_text.iter().cloned();
        match (self.to_file.clone(), given.next(), given.next()) {
            (None, Some(to), Some(text)) => self.send_one(context, to, text_of(text)?).await,
            (None, ..) => Err(Failure::usage("TO and TEXT are required; to send to many numbers, use --to-file")),
            (Some(_), _, Some(_)) => Err(Failure::usage(
                "TO cannot be used with --to-file, which contains the \
                numbers; only TEXT can",
            )),
            (Some(file), text, None) => {
                if file == "-" && text.as_deref() == Some("-") {
                    return Err(Failure::usage("the file and the text cannot both be read from stdin"));
                }
                let text = text.map(text_of).transpose()?;
                let input = Input::open(&file, self.bulk.format)?;
                self.send_list(context, text, input).await
            }
        }
    }

    async fn send_one(self, context: &Context, to: String, text: String) -> Result {
        let length = SmsText::new(&*text);
        let call = context.device(&self.device).await?.send_sms(to.as_str(), text);
        let sent = json!({"destination": to, "source": self.from, "outcome": "sent"});
        let call = with_options(call, self.from, self.default_country, self.text.max_segments);
        if context.is_dry_run() {
            let members = segments::of_one(&length, self.text.price);
            let lines = segments::lines(&length, &members);
            context.preview_with(call, &[("sms", members.into())]).await?;
            lines.iter().for_each(|line| context.output.status(line));
            return Ok(());
        }
        context.check_fields(&SENT)?;
        match context.send(call).await? {
            Some(_) if context.output.is_json() => context.output.object(&SENT, sent),
            Some(_) => context.output.changed(format_args!("sent an SMS to {to}"), Value::Null),
            None => Ok(()),
        }
    }

    async fn send_list(self, context: &Context, text: Option<String>, input: Input) -> Result {
        let plan = self.default_country.as_deref().and_then(NumberingPlan::of_country);
        let source = self.list.source(text.as_deref())?;
        let preparation = SmsPreparation {
            columns: SmsPreparation::columns_of(&source),
            source,
            default_country: plan,
            suppressed: self.list.suppressed(&input, self.bulk.reading, plan)?,
        };
        if self.queue.is_some() && self.list.schedule.is_given() {
            return Err(Failure::usage(
                "with --queue, workers send: give --not-before, --not-after and --at to `kandy worker`",
            ));
        }
        let queue = self.queue.as_deref().map(Queue::open).transpose()?;
        let schedule = self.list.schedule.schedule()?;
        let job = SmsJob {
            context,
            device: context.device(&self.device).await?,
            has_templates: self.list.has_templates(text.as_deref()),
            text,
            from: self.from,
            default_country: self.default_country,
            allows_duplicates: self.list.allow_duplicates,
            preparation,
            schedule,
            max_segments: self.text.max_segments,
            price: self.text.price,
        };
        match queue {
            Some(queue) => bulk::enqueue(context, &job, input, &self.bulk, &queue).await,
            None => bulk::run(context, &job, input, &self.bulk).await,
        }
    }
}

/// Parses a two-letter country code of ISO 3166-1.
fn country(letters: &str) -> Result<String, &'static str> {
    match NumberingPlan::of_country(letters) {
        Some(_) => Ok(letters.to_ascii_uppercase()),
        None => Err("it is not a country code of ISO 3166-1; use two letters, such as US or GB"),
    }
}

/// Returns the given text; for `-`, reads stdin and removes the final line ending.
fn text_of(text: String) -> Result<String> {
    if text != "-" {
        return Ok(text);
    }
    Ok(stdin::text()?.trim_end_matches(['\r', '\n']).to_owned())
}
