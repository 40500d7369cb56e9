//! The only module that writes to stdout and stderr.
//!
//! Texts of the service and of other users may contain characters that control a terminal or disguise what it shows. On
//! a terminal they are escaped, so that they cannot move the cursor, change the title, or reorder a line. In a pipe or
//! a file, stdout carries the data unchanged. Messages on stderr are escaped everywhere, because logs are read on
//! terminals.
//!
//! Commands print with [`crate::output::Output`] and [`crate::eprint`], which use this module. No other module may name
//! `stdout` or `stderr`, or use the macros for them (`only_the_terminal_module_prints`).

mod escape;
mod pager;
mod printer;
mod properties;
mod stderr;
mod styled;

pub(crate) use escape::{Lines, escape, escape_json};
pub(crate) use pager::PagedStdout;
pub(crate) use printer::Printer;
pub(crate) use properties::{MAX_HELP_WIDTH, Terminal, help_width};
pub(crate) use stderr::{command_line_error, is_stderr, message, prompt, styles};
pub(crate) use styled::without_styles;
