//! How long a text is as an SMS: one count for the SDK, the command line and the emulator. Depends on nothing.
//!
//! The alphabet and its extension table are those of 3GPP TS 23.038, the sizes of segments those of 3GPP TS 23.040.
//! Begin with [`SmsLength::of`].

#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The encoding of an SMS on GSM networks.
///
/// Its name in JSON is that of `Display`.
///
/// ```
/// use kandy_sys::SmsEncoding;
///
/// assert_eq!(SmsEncoding::Gsm7.to_string(), "GSM-7");
/// assert_eq!(SmsEncoding::Gsm7.units_of('€'), Some(2));
/// assert_eq!(SmsEncoding::Gsm7.units_of('ç'), None);
/// assert_eq!(SmsEncoding::Ucs2.units_of('ç'), Some(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SmsEncoding {
    /// The default alphabet of GSM with its extension table. Its unit is the septet.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// UTF-16, which the standard calls UCS-2. Its unit has 16 bits.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl SmsEncoding {
    /// Returns the name: `GSM-7` or `UCS-2`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// Returns how many units fit into an SMS of one segment: 160 or 70.
    pub fn units_of_one_segment(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Returns how many units fit into each segment of an SMS of several: 153 or 67. A header, by which the receiver
    /// joins them, takes the rest.
    pub fn units_of_joined_segment(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Returns the number of units that a character needs, or `None` if the encoding does not have it.
    pub fn units_of(self, character: char) -> Option<usize> {
        match self {
            Self::Gsm7 => septets(character),
            Self::Ucs2 => Some(character.len_utf16()),
        }
    }
}

impl fmt::Display for SmsEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The length of a text as an SMS.
///
/// ```
/// use kandy_sys::{SmsEncoding, SmsLength};
///
/// let length = SmsLength::of("Grüße für 5 €");
/// assert_eq!((length.encoding(), length.units(), length.segments()), (SmsEncoding::Gsm7, 14, 1));
///
/// let length = SmsLength::of(&"ы".repeat(71));
/// assert_eq!((length.encoding(), length.segments(), length.remaining()), (SmsEncoding::Ucs2, 2, 63));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SmsLength {
    encoding: SmsEncoding,
    units: usize,
    segments: usize,
    remaining: usize,
}

impl SmsLength {
    /// Counts the units and segments of a text. It does not allocate.
    pub fn of(text: &str) -> Self {
        // GSM-7 is tried first: most texts are then read once.
        let mut gsm7 = Packer::new(SmsEncoding::Gsm7);
        for character in text.chars() {
            match septets(character) {
                Some(septets) => gsm7.add(septets),
                None => return Self::in_ucs2(text),
            }
        }
        gsm7.finish()
    }

    fn in_ucs2(text: &str) -> Self {
        let mut ucs2 = Packer::new(SmsEncoding::Ucs2);
        text.chars().for_each(|character| ucs2.add(character.len_utf16()));
        ucs2.finish()
    }

    /// Returns the encoding: GSM-7 if it has all characters of the text, otherwise UCS-2.
    pub fn encoding(self) -> SmsEncoding {
        self.encoding
    }

    /// Returns the number of units: septets of GSM-7, or 16-bit units of UCS-2.
    pub fn units(self) -> usize {
        self.units
    }

    /// Returns the number of segments, each of which is charged as an SMS. An empty text, which is never sent, has none.
    pub fn segments(self) -> usize {
        self.segments
    }

    /// Returns the number of units that can be added to the last segment.
    pub fn remaining(self) -> usize {
        self.remaining
    }
}

/// Packs characters into the segments of an SMS of several, each into the current one if it fits there as a whole.
/// Dividing the number of units by the size of a segment is not enough: two septets after 152 begin a new segment.
struct Packer {
    encoding: SmsEncoding,
    units: usize,
    /// The full segments before the current one.
    full: usize,
    /// The units in the current one.
    current: usize,
}

impl Packer {
    fn new(encoding: SmsEncoding) -> Self {
        Self { encoding, units: 0, full: 0, current: 0 }
    }

    fn add(&mut self, units: usize) {
        self.units += units;
        self.current += units;
        if self.current > self.encoding.units_of_joined_segment() {
            self.full += 1;
            self.current = units;
        }
    }

    fn finish(self) -> SmsLength {
        let Self { encoding, units, full, current } = self;
        // A text that fits into one segment needs no headers, and so is not split.
        let (segments, remaining) = match encoding.units_of_one_segment().checked_sub(units) {
            Some(remaining) => (usize::from(units > 0), remaining),
            None => (full + 1, encoding.units_of_joined_segment() - current),
        };
        SmsLength { encoding, units, segments, remaining }
    }
}

/// Returns the number of septets of a character of GSM-7: two for those of the extension table, which follow an escape.
///
/// The escape (U+001B) itself is no character, and the tab and the backquote are in neither table. Position 9 is the
/// capital Ç; tables that have the small ç there copied an error of an early mapping.
fn septets(character: char) -> Option<usize> {
    match character {
        '\n' | '\r' | ' '..='Z' | '_' | 'a'..='z' => Some(1),
        '¡' | '£' | '¤' | '¥' | '§' | '¿' => Some(1),
        'Ä' | 'Å' | 'Æ' | 'Ç' | 'É' | 'Ñ' | 'Ö' | 'Ø' | 'Ü' => Some(1),
        'ß' | 'à' | 'ä' | 'å' | 'æ' | 'è' | 'é' | 'ì' | 'ñ' | 'ò' | 'ö' | 'ø' | 'ù' | 'ü' => Some(1),
        'Γ' | 'Δ' | 'Θ' | 'Λ' | 'Ξ' | 'Π' | 'Σ' | 'Φ' | 'Ψ' | 'Ω' => Some(1),
        '\u{c}' | '[' | '\\' | ']' | '^' | '{' | '|' | '}' | '~' | '€' => Some(2),
        _ => None,
    }
}
