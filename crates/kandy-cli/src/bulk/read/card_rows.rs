//! Rows of vCard files: one card, from `BEGIN:VCARD` to `END:VCARD`, is one row.
//!
//! Only the frame of a card is read here: the command that uses the cards reads their properties. Photos, sounds and keys are
//! skipped while they are read, however long they are, so a card needs little memory.

use std::io::{self, Read, Write};

use super::{
    arguments::ReadArguments,
    error_message,
    raw_row::RawRow,
    records::{ReadError, ReadErrorKind},
    row::Row,
    text::{LineCount, MAX_ROW_LENGTH, Text},
    text_file::open_text,
};
use crate::{
    bulk::column::{Columns, Fields, ListColumns, shown},
    failure::{Failure, Result},
};

/// The property with the reason in a file of rejected cards.
const ERROR: &str = "X-KANDY-ERROR";

/// Properties that are skipped: large, and no part of a contact.
const SKIPPED: [&str; 5] = ["PHOTO", "LOGO", "SOUND", "KEY", ERROR];

/// Reads rows from vCard.
pub(in crate::bulk) struct CardRows {
    text: Text,
    lines: LineCount,
    name: String,
    columns: Columns,
    number: u64,
}

/// Why a file is no list of cards.
enum CardError {
    Read(ReadError),
    Other(u64, String),
}

/// The properties of a card that are read so far.
struct Frame {
    line: u64,
    card: String,
    /// The open `BEGIN`s: a property AGENT of vCard 2.1 holds a card.
    depth: usize,
    /// Whether the last property is skipped, and so are the lines that continue it.
    is_skipping: bool,
    /// Whether the last line is one of quoted-printable text that the next line continues.
    is_continued: bool,
    /// Whether the last property is an AGENT.
    is_agent: bool,
}

impl CardRows {
    pub(super) fn open(
        name: &str,
        bytes: Box<dyn Read + Send>,
        columns: impl Into<ListColumns>,
        arguments: ReadArguments,
    ) -> Result<Self> {
        let ListColumns { columns, .. } = columns.into();
        let text = open_text(name, bytes, arguments)?;
        Ok(Self { text, lines: LineCount::new(), name: name.to_owned(), columns, number: 0 })
    }

    /// Reads the rest of the file to find errors that make it unusable as a whole.
    pub(super) fn check(&mut self) -> Result {
        loop {
            match self.card() {
                Ok(Some(_)) => self.number += 1,
                Ok(None) => return self.end(),
                Err(error) => return Err(Failure::usage(format!("{}; nothing was sent", self.unreadable(&error)))),
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let card = self.card();
        let Some((line, card)) = card.map_err(|error| {
            Failure::local(format!("{}; no card from there on was processed", self.unreadable(&error)))
        })?
        else {
            return self.end().map(|()| None);
        };
        let fields = Ok(Fields::of_card(self.columns, card.clone()));
        let number = self.number;
        self.number += 1;
        Ok(Some(Row {
            number,
            line,
            end: self.text.position(),
            fields,
            raw: RawRow::Card(card),
            begun: false,
            suppressed: false,
        }))
    }

    /// Rejects a file without a card: an empty one must not look like a list that was processed.
    fn end(&self) -> Result {
        match self.number {
            0 => Err(Failure::usage(format!("{} has no card; a card begins with BEGIN:VCARD", self.name))),
            _ => Ok(()),
        }
    }

    /// Returns the next card and its first line.
    fn card(&mut self) -> Result<Option<(u64, String)>, CardError> {
        let mut frame: Option<Frame> = None;
        loop {
            let line = self.lines.line();
            let Some(text) = self.line()? else {
                return match frame {
                    Some(frame) => Err(CardError::Other(
                        frame.line,
                        "the card that begins here is not closed by END:VCARD".to_owned(),
                    )),
                    None => Ok(None),
                };
            };
            match &mut frame {
                None if text.trim().is_empty() => {}
                None if is_frame(&text, "BEGIN") => frame = Some(Frame::new(line)),
                None => {
                    let reason = format!("expected BEGIN:VCARD, which begins a card, and not {}", shown(text.trim()));
                    return Err(CardError::Other(line, reason));
                }
                Some(open) => {
                    if open.add(&text, line)? {
                        return Ok(frame.map(|frame| (frame.line, frame.card)));
                    }
                    if open.card.len() > MAX_ROW_LENGTH {
                        let kind = ReadErrorKind::TooLong { quote: None };
                        return Err(CardError::Read(ReadError { line: open.line, field: 0, read: Vec::new(), kind }));
                    }
                }
            }
        }
    }

    /// Returns the next line without its end; `None` at the end of the file. The rest of a line that is longer than a row
    /// is dropped: only a skipped property may be so long.
    fn line(&mut self) -> Result<Option<String>, CardError> {
        let mut raw = Vec::new();
        let line = self.lines.line();
        let fault =
            |error| CardError::Read(ReadError { line, field: 0, read: Vec::new(), kind: ReadErrorKind::Text(error) });
        let mut is_any = false;
        loop {
            if !self.text.fill().map_err(fault)? {
                return Ok(is_any.then(|| String::from_utf8_lossy(&raw).into_owned()));
            }
            is_any = true;
            let buffer = self.text.buffer();
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let length = end.unwrap_or(buffer.len());
            let room = (MAX_ROW_LENGTH + 1).saturating_sub(raw.len());
            raw.extend_from_slice(&buffer[..length.min(room)]);
            // CRLF is one end. The LF may be in the next chunk, where it is an empty line, which ends nothing.
            let is_crlf = end.is_some_and(|end| buffer[end..].starts_with(b"\r\n"));
            let count = length + end.map_or(0, |_| if is_crlf { 2 } else { 1 });
            for byte in &self.text.buffer()[..count] {
                self.lines.pass(*byte);
            }
            self.text.consume(count);
            if end.is_some() {
                return Ok(Some(String::from_utf8_lossy(&raw).into_owned()));
            }
        }
    }

    fn unreadable(&self, error: &CardError) -> String {
        match error {
            CardError::Read(fault) => {
                format!("{}, line {}: {}", self.name, fault.line, error_message::reason(fault, "it", false))
            }
            CardError::Other(line, reason) => format!("{}, line {line}: {reason}", self.name),
        }
    }
}

impl Frame {
    fn new(line: u64) -> Self {
        let card = String::from("BEGIN:VCARD\r\n");
        Self { line, card, depth: 1, is_skipping: false, is_continued: false, is_agent: false }
    }

    /// Adds a line; returns whether it ends the card.
    fn add(&mut self, text: &str, line: u64) -> Result<bool, CardError> {
        let is_folded = text.starts_with([' ', '\t']);
        let continues = is_folded || self.is_continued;
        if self.is_skipping && (continues || !text.contains(':')) {
            // Base64 of vCard 2.1 may continue in lines that are not folded, and has no colon.
            self.is_continued = self.is_continued && text.ends_with('=');
            return Ok(false);
        }
        if continues {
            self.is_continued = self.is_continued && text.ends_with('=');
        } else {
            let (name, parameters) = head(text);
            if is_frame(text, "END") {
                self.depth -= 1;
            } else if is_frame(text, "BEGIN") {
                if !self.is_agent {
                    let reason =
                        format!("BEGIN:VCARD inside the card that begins in line {}, which is not closed", self.line);
                    return Err(CardError::Other(line, reason));
                }
                self.depth += 1;
            }
            self.is_agent = name.eq_ignore_ascii_case("AGENT") || self.is_agent && text.trim().is_empty();
            self.is_skipping = self.depth == 1 && SKIPPED.iter().any(|skipped| skipped.eq_ignore_ascii_case(name));
            let is_quoted_printable = parameters.to_ascii_uppercase().contains("QUOTED-PRINTABLE");
            self.is_continued = is_quoted_printable && text.ends_with('=');
            if self.is_skipping || text.trim().is_empty() {
                return Ok(false);
            }
        }
        self.card.push_str(text);
        self.card.push_str("\r\n");
        Ok(self.depth == 0)
    }
}

/// Returns whether a line is `BEGIN:VCARD` or `END:VCARD`.
fn is_frame(line: &str, name: &str) -> bool {
    let line = line.trim();
    line.split_once(':')
        .is_some_and(|(begin, of)| begin.trim().eq_ignore_ascii_case(name) && of.trim().eq_ignore_ascii_case("VCARD"))
}

/// Splits a line into the name of its property, without a group, and its parameters.
fn head(line: &str) -> (&str, &str) {
    let (head, _) = line.split_once(':').unwrap_or((line, ""));
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    (name.trim(), parameters)
}

/// Writes a rejected card with the reason as a property, which is skipped when the card is read again.
pub(in crate::bulk) fn write_rejected(to: &mut Vec<u8>, card: &str, error: &str) -> io::Result<()> {
    let end = card.trim_end().rfind("\r\n").map_or(0, |at| at + 2);
    let error = error.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;");
    write!(to, "{}{ERROR}:{error}\r\n{}", &card[..end], &card[end..])
}
