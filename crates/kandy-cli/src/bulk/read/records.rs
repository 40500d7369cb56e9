//! A strict CSV reader (RFC 4180): an ambiguous file is rejected, not repaired.

use csv::ByteRecord;

use super::text::{LineCount, MAX_ROW_LENGTH, Text, TextError};

/// Reads CSV records.
///
/// * A field that begins with a quote ends with one; inside, a quote is doubled. Only a delimiter or a line end may
///   follow.
/// * In a field that does not begin with a quote, a quote after a blank is rejected, because it would open a quoted
///   value. Any other quote (`5"`) is text.
/// * LF, CRLF and CR each end a line; empty lines are no records.
pub(super) struct Records {
    text: Text,
    delimiter: u8,
    lines: LineCount,
    /// The current field.
    field: Vec<u8>,
}

/// An error that ends reading.
#[derive(Debug)]
pub(super) struct ReadError {
    pub(super) line: u64,
    /// The index of the field.
    pub(super) field: usize,
    /// The beginning of the field.
    pub(super) read: Vec<u8>,
    pub(super) kind: ReadErrorKind,
}

#[derive(Debug)]
pub(super) enum ReadErrorKind {
    Text(TextError),
    /// The record is longer than [`MAX_ROW_LENGTH`]. `quote` is the line of the open quote, if any.
    TooLong {
        quote: Option<u64>,
    },
    /// The file ends inside quotes.
    QuoteNotClosed,
    /// Text follows the closing quote of a field that opened in line `quote`.
    TextAfterQuote {
        quote: u64,
    },
    /// A quote follows a blank in an unquoted field.
    QuoteInside,
}

/// The position of the next byte within a record.
#[derive(Clone, Copy)]
enum State {
    /// At the beginning of a record.
    Start,
    /// At the beginning of a field.
    FieldStart,
    Plain,
    /// Inside quotes that opened in this line.
    Quoted(u64),
    /// After a quote in a field that opened in this line.
    AfterQuote(u64),
}

impl Records {
    pub(super) fn new(text: Text, delimiter: u8) -> Self {
        Self { text, delimiter, lines: LineCount::new(), field: Vec::new() }
    }

    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Returns the offset in the original file after the last record.
    pub(super) fn position(&self) -> u64 {
        self.text.position()
    }

    /// Returns the next line without consuming it, as far as it can be decoded; `None` at the end.
    pub(super) fn peek_line(&mut self) -> Result<Option<String>, ReadError> {
        if !self.fill(0)? {
            return Ok(None);
        }
        match self.text.peek_line() {
            Ok(line) => Ok(Some(String::from_utf8_lossy(line).into_owned())),
            Err(error) => Err(self.text_fault(0, error)),
        }
    }

    /// Skips a line.
    pub(super) fn skip_line(&mut self) -> Result<(), ReadError> {
        self.consume(self.text.buffer().iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count());
        if self.fill(0)? {
            self.consume(1);
        }
        Ok(())
    }

    /// Reads a record and returns its first line; `None` at the end. After an error nothing more can be read.
    pub(super) fn read(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, ReadError> {
        record.clear();
        self.field.clear();
        // Empty lines, and the second byte of CRLF.
        while let [b'\n' | b'\r', ..] = self.text.buffer() {
            self.consume(1);
        }
        if let Some(line) = self.read_unquoted(record) {
            return Ok(Some(line));
        }
        let (mut state, mut begin, mut length) = (State::Start, 0, 0);
        loop {
            if !self.fill(record.len())? {
                return match state {
                    // A last line without a line end is a record; an open quote means that the rest of the file was swallowed.
                    State::Start => Ok(None),
                    State::Quoted(line) => Err(self.fault(line, record, ReadErrorKind::QuoteNotClosed)),
                    State::FieldStart | State::Plain | State::AfterQuote(_) => {
                        self.end_field(record);
                        Ok(Some(begin))
                    }
                };
            }
            let byte = self.text.buffer()[0];
            let line = self.lines.line();
            length += match (state, byte) {
                // Empty lines are no part of the record.
                (State::Start, b'\n' | b'\r') => {
                    self.consume(1);
                    0
                }
                (State::Start, _) => {
                    begin = line;
                    state = State::FieldStart;
                    continue;
                }
                (State::FieldStart, b'"') => {
                    self.consume(1);
                    state = State::Quoted(line);
                    1
                }
                (State::Quoted(begin), b'"') => {
                    self.consume(1);
                    state = State::AfterQuote(begin);
                    1
                }
                (State::Quoted(_), _) => self.take_while(|byte| byte != b'"'),
                // A doubled quote inside a quoted value is one quote.
                (State::AfterQuote(begin), b'"') => {
                    self.field.push(b'"');
                    self.consume(1);
                    state = State::Quoted(begin);
                    1
                }
                (State::FieldStart | State::Plain | State::AfterQuote(_), b'\n' | b'\r') => {
                    self.consume(1);
                    self.end_field(record);
                    return Ok(Some(begin));
                }
                (State::FieldStart | State::Plain | State::AfterQuote(_), byte) if byte == self.delimiter => {
                    self.consume(1);
                    self.end_field(record);
                    state = State::FieldStart;
                    1
                }
                (State::AfterQuote(quote), _) => {
                    return Err(self.fault(line, record, ReadErrorKind::TextAfterQuote { quote }));
                }
                (State::Plain, b'"') => {
                    // `a, "b"`: the blank hides an opening quote. Taking it as text would split the value at its next delimiter.
                    if ends_in_blank(&self.field) {
                        return Err(self.fault(line, record, ReadErrorKind::QuoteInside));
                    }
                    self.field.push(b'"');
                    self.consume(1);
                    1
                }
                (State::FieldStart | State::Plain, _) => {
                    let delimiter = self.delimiter;
                    state = State::Plain;
                    self.take_while(|byte| !matches!(byte, b'"' | b'\n' | b'\r') && byte != delimiter)
                }
            };
            if length > MAX_ROW_LENGTH {
                let quote = match state {
                    State::Quoted(line) => Some(line),
                    _ => None,
                };
                return Err(self.fault(begin, record, ReadErrorKind::TooLong { quote }));
            }
        }
    }

    /// Reads a record without quotes whose line is in the buffer as a whole, as most are: one pass over its bytes, and each
    /// value copied once. Returns its line; `None` for every other record, of which nothing is consumed then.
    fn read_unquoted(&mut self, record: &mut ByteRecord) -> Option<u64> {
        let buffer = self.text.buffer();
        let (mut field, mut end) = (0, None);
        for (at, byte) in buffer.iter().enumerate() {
            match *byte {
                b'"' => break,
                b'\n' | b'\r' => {
                    end = Some(at);
                    break;
                }
                byte if byte == self.delimiter => {
                    record.push_field(&buffer[field..at]);
                    field = at + 1;
                }
                _ => {}
            }
        }
        let Some(end) = end.filter(|end| (1..=MAX_ROW_LENGTH).contains(end)) else {
            record.clear();
            return None;
        };
        record.push_field(&buffer[field..end]);
        let line = self.lines.line();
        // Of its bytes only the line end ends a line.
        self.lines.pass(buffer[end - 1]);
        self.lines.pass(buffer[end]);
        self.text.consume(end + 1);
        Some(line)
    }

    /// Appends buffered bytes to the field up to one that ends it, and returns their number.
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> usize {
        let buffer = self.text.buffer();
        let count = buffer.iter().position(|byte| !belongs(*byte)).unwrap_or(buffer.len());
        self.field.extend_from_slice(&buffer[..count]);
        self.consume(count);
        count
    }

    fn consume(&mut self, count: usize) {
        for byte in &self.text.buffer()[..count] {
            self.lines.pass(*byte);
        }
        self.text.consume(count);
    }

    /// Fills the buffer; returns false at the end.
    fn fill(&mut self, field: usize) -> Result<bool, ReadError> {
        match self.text.fill() {
            Ok(is_filled) => Ok(is_filled),
            Err(error) => Err(self.text_fault(field, error)),
        }
    }

    fn text_fault(&mut self, field: usize, error: TextError) -> ReadError {
        let read = std::mem::take(&mut self.field);
        ReadError { line: self.lines.line(), field, read, kind: ReadErrorKind::Text(error) }
    }

    fn end_field(&mut self, record: &mut ByteRecord) {
        record.push_field(&self.field);
        self.field.clear();
    }

    fn fault(&mut self, line: u64, record: &ByteRecord, kind: ReadErrorKind) -> ReadError {
        ReadError { line, field: record.len(), read: std::mem::take(&mut self.field), kind }
    }
}

fn ends_in_blank(field: &[u8]) -> bool {
    String::from_utf8_lossy(field).ends_with(char::is_whitespace)
}
