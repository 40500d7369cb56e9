//! The job that sends an SMS for each row of a list.

use kandy::{Device, SendSms};
use serde::{Deserialize, Serialize};

use super::{
    preparation::{SmsPreparation, TextSource},
    price::Price,
    segments::ListFigures,
};
use crate::{
    bulk::{
        BulkJob, Columns, Fields, Figures, ListColumns, Preparation, QueueableJob, QueuedRow, Schedule, short_hash,
    },
    context::Context,
    failure::Result,
    output::OutputSchema,
};

/// The columns when each row has its text.
pub(super) const COLUMNS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"], &["text", "message"]],
    required: &["destination", "text"],
    ignored: &["error"],
    ids: &[],
};
/// Columns when the command line gives the text of every SMS.
pub(super) const NUMBERS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"]],
    required: &["destination"],
    ignored: &["text", "message", "error"],
    ids: &[],
};

/// Marks the target of lists whose texts are templates. Without it, a list that an earlier version began with `{name}` as
/// plain text would be resumed with other texts.
const TEMPLATE: &str = "template";

/// Job that sends an SMS for each row.
pub(super) struct SmsJob<'a> {
    pub(super) context: &'a Context,
    pub(super) device: Device,
    /// The text on the command line, as it was given.
    pub(super) text: Option<String>,
    /// Whether braces in texts have a meaning.
    pub(super) has_templates: bool,
    pub(super) from: Option<String>,
    pub(super) default_country: Option<String>,
    pub(super) allows_duplicates: bool,
    pub(super) preparation: SmsPreparation,
    pub(super) schedule: Option<Schedule>,
    pub(super) max_segments: Option<u16>,
    pub(super) price: Option<Price>,
}

impl BulkJob for SmsJob<'_> {
    const NAME: &'static str = "sms";
    const NOUNS: [&'static str; 2] = ["SMS", "SMS"];
    const VERB: &'static str = "sent";
    const OPERATION: &'static str = "sms_send";
    const CONCURRENCY: u16 = 8;
    const REPEATABLE: bool = false;
    const SUMMARY: OutputSchema = OutputSchema {
        name: "SMS",
        operation: "",
        at: "",
        id: "",
        columns: &["sent", "failed", "unknown", "suppressed", "seconds"],
    };
    type Call = SendSms;

    fn columns(&self) -> Columns {
        self.preparation.columns
    }

    fn list_columns(&self) -> ListColumns {
        ListColumns::new(self.columns(), self.preparation.source.other_columns())
    }

    fn preparation(&self) -> Option<Box<dyn Preparation>> {
        Some(Box::new(self.preparation.clone()))
    }

    fn allows_duplicates(&self) -> bool {
        self.allows_duplicates
    }

    fn figures(&self) -> Option<Box<dyn Figures>> {
        Some(Box::new(ListFigures::new(self.price)))
    }

    fn schedule(&self) -> Option<Schedule> {
        self.schedule.clone()
    }

    fn target(&self) -> Result<u32> {
        let given = [&self.text, &self.from].map(|given| given.as_deref().unwrap_or_default());
        let same = [self.context.kandy()?.base_url(), self.device.id().as_str()].into_iter().chain(given);
        // Without these the hash must equal that of earlier versions, whose journals stay valid.
        let template = self.has_templates.then_some(TEMPLATE);
        Ok(short_hash(same.chain(self.default_country.as_deref()).chain(template)))
    }

    fn call(&self, fields: Fields) -> Result<(String, SendSms)> {
        let row = self.row(fields)?;
        Ok((row.destination.clone(), row.call(&self.device)))
    }
}

impl QueueableJob for SmsJob<'_> {
    type Row = SmsRow;

    fn queue_target(&self) -> Result<u32> {
        queue_target(self.context, &self.device)
    }

    fn handle(&self) -> &Device {
        &self.device
    }

    fn row(&self, mut fields: Fields) -> Result<SmsRow> {
        Ok(SmsRow {
            destination: fields.require("destination")?,
            source: fields.take("source").or_else(|| self.from.clone()),
            text: fields.take_text(),
            default_country: self.default_country.clone(),
            max_segments: self.max_segments,
        })
    }
}

/// Returns a short hash of the base URL and the device.
pub(crate) fn queue_target(context: &Context, device: &Device) -> Result<u32> {
    Ok(short_hash([context.kandy()?.base_url(), device.id().as_str()]))
}

/// An SMS of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SmsRow {
    destination: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    source: Option<String>,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    default_country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    max_segments: Option<u16>,
}

impl QueuedRow for SmsRow {
    const KIND: &'static str = SmsJob::NAME;
    type Handle = Device;
    type Call = SendSms;

    fn recipient(&self) -> String {
        // However the number is written.
        self.destination.chars().filter(char::is_ascii_digit).collect()
    }

    fn call(self, device: &Device) -> SendSms {
        let call = device.send_sms(self.destination, self.text);
        with_options(call, self.source, self.default_country, self.max_segments)
    }
}

/// Sets the options of an SMS.
pub(super) fn with_options(
    mut call: SendSms,
    from: Option<String>,
    default_country: Option<String>,
    max_segments: Option<u16>,
) -> SendSms {
    if let Some(from) = from {
        call = call.from(from);
    }
    if let Some(country) = default_country {
        call = call.default_country(country);
    }
    if let Some(segments) = max_segments {
        call = call.max_segments(segments.into());
    }
    call
}

impl SmsPreparation {
    /// Returns the columns of a list whose texts come from here.
    pub(super) fn columns_of(source: &TextSource) -> Columns {
        match source {
            TextSource::Given(_) => NUMBERS,
            TextSource::Column(_) => COLUMNS,
        }
    }
}
