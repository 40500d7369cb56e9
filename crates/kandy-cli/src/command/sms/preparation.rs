//! What is made of a row before its SMS: its number, and its text.

use std::sync::Arc;

use kandy::NumberingPlan;

use crate::bulk::{
    Columns, Fields, OtherColumns, Preparation, Prepared, RawRow, SuppressedNumbers, Template, apparent_placeholder,
    recipient, shown,
};

/// Where the texts of a list come from.
#[derive(Clone, Debug)]
pub(super) enum TextSource {
    /// The command line has the text of all rows, or its template.
    Given(Template),
    /// Each row has its text in a column.
    Column(ColumnText),
}

/// What braces mean in texts of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnText {
    /// Each text is a template (`--template`).
    Template,
    /// Nothing (`--no-template`).
    Literal,
    /// Nothing, but a text that seems to be a template is refused: its author may expect that it is one.
    Unstated,
}

/// Prepares the rows of a list of SMS.
#[derive(Clone)]
pub(super) struct SmsPreparation {
    pub(super) columns: Columns,
    pub(super) source: TextSource,
    pub(super) default_country: Option<NumberingPlan>,
    pub(super) suppressed: Arc<SuppressedNumbers>,
}

impl TextSource {
    /// Returns the columns that texts use beside those of the list.
    pub(super) fn other_columns(&self) -> OtherColumns {
        match self {
            Self::Given(template) => OtherColumns::named(template.columns()),
            Self::Column(ColumnText::Template) => OtherColumns::Any,
            Self::Column(_) => OtherColumns::None,
        }
    }

    /// Makes the text of a row. Returns why there is none.
    fn text_of(&self, row: &RawRow, fields: &mut Fields) -> Result<String, String> {
        let how = match self {
            Self::Given(template) => return template.fill(row),
            Self::Column(how) => how,
        };
        let text = fields.take("text").unwrap_or_default();
        match how {
            ColumnText::Literal => Ok(text),
            ColumnText::Template => {
                let template = Template::parse(&text).map_err(|reason| format!("the text is no template: {reason}"));
                template.and_then(|template| template.fill(row))
            }
            ColumnText::Unstated => {
                let is_column = |name: &str| matches!(row.values().get(name), Ok(Some(_)));
                match apparent_placeholder(&text, is_column) {
                    Some(name) => Err(format!(
                        "the text contains {} in braces, which is the name of a column: --template fills it in, --no-template \
                         sends the text as it is",
                        shown(&name)
                    )),
                    None => Ok(text),
                }
            }
        }
    }
}

impl Preparation for SmsPreparation {
    fn prepare(&mut self, row: &RawRow, mut fields: Fields) -> Prepared {
        let recipient = match recipient(fields.get("destination").unwrap_or_default(), self.default_country) {
            Ok(recipient) => recipient,
            // The call fails with the reason, like that of any other argument.
            Err(_) => return Prepared::WithoutRecipient(fields),
        };
        if self.suppressed.contains(recipient) {
            return Prepared::Suppressed;
        }
        let text = match self.source.text_of(row, &mut fields) {
            Ok(text) => text,
            Err(reason) => return Prepared::Refused(reason),
        };
        fields.set_text(text);
        Prepared::Ready { fields, recipient }
    }
}
