//! Messages for files that cannot be read to their end.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{
    super::column::shown,
    records::{ReadError, ReadErrorKind},
    text::TextError,
};

/// Returns why reading stopped and what to do. `place` is the column or what else cannot be read; `is_public` is
/// whether its contents may be shown.
pub(super) fn reason(fault: &ReadError, place: &str, is_public: bool) -> String {
    match &fault.kind {
        ReadErrorKind::Text(error) => text_reason(error, place, is_public.then_some(&fault.read[..])),
        ReadErrorKind::TooLong { quote: None } => "the row is longer than 1 MiB".into(),
        ReadErrorKind::TooLong { quote: Some(line) } => {
            format!("the row is longer than 1 MiB; close the quote that opens in line {line} if it is not closed")
        }
        ReadErrorKind::QuoteNotClosed => {
            format!("the quote that opens {place} is not closed; close it, and double each quote inside the value")
        }
        ReadErrorKind::TextAfterQuote { quote } => format!(
            "text after the closing quote in {place} (opened in line {quote}); \
             quote the whole value, and double each quote inside it"
        ),
        ReadErrorKind::QuoteInside => format!(
            "opening quote inside {place}, after a blank; \
             quote the whole value without a blank before it, and double each quote inside it"
        ),
    }
}

/// Returns the same for text that cannot be decoded. `before` is the beginning of the same value, if it may be shown.
pub(super) fn text_reason(error: &TextError, place: &str, before: Option<&[u8]>) -> String {
    match error {
        TextError::Io(error) => error.to_string(),
        TextError::NotText(what) => (*what).into(),
        TextError::Malformed { encoding, sample } => malformed(encoding, sample, place, before),
    }
}

fn malformed(encoding: &'static Encoding, sample: &[u8], place: &str, before: Option<&[u8]>) -> String {
    let name = encoding.name();
    let byte = format!("0x{:02X}", sample.first().unwrap_or(&0));
    if encoding != UTF_8 {
        return format!(
            "{place} is not {name} (byte {byte}); use --encoding to name its encoding, or save the file \
            as UTF-8"
        );
    }
    let likely = match before {
        Some(before) => {
            let end = |byte: &u8| b",;\t\r\n\"".contains(byte);
            let value = sample.split(end).next().unwrap_or_default();
            let (rest, _, _) = WINDOWS_1252.decode(value);
            // The last characters before the error suffice to find the place.
            let before: Vec<char> = String::from_utf8_lossy(before).chars().collect();
            let value: String = before[before.len().saturating_sub(20)..].iter().copied().chain(rest.chars()).collect();
            format!("as Windows-1252, which spreadsheets write, it reads {}: if that is correct", shown(&value))
        }
        None => "spreadsheets often write Windows-1252: if the file has that encoding".into(),
    };
    format!(
        "{place} is not UTF-8 (byte {byte}); {likely}, use --encoding windows-1252, otherwise name its encoding, or \
         save it as UTF-8"
    )
}
