//! Writes to stdout, escaped on a terminal.

use std::{
    io::{self, Write},
    mem,
};

use serde::Serialize;

use super::{Lines, PagedStdout, Terminal, escape, escape_json, styled::shown};

/// Writes data: unchanged, or escaped for a terminal.
pub(crate) struct Printer<W: Write> {
    to: W,
    terminal: Option<Terminal>,
    /// Bytes that were not written to a terminal yet, because a line or a character may be incomplete.
    pending: Vec<u8>,
}

/// The maximum length of an incomplete line.
const MAX_PENDING: usize = 64 * 1024;

impl Printer<PagedStdout> {
    /// Creates a printer for stdout.
    pub(crate) fn of_stdout() -> Self {
        Self::new(PagedStdout::new(io::stdout()), Terminal::of_stdout())
    }

    /// Returns stdout.
    pub(crate) fn inner(&mut self) -> &mut PagedStdout {
        &mut self.to
    }
}

impl<W: Write> Printer<W> {
    pub(crate) fn new(to: W, terminal: Option<Terminal>) -> Self {
        Self { to, terminal, pending: Vec::new() }
    }

    /// Returns the terminal that data goes to, if any.
    pub(crate) fn terminal(&self) -> Option<Terminal> {
        self.terminal
    }

    /// Writes a value as JSON, in one line or indented. On a terminal it uses JSON escapes, so that the output can be
    /// copied.
    pub(crate) fn json(&mut self, value: &impl Serialize, indented: bool) -> io::Result<()> {
        if self.terminal.is_none() && !indented {
            return Ok(serde_json::to_writer(self, value)?);
        }
        let json = if indented { serde_json::to_string_pretty(value)? } else { serde_json::to_string(value)? };
        match self.terminal {
            Some(_) => self.write_all(escape_json(&json).as_bytes()),
            None => self.write_all(json.as_bytes()),
        }
    }

    /// Writes a line in bold, if colours are used.
    pub(crate) fn bold_line(&mut self, line: &str) -> io::Result<()> {
        if !self.terminal.is_some_and(|terminal| terminal.colours) {
            return writeln!(self, "{line}");
        }
        self.write_pending(true)?;
        writeln!(self.to, "\x1b[1m{}\x1b[0m", escape(line, Lines::One))
    }

    /// Writes a text of this program, in which styles are kept if colours are used. Everything else is escaped.
    pub(crate) fn styled(&mut self, text: &str) -> io::Result<()> {
        self.write_pending(true)?;
        let colours = self.terminal.is_some_and(|terminal| terminal.colours);
        self.to.write_all(shown(text, colours).as_bytes())
    }

    /// Flushes, and returns the inner writer.
    #[cfg(test)]
    pub(crate) fn into_inner(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.to)
    }

    /// Writes pending bytes: complete lines, or all of them.
    fn write_pending(&mut self, all: bool) -> io::Result<()> {
        let mut bytes = mem::take(&mut self.pending);
        if !all {
            let end = match bytes.iter().rposition(|byte| *byte == b'\n') {
                Some(end) => end + 1,
                None if bytes.len() > MAX_PENDING => without_part_of_a_character(&bytes),
                None => 0,
            };
            self.pending = bytes.split_off(end);
        }
        for chunk in bytes.utf8_chunks() {
            self.to.write_all(escape(chunk.valid(), Lines::Many).as_bytes())?;
            // A terminal may interpret a byte that is not UTF-8 as a control.
            for byte in chunk.invalid() {
                write!(self.to, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// Returns the length without an incomplete character at the end.
fn without_part_of_a_character(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    }
}

impl<W: Write> Write for Printer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.terminal.is_none() {
            return self.to.write(bytes);
        }
        self.pending.extend_from_slice(bytes);
        if bytes.contains(&b'\n') || self.pending.len() > MAX_PENDING {
            self.write_pending(false)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_pending(true)?;
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Terminal = Terminal { columns: 80, colours: true };

    fn printed(terminal: Option<Terminal>, pieces: &[&[u8]]) -> Vec<u8> {
        let mut printer = Printer::new(Vec::new(), terminal);
        for piece in pieces {
            printer.write_all(piece).expect("it is written");
        }
        printer.into_inner().expect("it is written")
    }

    #[test]
    fn pipe_gets_every_byte() {
        let bytes = b"\x1b[31m\x9b\xff\r\n\0\xe2\x80\xae";
        assert_eq!(printed(None, &[bytes]), bytes);
    }

    #[test]
    fn terminal_gets_no_control_character() {
        let shown = printed(Some(TERMINAL), &[b"a\x1b]0;title\x07\tb\r\nc\xc2\x9b31m\xe2\x80\xae"]);
        assert_eq!(String::from_utf8(shown).expect("UTF-8"), "a\\u{1b}]0;title\\u{7}\tb\\r\nc\\u{9b}31m\\u{202e}");
    }

    #[test]
    fn terminal_gets_no_invalid_utf8() {
        assert_eq!(printed(Some(TERMINAL), &[b"a\x9b31m\xff\xe2\x80"]), b"a\\x9b31m\\xff\\xe2\\x80");
    }

    #[test]
    fn split_characters_are_joined() {
        let text = "ä\u{202e}😀".as_bytes();
        for at in 0..=text.len() {
            let shown = printed(Some(TERMINAL), &[&text[..at], &text[at..]]);
            assert_eq!(String::from_utf8(shown).expect("UTF-8"), "ä\\u{202e}😀", "cut at {at}");
        }
        let long = "ä".repeat(MAX_PENDING);
        let pieces: Vec<_> = long.as_bytes().chunks(777).collect();
        assert_eq!(printed(Some(TERMINAL), &pieces), long.as_bytes());
    }

    #[test]
    fn only_bold_lines_are_bold() {
        let mut printer = Printer::new(Vec::new(), Some(TERMINAL));
        printer.write_all(b"before ").expect("it is written");
        printer.bold_line("head\x1b[2J\n").expect("it is written");
        printer.write_all(b"after").expect("it is written");
        assert_eq!(printer.into_inner().expect("it is written"), b"before \x1b[1mhead\\u{1b}[2J\\n\x1b[0m\nafter");
    }
}
