//! Refuses a text that needs too many segments, and tells how it would need fewer. Depends on `error` and `sms::text`;
//! begin with [`check_segments`].

use kandy_sys::{SmsEncoding, SmsLength};

use super::text::SmsText;
use crate::{Result, error::Error};

/// How many characters or replacements an error names.
const NAMED: usize = 5;

/// Checks that a text needs no more segments than the limit, if there is one.
pub(super) fn check_segments(text: &str, limit: Option<usize>) -> Result<()> {
    match limit {
        Some(0) => Err(Error::argument("max_segments", "it is 0, and every SMS has a segment; give at least 1")),
        // Most texts pass, and are counted without allocating.
        Some(limit) if SmsLength::of(text).segments() > limit => {
            Err(Error::argument("text", reason(&SmsText::new(text), limit)))
        }
        _ => Ok(()),
    }
}

/// Tells why a text is too long, and what to do about it.
fn reason(text: &SmsText, limit: usize) -> String {
    let encoding = text.encoding();
    let unit = if encoding == SmsEncoding::Gsm7 { "septets" } else { "units" };
    let needed = plural(text.segments(), "segment");
    let mut reason =
        format!("it needs {needed} in {encoding} ({} {unit}), and `max_segments` allows {limit}", text.units());
    if encoding != SmsEncoding::Gsm7 {
        let name = |(byte, char): (usize, char)| {
            let position = text.as_str()[..byte].chars().count() + 1;
            format!("{char:?} (character {position})")
        };
        reason += &format!("; GSM-7, which has more room, does not have {}", list(text.non_gsm7_chars(), name));
    }
    match text.with_replacements().filter(|replaced| replaced.segments() <= limit) {
        Some(replaced) => {
            let replacements = list(text.replacements(), |(from, to)| format!("{from:?} by {to:?}"));
            let needed = plural(replaced.segments(), "segment");
            reason += &format!("; replace {replacements}, and it needs {needed}");
        }
        None => {
            let surplus = plural(surplus(text.as_str(), limit), "character");
            reason += &format!("; shorten it by {surplus}, or raise `max_segments`");
        }
    }
    reason
}

/// Returns how many characters at the end of a text are over the limit.
fn surplus(text: &str, limit: usize) -> usize {
    // Each character takes a unit at least, so more than these never fit.
    let most = limit.saturating_mul(SmsEncoding::Gsm7.units_of_one_segment());
    let ends: Vec<usize> = text.char_indices().take(most).map(|(byte, char)| byte + char.len_utf8()).collect();
    // A longer text never needs fewer segments.
    let fitting = ends.partition_point(|end| SmsLength::of(&text[..*end]).segments() <= limit);
    text.chars().count() - fitting
}

fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Joins the names of the first few items, and tells how many are left out. Those are not named, since a text may have
/// a million of them.
fn list<T>(mut items: impl Iterator<Item = T>, name: impl Fn(T) -> String) -> String {
    let named: Vec<String> = items.by_ref().take(NAMED).map(name).collect();
    match items.count() {
        0 => named.join(", "),
        others => format!("{} and {others} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals() {
        let a = |number| "a".repeat(number);
        for (text, limit, expected) in [
            (a(160), 1, None),
            (a(306), 2, None),
            (String::new(), 1, None),
            (a(39_016), usize::MAX, None),
            (
                a(172),
                1,
                Some(
                    "it needs 2 segments in GSM-7 (172 septets), and `max_segments` allows 1; shorten it by 12 characters, \
                     or raise `max_segments`",
                ),
            ),
            // Its septets would fit, but none is split.
            (
                "]".repeat(153),
                2,
                Some(
                    "it needs 3 segments in GSM-7 (306 septets), and `max_segments` allows 2; shorten it by 1 character, \
                     or raise `max_segments`",
                ),
            ),
            (
                format!("It’s {}…", a(90)),
                1,
                Some(
                    "it needs 2 segments in UCS-2 (96 units), and `max_segments` allows 1; GSM-7, which has more room, does \
                     not have '’' (character 3), '…' (character 96); replace \"’\" by \"'\", \"…\" by \"...\", and it \
                     needs 1 segment",
                ),
            ),
            // The emoji stays, so the quote may stay, too. It is at the end, and all before it is GSM-7.
            (
                format!("{}’👍", a(159)),
                1,
                Some(
                    "it needs 3 segments in UCS-2 (162 units), and `max_segments` allows 1; GSM-7, which has more room, does \
                     not have '’' (character 160), '👍' (character 161); shorten it by 2 characters, or raise \
                     `max_segments`",
                ),
            ),
            // With the replacements it would still be too long.
            (
                format!("’{}", a(160)),
                1,
                Some(
                    "it needs 3 segments in UCS-2 (161 units), and `max_segments` allows 1; GSM-7, which has more room, does \
                     not have '’' (character 1); shorten it by 91 characters, or raise `max_segments`",
                ),
            ),
            // What terminals obey is escaped, and what is too much is left out.
            (
                format!("\u{1b}[2J\u{202e}абвгд{}", a(61)),
                1,
                Some(
                    "it needs 2 segments in UCS-2 (71 units), and `max_segments` allows 1; GSM-7, which has more room, does \
                     not have '\\u{1b}' (character 1), '\\u{202e}' (character 5), 'а' (character 6), 'б' (character 7), \
                     'в' (character 8) and 2 more; shorten it by 1 character, or raise `max_segments`",
                ),
            ),
        ] {
            let found = check_segments(&text, Some(limit)).err().map(|error| error.to_string());
            let expected = expected.map(|reason| format!("`text` cannot be used: {reason}"));
            assert_eq!(found, expected, "{text}");
            assert!(check_segments(&text, None).is_ok());
        }
    }

    #[test]
    fn a_limit_of_0_is_no_limit_that_a_text_can_keep_to() {
        for text in ["", "a", "ы"] {
            let error = check_segments(text, Some(0)).expect_err("refused").to_string();
            assert!(error.starts_with("`max_segments` cannot be used: it is 0"), "{error}");
        }
    }

    #[test]
    fn a_hostile_text_is_refused_in_linear_time() {
        // All characters, most of which are not in GSM-7: a search for each of them would take minutes.
        let text: String = ('\0'..=char::MAX).collect();
        let error = check_segments(&text, Some(255)).expect_err("refused").to_string();
        assert!(error.len() < 600, "{error}");
    }
}
