//! [`SmsText`]: what a text costs as an SMS, and how it costs less. Depends on nothing; kandy-sys counts.

mod replacements;
#[cfg(test)]
mod tests;

use std::{collections::HashSet, fmt};

use kandy_sys::{SmsEncoding, SmsLength};
use serde::{Deserialize, Serialize};

/// A text with its length as an SMS: the encoding, the number of segments, and the characters that make it expensive.
///
/// Each segment is charged as an SMS. How many a text needs depends on its characters:
///
/// | encoding | used when | one segment | each of several |
/// |---|---|---|---|
/// | GSM-7 | all characters are in the default alphabet of GSM or its extension table | 160 septets | 153 septets |
/// | UCS-2 | any other character is in the text, be it a single one | 70 units of UTF-16 | 67 units |
///
/// In GSM-7 the characters `^{}\[~]|€` and the form feed take two septets, in UCS-2 an emoji takes two units or more. A
/// character is never split, so a segment may end one unit early.
///
/// ```
/// use kandy::{SmsEncoding, SmsText};
///
/// let text = SmsText::new("Don’t miss it: your table is booked for Saturday at 8 p.m. – see you at Luigi’s!");
/// assert_eq!((text.encoding(), text.segments()), (SmsEncoding::Ucs2, 2));
/// assert_eq!(text.non_gsm7_chars().collect::<Vec<_>>(), [(3, '’'), (61, '–')]);
///
/// let cheaper = text.with_replacements().expect("all have a replacement");
/// assert_eq!((cheaper.encoding(), cheaper.segments()), (SmsEncoding::Gsm7, 1));
/// assert_eq!(cheaper.as_str(), "Don't miss it: your table is booked for Saturday at 8 p.m. - see you at Luigi's!");
/// ```
///
/// The figures are those of GSM networks (3GPP TS 23.038 and 23.040). The service does not document how it splits and
/// charges texts, and a carrier may count differently: some use national alphabets, some convert characters, and some
/// limit the number of segments, of which networks join at most 255.
///
/// It is stored as its text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct SmsText {
    text: String,
    length: SmsLength,
    /// Each distinct character that GSM-7 does not have, with the byte at which it is first.
    non_gsm7: Vec<(usize, char)>,
}

impl SmsText {
    /// Counts the segments of a text. Any text is accepted, and kept unchanged.
    ///
    /// ```
    /// assert_eq!(kandy::SmsText::new("Hello").segments(), 1);
    /// ```
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let length = SmsLength::of(&text);
        let mut non_gsm7 = Vec::new();
        if length.encoding() != SmsEncoding::Gsm7 {
            let mut known = HashSet::new();
            non_gsm7.extend(text.char_indices().filter(|(_, char)| !is_gsm7(*char) && known.insert(*char)));
        }
        Self { text, length, non_gsm7 }
    }

    /// Returns the text.
    ///
    /// ```
    /// assert_eq!(kandy::SmsText::new("Hello").as_str(), "Hello");
    /// ```
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the encoding: GSM-7 if it has all characters of the text, otherwise UCS-2.
    ///
    /// ```
    /// use kandy::{SmsEncoding, SmsText};
    ///
    /// assert_eq!(SmsText::new("Grüße").encoding(), SmsEncoding::Gsm7);
    /// assert_eq!(SmsText::new("Привет").encoding(), SmsEncoding::Ucs2);
    /// ```
    pub fn encoding(&self) -> SmsEncoding {
        self.length.encoding()
    }

    /// Returns the number of segments, each of which is charged. An empty text has none; it is refused when it is sent.
    ///
    /// ```
    /// use kandy::SmsText;
    ///
    /// assert_eq!(SmsText::new("a".repeat(160)).segments(), 1);
    /// assert_eq!(SmsText::new("a".repeat(161)).segments(), 2);
    /// assert_eq!(SmsText::new("").segments(), 0);
    /// ```
    pub fn segments(&self) -> usize {
        self.length.segments()
    }

    /// Returns the length in units of the encoding: septets of GSM-7, or 16-bit units of UCS-2.
    ///
    /// ```
    /// use kandy::SmsText;
    ///
    /// assert_eq!(SmsText::new("5 €").units(), 4);
    /// assert_eq!(SmsText::new("5 ₤").units(), 3);
    /// assert_eq!(SmsText::new("👍").units(), 2);
    /// ```
    pub fn units(&self) -> usize {
        self.length.units()
    }

    /// Returns the number of units that can be added to the last segment, as long as the encoding stays the same.
    ///
    /// ```
    /// use kandy::SmsText;
    ///
    /// assert_eq!(SmsText::new("Hello").remaining(), 155);
    /// assert_eq!(SmsText::new("a".repeat(161)).remaining(), 145);
    /// ```
    pub fn remaining(&self) -> usize {
        self.length.remaining()
    }

    /// Returns the characters that force UCS-2, because GSM-7 does not have them: each distinct one with the index of the
    /// byte at which it is first, in the order of the text. None for a text in GSM-7.
    ///
    /// ```
    /// let text = kandy::SmsText::new("ça – ça");
    /// assert_eq!(text.non_gsm7_chars().collect::<Vec<_>>(), [(0, 'ç'), (4, '–')]);
    /// ```
    pub fn non_gsm7_chars(&self) -> impl Iterator<Item = (usize, char)> + '_ {
        self.non_gsm7.iter().copied()
    }

    /// Returns suggested replacements for what is not in GSM-7: each distinct text with its replacement, in order.
    ///
    /// Typographic quotes, dashes, spaces, bullets and the ellipsis have one, and so do line and paragraph separators,
    /// ligatures such as `ﬁ`, `©`, `®`, `™`, and the Greek capitals that look like Latin ones. Invisible characters are
    /// removed. A letter and a combining accent become one letter if GSM-7 has that: `e` and U+0301 become `é`. Letters
    /// never lose their accents, so `á` and `ç` have no replacement.
    ///
    /// ```
    /// let text = kandy::SmsText::new("“ça…”");
    /// assert_eq!(text.replacements().collect::<Vec<_>>(), [("“", "\""), ("…", "..."), ("”", "\"")]);
    /// ```
    pub fn replacements(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let mut known = HashSet::new();
        let replaced = replacements::parts(&self.text).filter_map(|(from, to)| Some((from, to?)));
        replaced.filter(move |(from, _)| known.insert(*from))
    }

    /// Returns the text with all suggested [`replacements`](Self::replacements), if that makes it a text in GSM-7 that
    /// needs no more segments. Otherwise replacing them gains nothing.
    ///
    /// A text is sent as it is given: the SDK replaces nothing by itself.
    ///
    /// ```
    /// use kandy::SmsText;
    ///
    /// assert_eq!(SmsText::new("It’s on").with_replacements(), Some(SmsText::new("It's on")));
    /// assert_eq!(SmsText::new("It’s on 👍").with_replacements(), None, "the emoji stays");
    /// assert_eq!(SmsText::new("It's on").with_replacements(), None, "nothing to replace");
    /// ```
    pub fn with_replacements(&self) -> Option<Self> {
        if self.non_gsm7.is_empty() {
            return None;
        }
        let mut text = String::with_capacity(self.text.len());
        for (from, to) in replacements::parts(&self.text) {
            text.push_str(to.or_else(|| from.chars().all(is_gsm7).then_some(from))?);
        }
        let replaced = Self::new(text);
        // A text of nothing but invisible characters becomes empty, and cannot be sent.
        (!replaced.text.is_empty() && replaced.segments() <= self.segments()).then_some(replaced)
    }
}

fn is_gsm7(character: char) -> bool {
    SmsEncoding::Gsm7.units_of(character).is_some()
}

impl fmt::Display for SmsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for SmsText {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl From<String> for SmsText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for SmsText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// Lets a checked text be sent.
impl From<SmsText> for String {
    fn from(text: SmsText) -> Self {
        text.text
    }
}
