//! Writes messages, prompts and command-line errors.

use std::io::{self, IsTerminal, Write};

use clap::{builder::Styles, error::ContextValue};

use super::{Lines, Terminal, escape, printer::has_colours};

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

/// Keeps or removes styles, and escapes everything else that could control a terminal.
fn shown(mut text: &str, styled: bool) -> String {
    let mut shown = String::new();
    while let Some(at) = text.find('\x1b') {
        shown.push_str(&escape(&text[..at], Lines::Many));
        text = &text[at..];
        let style = style(text);
        match style {
            Some(style) if styled => shown.push_str(style),
            Some(_) => {}
            None => shown.push_str(&escape(&text[..1], Lines::Many)),
        }
        text = &text[style.map_or(1, str::len)..];
    }
    shown.push_str(&escape(text, Lines::Many));
    shown
}

/// Returns the style that a text begins with, such as `ESC [1;31m`: it can change the appearance only.
fn style(text: &str) -> Option<&str> {
    let numbers = text.strip_prefix("\x1b[")?;
    let end = numbers.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    numbers[end..].starts_with('m').then(|| &text[.."\x1b[".len() + end + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_styles_only() {
        let text = "\x1b[1merror:\x1b[0m a\x1b[2Jb\x1b]0;t\x07\u{9b}31m\n";
        assert_eq!(shown(text, true), "\x1b[1merror:\x1b[0m a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}\\u{9b}31m\n");
        assert_eq!(shown(text, false), "error: a\\u{1b}[2Jb\\u{1b}]0;t\\u{7}\\u{9b}31m\n");
        assert_eq!(shown("\x1b", true), "\\u{1b}");
        assert_eq!(shown("\x1b[", true), "\\u{1b}[");
        assert_eq!(shown("\x1b[1", true), "\\u{1b}[1");
    }
}
