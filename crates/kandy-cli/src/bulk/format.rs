//! The formats of an input file.

use clap::ValueEnum;

/// Format of an input file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Values separated by commas, semicolons or tabs; the first line names the columns
    Csv,
    /// One JSON object per line
    Jsonl,
    /// Cards of contacts (vCard 2.1, 3.0 or 4.0)
    // Hidden, because the other lists have no such form: `Input::open` refuses it.
    #[value(hide = true, alias = "vcf")]
    Vcard,
}

impl Format {
    /// Returns the file extension of the format.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Vcard => "vcf",
        }
    }
}
