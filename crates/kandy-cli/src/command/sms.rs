use clap::{Args, Subcommand};
use kandy::{Device, NumberingPlan, SendSms};

use crate::{
    arguments::DeviceArguments,
    bulk::{self, BulkArguments, Columns, Fields, Input, Work, short_hash},
    context::Context,
    failure::{Failure, Result},
    output::Shape,
    stdin,
};

/// SMS, which cost money
#[derive(Subcommand)]
pub(crate) enum Sms {
    Send(Send),
}

/// Send an SMS to a number, or many from a list
///
/// The columns of CSV, or the members of an object in each line of JSON, are `destination` (or `to`), `text` (or
/// `message`) and `source` (or `from`). With TEXT all get the same text, and only the numbers have to be there.
///
/// CSV may be in UTF-8 or UTF-16, with commas, semicolons or tabs; --encoding and --delimiter name others. A file with a
/// quote that is not closed, or that is followed by more of its value, is refused as a whole before anything is sent; of
/// stdin the rows before it are sent, and nothing after.
///
/// No SMS is sent twice. Before one is sent, that is written down in FILE.kandy-sms, and afterwards what it came to; it
/// holds no numbers and no texts. When it is interrupted, with Ctrl-C, SIGTERM, a closed terminal or otherwise, the same
/// command goes on with those that were not begun. One that was begun and got no answer may or may not have been sent: it
/// is listed, of list.csv in list.unknown.csv, and is sent again only if you give that file yourself. FILE.kandy-sms
/// stays when all is done, so that the same command does not send all of them again; --restart does, after it has asked.
///
/// Rows may be added at the end of the list: the same command sends those that are new. A list in which a row was changed
/// is refused; put new rows into a file of their own. A list is known by its place, whichever path or link leads to it,
/// and in one folder by its rows, whatever it is called.
///
/// Numbers are in international form, with or without +; spaces, hyphens, dots and brackets are removed. National
/// numbers need --default-country. Letters, two numbers in one field, and what a spreadsheet made of a number, such as
/// 1.2246E+10, are refused.
///
/// Rows that failed, and surely were not sent, are written to list.failures.csv with a column `error`. Mend them, and
/// give that file. What you have changed in it stays: rows that fail later go to list.failures-2.csv. A list from stdin
/// has no journal unless --journal names one.
///
/// All files are opened before the first SMS is sent. When there is no room in them any more, no other SMS is begun, and
/// the lines are named whose outcome could not be written down.
#[derive(Args)]
#[command(
    override_usage = "kandy sms send [OPTIONS] <TO> <TEXT>\n       kandy sms send [OPTIONS] --to-file <FILE> [TEXT]"
)]
#[command(after_help = "Examples:\n  kandy sms send +12245556666 'Hello' --from +11234567890\n  \
    date | kandy sms send +12245556666 -\n  kandy sms send --to-file numbers.csv 'We are closed today'\n\n\
    Exit code 5: of some it is not known whether they were sent. 8: some failed. 130: interrupted, the same command \
    goes on.")]
pub(crate) struct Send {
    /// The number in international form, and the text, or - for what comes on stdin
    #[arg(value_names = ["TO", "TEXT"], num_args = 0..=2, allow_hyphen_values = false)]
    to_and_text: Vec<String>,
    /// The number or the name that the receiver sees as the sender
    #[arg(long, value_name = "SOURCE")]
    from: Option<String>,
    /// Take numbers without + as national numbers of this country, in two letters (US)
    #[arg(long, value_name = "COUNTRY", value_parser = country)]
    default_country: Option<String>,
    /// Send to all in this file, or in stdin for -
    #[arg(long, value_name = "FILE")]
    pub(super) to_file: Option<String>,
    #[command(flatten)]
    device: DeviceArguments,
    #[command(flatten, next_help_heading = "Options for many")]
    bulk: BulkArguments,
}

const COLUMNS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"], &["text", "message"]],
    required: &["destination", "text"],
    ignored: &["error"],
    ids: &[],
};
/// Where the text is the same for all.
const NUMBERS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"]],
    required: &["destination"],
    ignored: &["text", "message", "error"],
    ids: &[],
};

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
            return Err(Failure::usage("the options for many go with --to-file"));
        }
        let mut given = self.to_and_text.into_iter();
        match (self.to_file, given.next(), given.next()) {
            (None, Some(to), Some(text)) => {
                let text = text_of(text)?;
                let call = context.device(&self.device).await?.send_sms(to.as_str(), text);
                let call = with_options(call, self.from, self.default_country);
                context.change(call, format_args!("sent an SMS to {to}")).await
            }
            (None, ..) => Err(Failure::usage("an SMS needs a number and a text; or give many with --to-file")),
            (Some(_), _, Some(_)) => Err(Failure::usage("the numbers are in the file; give at most a text beside it")),
            (Some(file), text, None) => {
                if file == "-" && text.as_deref() == Some("-") {
                    return Err(Failure::usage("the list and the text cannot both come on stdin"));
                }
                let text = text.map(text_of).transpose()?;
                let input = Input::open(&file, self.bulk.format)?;
                let device = context.device(&self.device).await?;
                let many = Many { context, device, text, from: self.from, default_country: self.default_country };
                bulk::run(context, &many, input, &self.bulk).await
            }
        }
    }
}

/// A country of ISO 3166-1, as two letters.
fn country(letters: &str) -> Result<String, &'static str> {
    match NumberingPlan::of_country(letters) {
        Some(_) => Ok(letters.to_ascii_uppercase()),
        None => Err("it is no country of ISO 3166-1; give two letters, such as US or GB"),
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

/// A text as it was given, or what comes on stdin, without the end of its last line.
fn text_of(text: String) -> Result<String> {
    if text != "-" {
        return Ok(text);
    }
    Ok(stdin::text()?.trim_end_matches(['\r', '\n']).to_owned())
}

/// SMS to send.
struct Many<'a> {
    context: &'a Context,
    device: Device,
    text: Option<String>,
    from: Option<String>,
    default_country: Option<String>,
}

impl Work for Many<'_> {
    const NAME: &'static str = "sms";
    const NOUNS: [&'static str; 2] = ["SMS", "SMS"];
    const VERB: &'static str = "sent";
    const OPERATION: &'static str = "sms_send";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = false;
    const SUMMARY: Shape =
        Shape { name: "SMS", operation: "", at: "", id: "", columns: &["sent", "failed", "unknown", "seconds"] };
    type Call = SendSms;

    fn columns(&self) -> Columns {
        if self.text.is_some() { NUMBERS } else { COLUMNS }
    }

    fn target(&self) -> Result<u32> {
        let given = [&self.text, &self.from].map(|given| given.as_deref().unwrap_or_default());
        let same = [self.context.kandy()?.base_url(), self.device.id().as_str()].into_iter().chain(given);
        // Without a default country the hash is that of journals that were written before there was one.
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
