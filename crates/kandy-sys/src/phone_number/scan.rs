//! Finds the digits of a phone number in a text, and rejects everything but punctuation between them.

use super::PhoneNumberError as Error;

/// The digits of a text, and whether a `+` precedes them.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Scanned {
    pub(super) has_plus: bool,
    pub(super) digits: String,
}

/// Scans a text: an optional leading `+`, digits, and punctuation between them.
pub(super) fn scan(text: &str) -> Result<Scanned, Error> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    reject_spreadsheet_damage(text)?;
    let mut scanned = Scanned { has_plus: false, digits: String::new() };
    for (at, c) in text.char_indices() {
        match c {
            '0'..='9' => scanned.digits.push(c),
            '+' if scanned.digits.is_empty() && !scanned.has_plus => scanned.has_plus = true,
            _ if is_punctuation(c) || is_invisible(c) => {}
            _ => return Err(reason(c, text.get(at..).unwrap_or_default(), !scanned.digits.is_empty())),
        }
    }
    match scanned.digits.is_empty() {
        true => Err(Error::NoDigits),
        false => Ok(scanned),
    }
}

/// Detects the forms in which spreadsheets and floating-point programs write phone numbers.
fn reject_spreadsheet_damage(text: &str) -> Result<(), Error> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.chars().next() {
        None => return Err(Error::Empty),
        Some('=') => return Err(Error::Formula),
        Some('\'' | '\u{2019}' | '\u{2018}' | '`') => return Err(Error::Apostrophe),
        Some('#') => return Err(Error::ErrorValue),
        Some(_) => {}
    }
    if let Some((number, exponent)) = text.split_once(['e', 'E']) {
        // German and other spreadsheets write a comma.
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if is_digits(whole) && is_digits(fraction) && is_digits(exponent) {
            return Err(Error::Exponent);
        }
    }
    // Groups of a number have two digits or more; one that is all zeros is a fraction.
    if let Some((whole, fraction)) = text.split_once(['.', ','])
        && is_digits(whole)
        && is_digits(fraction)
        && (fraction.len() == 1 || fraction.bytes().all(|byte| byte == b'0'))
    {
        return Err(Error::Decimal);
    }
    Ok(())
}

/// Returns the error of an invalid character; `rest` begins with it.
fn reason(c: char, rest: &str, after_digits: bool) -> Error {
    let rest = rest.to_lowercase();
    let word: String =
        rest.trim_start_matches([';', ',', '#', ' ']).chars().take_while(|c| c.is_alphabetic()).collect();
    let number_follows = rest.chars().skip(1).any(|c| c.is_ascii_digit());
    if after_digits && number_follows && matches!(word.as_str(), "x" | "ext" | "extn" | "extension") {
        return Error::Extension;
    }
    match c {
        '+' | '/' | ',' | ';' | '|' | '&' | '\\' | '\n' | '\r' | '\t' if after_digits && number_follows => {
            Error::Several
        }
        _ if c.is_alphabetic() => Error::Letter(c),
        _ => Error::Character(c),
    }
}

/// Whether a character is punctuation between digits: spaces of all widths, hyphens and dashes, dots, brackets. A slash is
/// not among them, because it separates two numbers as often as the parts of one. Line ends and tabs separate cells.
fn is_punctuation(c: char) -> bool {
    match c {
        '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => false,
        '-' | '.' | '(' | ')' | '[' | ']' | '\u{2010}'..='\u{2015}' | '\u{2212}' => true,
        _ => c.is_whitespace(),
    }
}

/// Characters without a glyph that copying from other programs leaves behind: the byte order mark, zero-width spaces
/// and joiners, soft hyphens, and marks of the writing direction. Those that override the direction show digits in
/// another order than they are in, and are rejected.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202c}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}
