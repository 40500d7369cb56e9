//! Command-line options of the commands that process a file row by row.

use std::path::PathBuf;

use clap::Args;
use jiff::{civil::Time, tz::TimeZone};
use kandy::{Error, RateLimit};

use super::{
    format::Format,
    read::ReadArguments,
    schedule::{Schedule, time_of_day, time_zone},
};
use crate::failure::{Failure, Result};

/// Options of the commands that process a file row by row.
#[derive(Args, Default)]
pub(crate) struct BulkArguments {
    /// Format of the file (default: from the file extension)
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Number of concurrent calls (default: 32 for an import of users, otherwise 8)
    #[arg(long, value_name = "CALLS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: Option<u16>,
    /// Maximum rate of calls, such as 10/s or 600/min, whatever --concurrency allows (default: none)
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub(crate) rate: Option<RateLimit>,
    /// Journal file that records progress (default: next to FILE). Input from stdin has no journal by default; with
    /// one, a repeated run needs the same rows again
    #[arg(long, value_name = "PATH")]
    pub(crate) journal: Option<PathBuf>,
    /// Discard the recorded progress and process all rows again. Asks for confirmation if SMS were already sent
    #[arg(long)]
    pub(crate) restart: bool,
    /// Skip the confirmation of --restart
    #[arg(long, requires = "restart")]
    pub(crate) yes: bool,
    /// File for failed rows (default: next to FILE, with a number added if that file exists). A file given here must
    /// not exist, unless the previous run wrote it. It contains the complete rows, including passwords, and only you
    /// can read it
    #[arg(long, value_name = "PATH")]
    pub(crate) failures: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadArguments,
}

impl BulkArguments {
    /// Whether any of these options was given.
    pub(crate) fn is_given(&self) -> bool {
        self.restart
            || self.reading.is_given()
            || self.format.is_some()
            || self.concurrency.is_some()
            || self.rate.is_some()
            || self.journal.is_some()
            || self.failures.is_some()
    }
}

/// Options that decide when rows begin.
#[derive(Args, Default)]
pub(crate) struct ScheduleArguments {
    /// Begin rows only from this time of the day on
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    not_before: Option<Time>,
    /// Begin rows only until this time of the day; a window such as 22:00 to 06:00 spans midnight
    #[arg(long, value_name = "HH:MM", value_parser = time_of_day)]
    not_after: Option<Time>,
    /// Begin no row before this date and time, such as 2026-11-28T09:00 or 2026-11-28T09:00:00+01:00
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Time zone of --not-before, --not-after and --at, such as Europe/Berlin (default: that of this machine)
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    time_zone: Option<TimeZone>,
}

impl ScheduleArguments {
    /// Whether any of these options was given.
    pub(crate) fn is_given(&self) -> bool {
        self.not_before.is_some() || self.not_after.is_some() || self.at.is_some() || self.time_zone.is_some()
    }

    /// Returns when rows may begin; `None` if at any time.
    pub(crate) fn schedule(&self) -> Result<Option<Schedule>> {
        let window = [self.not_before, self.not_after];
        Schedule::new(window, self.at.as_deref(), self.time_zone.clone()).map_err(Failure::Usage)
    }
}

/// Parses a rate such as `10/s`.
pub(crate) fn rate(text: &str) -> Result<RateLimit, String> {
    text.parse().map_err(|error: Error| match error {
        Error::Argument(argument) => argument.reason().to_owned(),
        other => other.to_string(),
    })
}
