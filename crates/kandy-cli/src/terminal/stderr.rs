//! Writes messages, prompts and command-line errors.

use std::io::{self, IsTerminal, Write};

use clap::{builder::Styles, error::ContextValue};

use super::{Lines, Terminal, escape, properties::has_colours, styled::shown};

/// Writes a message on one line. A closed stderr is ignored.
pub(crate) fn message(text: &str) {
    drop(writeln!(io::stderr(), "{}", escape(text, Lines::One)));
}

/// Returns whether stderr is a terminal.
pub(crate) fn is_stderr() -> bool {
    io::stderr().is_terminal()
}

/// Writes a prompt; the input follows on the same line.
pub(crate) fn prompt(text: &str) -> io::Result<()> {
    let mut stderr = io::stderr();
    write!(stderr, "{}: ", escape(text, Lines::One))?;
    stderr.flush()
}

/// Returns the styles of help and of command-line errors.
///
/// Errors repeat arguments, and in a styled text an escape sequence of an argument could not be told from a style. So
/// no styles are used if any argument needs escaping.
pub(crate) fn styles() -> Styles {
    if are_arguments_plain() { Styles::styled() } else { Styles::plain() }
}

fn are_arguments_plain() -> bool {
    std::env::args_os().all(|argument| {
        let argument = argument.to_string_lossy();
        escape(&argument, Lines::One) == argument
    })
}

/// Writes help to stdout, and a command-line error to stderr. A closed stream is ignored.
pub(crate) fn command_line_error(error: clap::Error) {
    let error = escape_context(error);
    let text = error.render();
    let terminal = Terminal::of_stdout();
    if !error.use_stderr() && terminal.is_none() {
        // In a pipe, help is written unchanged.
        drop(write!(io::stdout(), "{text}"));
        return;
    }
    let text = text.ansi().to_string();
    let colours = match error.use_stderr() {
        true => io::stderr().is_terminal() && has_colours(),
        false => terminal.is_some_and(|terminal| terminal.colours),
    };
    let shown = if are_arguments_plain() { shown(&text, colours) } else { escape(&text, Lines::Many).into_owned() };
    drop(match error.use_stderr() {
        true => write!(io::stderr(), "{shown}"),
        false => write!(io::stdout(), "{shown}"),
    });
}

/// Escapes line breaks in the arguments that an error repeats, so that none can forge a line of output.
fn escape_context(mut error: clap::Error) -> clap::Error {
    let one_line = |text: &String| escape(text, Lines::One).into_owned();
    let context: Vec<_> = error.context().map(|(kind, value)| (kind, value.clone())).collect();
    for (kind, value) in context {
        match value {
            ContextValue::String(text) => error.insert(kind, ContextValue::String(one_line(&text))),
            ContextValue::Strings(texts) => {
                error.insert(kind, ContextValue::Strings(texts.iter().map(one_line).collect()))
            }
            _ => None,
        };
    }
    error
}
