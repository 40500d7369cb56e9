//! `kandy sms`: sends an SMS to one number, or to each row of a file.

use clap::{Args, Subcommand};
use kandy::{Device, NumberingPlan, SendSms};
use serde_json::{Value, json};

use crate::{
    arguments::DeviceArguments,
    bulk::{self, BulkArguments, BulkJob, Columns, Fields, Input, short_hash},
    context::Context,
    failure::{Failure, Result},
    output::OutputSchema,
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
/// All files are opened before the first SMS is sent. If one cannot be written any more because the disk is full, no
/// further SMS is started, and the command reports the lines whose outcome could not be recorded.
#[derive(Args)]
#[command(
    override_usage = "kandy sms send [OPTIONS] <TO> <TEXT>\n       kandy sms send [OPTIONS] --to-file <FILE> [TEXT]"
)]
#[command(after_help = "Examples:\n  kandy sms send +12245556666 'Hello' --from +11234567890\n  \
    date | kandy sms send +12245556666 -\n  kandy sms send --to-file numbers.csv 'We are closed today'\n\n\
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
    #[command(flatten)]
    device: DeviceArguments,
    #[command(flatten, next_help_heading = "Bulk options")]
    bulk: BulkArguments,
}

const COLUMNS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"], &["text", "message"]],
    required: &["destination", "text"],
    ignored: &["error"],
    ids: &[],
};
/// Columns when the command line gives the text of every SMS.
const NUMBERS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"]],
    required: &["destination"],
    ignored: &["text", "message", "error"],
    ids: &[],
};

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
        if self.to_file.is_none() && self.bulk.is_given() {
            return Err(Failure::usage("bulk options require --to-file"));
        }
        let mut given = self.to_and_text.into_iter();
        match (self.to_file, given.next(), given.next()) {
            (None, Some(to), Some(text)) => {
                let text = text_of(text)?;
                let call = context.device(&self.device).await?.send_sms(to.as_str(), text);
                let sent = json!({"destination": to, "source": self.from, "outcome": "sent"});
                let call = with_options(call, self.from, self.default_country);
                context.check_fields(&SENT)?;
                match context.send(call).await? {
                    Some(_) if context.output.is_json() => context.output.object(&SENT, sent),
                    Some(_) => context.output.changed(format_args!("sent an SMS to {to}"), Value::Null),
                    None => Ok(()),
                }
            }
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
                let device = context.device(&self.device).await?;
                let many = SmsJob { context, device, text, from: self.from, default_country: self.default_country };
                bulk::run(context, &many, input, &self.bulk).await
            }
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

fn with_options(mut call: SendSms, from: Option<String>, default_country: Option<String>) -> SendSms {
    if let Some(from) = from {
        call = call.from(from);
    }
    if let Some(country) = default_country {
        call = call.default_country(country);
    }
    call
}

/// Returns the given text; for `-`, reads stdin and removes the final line ending.
fn text_of(text: String) -> Result<String> {
    if text != "-" {
        return Ok(text);
    }
    Ok(stdin::text()?.trim_end_matches(['\r', '\n']).to_owned())
}

/// Job that sends an SMS for each row.
struct SmsJob<'a> {
    context: &'a Context,
    device: Device,
    text: Option<String>,
    from: Option<String>,
    default_country: Option<String>,
}

impl BulkJob for SmsJob<'_> {
    const NAME: &'static str = "sms";
    const NOUNS: [&'static str; 2] = ["SMS", "SMS"];
    const VERB: &'static str = "sent";
    const OPERATION: &'static str = "sms_send";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = false;
    const SUMMARY: OutputSchema =
        OutputSchema { name: "SMS", operation: "", at: "", id: "", columns: &["sent", "failed", "unknown", "seconds"] };
    type Call = SendSms;

    fn columns(&self) -> Columns {
        if self.text.is_some() { NUMBERS } else { COLUMNS }
    }

    fn target(&self) -> Result<u32> {
        let given = [&self.text, &self.from].map(|given| given.as_deref().unwrap_or_default());
        let same = [self.context.kandy()?.base_url(), self.device.id().as_str()].into_iter().chain(given);
        // Without a default country the hash must equal that of earlier versions, whose journals stay valid.
        Ok(short_hash(same.chain(self.default_country.as_deref())))
    }

    fn call(&self, mut fields: Fields) -> Result<(String, SendSms)> {
        let to = fields.require("destination")?;
        let text = match &self.text {
            Some(text) => text.clone(),
            None => fields.require("text")?,
        };
        let call = self.device.send_sms(to.as_str(), text);
        let from = fields.take("source").or_else(|| self.from.clone());
        Ok((to, with_options(call, from, self.default_country.clone())))
    }
}
