//! Command-line options of lists of SMS.

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use kandy::NumberingPlan;

use super::{
    preparation::{ColumnText, TextSource},
    price::Price,
};
use crate::{
    bulk::{Input, ReadArguments, ScheduleArguments, SuppressedNumbers, Template},
    failure::{Failure, Result},
};

/// Options of lists of SMS.
#[derive(Args)]
pub(super) struct ListArguments {
    /// Fill placeholders in the text column of each row, too. Those in TEXT are always filled
    #[arg(long)]
    template: bool,
    /// Fill no placeholders: braces in TEXT are sent as they are
    #[arg(long, conflicts_with = "template")]
    no_template: bool,
    /// Send to a number as often as it occurs (default: reject a list with the same number twice)
    #[arg(long)]
    pub(super) allow_duplicates: bool,
    /// Leave out the numbers in this file: one on each line, or in a column destination (or to) of CSV or JSON Lines.
    /// May be given several times
    #[arg(long, value_name = "FILE")]
    suppress: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) schedule: ScheduleArguments,
}

/// Options of the texts of one SMS or a list.
#[derive(Args)]
pub(super) struct TextArguments {
    /// Reject a text that needs more segments; each is charged as an SMS
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=255))]
    pub(super) max_segments: Option<u16>,
    /// Price of a segment in any currency, such as 0.0075: --dry-run computes the price of all
    #[arg(long, value_name = "PRICE")]
    pub(super) price: Option<Price>,
}

impl ListArguments {
    /// Returns whether any of these options was given.
    pub(super) fn is_given(&self) -> bool {
        self.template
            || self.no_template
            || self.allow_duplicates
            || !self.suppress.is_empty()
            || self.schedule.is_given()
    }

    /// Returns where the texts come from. `text` is that of the command line.
    pub(super) fn source(&self, text: Option<&str>) -> Result<TextSource> {
        Ok(match text {
            Some(text) if self.no_template => TextSource::Given(Template::literal(text)),
            Some(text) => {
                let template = Template::parse(text).map_err(|reason| {
                    Failure::usage(format!("TEXT: {reason}; --no-template sends the text as it is"))
                })?;
                TextSource::Given(template)
            }
            None if self.template => TextSource::Column(ColumnText::Template),
            None if self.no_template => TextSource::Column(ColumnText::Literal),
            None => TextSource::Column(ColumnText::Unstated),
        })
    }

    /// Returns whether braces in the texts have a meaning. A text on the command line may have none.
    pub(super) fn has_templates(&self, text: Option<&str>) -> bool {
        match text {
            Some(text) => !self.no_template && text.contains(['{', '}']),
            None => self.template,
        }
    }

    /// Reads the files of suppressed numbers.
    pub(super) fn suppressed(
        &self,
        list: &Input,
        reading: ReadArguments,
        default_country: Option<NumberingPlan>,
    ) -> Result<Arc<SuppressedNumbers>> {
        let mut numbers = SuppressedNumbers::default();
        for file in &self.suppress {
            numbers.read(file, list.path(), reading, default_country)?;
        }
        Ok(Arc::new(numbers))
    }
}
