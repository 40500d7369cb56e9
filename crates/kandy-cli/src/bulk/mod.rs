//! Many things at a time, from a file: users that are created, SMS that are sent.
//!
//! ```text
//! FILE ─ read ─▶ rows ─ run ─▶ calls under way ─ settle ─▶ journal, failures, progress
//!        a thread        as many as there is room for
//! ```
//!
//! The file is read as it goes, and a row is forgotten when it is settled: memory does not grow with the file. The
//! journal says which rows are settled, so that the same command goes on where it was.

mod attempt;
mod column;
mod dry_run;
mod file;
mod fingerprint;
mod input;
mod journal;
mod lost;
mod places;
mod progress;
mod ranges;
mod read;
mod rejected;
mod rejected_place;
mod restart;
mod run;
mod settle;
mod summary;
mod twin;
mod work;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(crate) use column::{Columns, Fields};
pub(crate) use fingerprint::short_hash;
pub(crate) use input::Input;
pub(crate) use progress::Progress;
use read::ReadArguments;
pub(crate) use run::run;
pub(crate) use work::Work;

/// What every command takes that does many things from a file.
#[derive(Args)]
pub(crate) struct BulkArguments {
    /// What the file is; else the end of its name says it
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// How many calls are under way at a time; 32 for users, and 8 for SMS, unless it is said
    #[arg(long, value_name = "CALLS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: Option<u16>,
    /// Where to write down what is done; else beside FILE. For stdin only if it is given, and then the same rows have
    /// to come again
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Forget what is done, and begin anew with all rows. Where SMS were sent already it asks first
    #[arg(long)]
    pub(crate) restart: bool,
    /// Answer yes to what --restart asks
    #[arg(long, requires = "restart")]
    pub(crate) yes: bool,
    /// Where to write rows that failed; else beside FILE, under a new name where there is such a file already. A file
    /// that is named must not be there, unless the run before wrote it. They hold all that the rows held, passwords
    /// too, and nobody else may read them
    #[arg(long, value_name = "PATH")]
    pub(crate) failures: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadArguments,
}

impl BulkArguments {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.restart
            || self.reading.is_given()
            || self.format.is_some()
            || self.concurrency.is_some()
            || self.journal.is_some()
            || self.failures.is_some()
    }
}

/// How a list is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Values with commas, semicolons or tabs between them; the first line names the columns
    Csv,
    /// A JSON object in each line
    Jsonl,
}

impl Format {
    /// The end of the name of such a file.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}
