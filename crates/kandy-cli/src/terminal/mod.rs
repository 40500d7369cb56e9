//! The only way to stdout and stderr.
//!
//! Texts of the service and of other users may contain characters that drive a terminal or disguise what it shows. On a
//! terminal all of them are escaped, so none of it can move the cursor, change the title, or reorder a line. In a pipe or a
//! file, stdout carries the data as it is. Messages on stderr are escaped everywhere, because logs are read on terminals.
//!
//! Commands print with [`crate::output::Output`] and [`crate::eprint`], which print with this module. No other module may
//! name `stdout` or `stderr`, or use the macros that do; `tests/escapes.rs` checks the sources for that.

mod escape;
mod printer;
mod stderr;

pub(crate) use escape::{Lines, escape, escape_json};
pub(crate) use printer::{Printer, Terminal};
pub(crate) use stderr::{command_line_error, is_stderr, message, prompt, styles};
