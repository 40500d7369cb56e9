//! The terminal that output goes to.

use std::io::{self, IsTerminal};

/// The terminal that stdout is connected to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Its width in columns.
    pub(crate) columns: u16,
    /// Whether to use colours.
    pub(crate) colours: bool,
}

impl Terminal {
    /// Returns `None` where stdout is a pipe or a file.
    pub(super) fn of_stdout() -> Option<Self> {
        io::stdout().is_terminal().then(|| Self {
            columns: terminal_size::terminal_size().map_or(80, |(width, _)| width.0),
            colours: has_colours(),
        })
    }
}

/// Returns the width of help texts: that of the terminal, but at most that of a line that is pleasant to read.
pub(crate) fn help_width() -> usize {
    let of_terminal = || terminal_size::terminal_size().map(|(width, _)| width.0.into());
    let given = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    of_terminal().or(given).unwrap_or(MAX_HELP_WIDTH).clamp(40, MAX_HELP_WIDTH)
}

/// The maximum width of help texts, for clap, too.
pub(crate) const MAX_HELP_WIDTH: usize = 100;

/// Returns whether to use colours: not with `NO_COLOR`, and not on a dumb terminal.
pub(super) fn has_colours() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}
