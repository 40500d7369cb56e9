//! Finds known values in a text, in any case and however they are escaped.

use std::borrow::Cow;

use super::MASK;

/// Shorter values are masked only as whole words in the same case, so that the value `a` does not mask every `a`.
const LONG: usize = 4;

/// Values of at least this length are also found with a separator between any two characters.
const SPLIT: usize = 8;

/// The most backslashes before an escaped character: JSON six times within JSON has 63. Without a limit, a long run of
/// them would be counted again from each of its positions.
const MOST_BACKSLASHES: usize = 64;

/// A value to find.
struct Wanted {
    characters: Vec<char>,
    is_short: bool,
}

/// Masks all `values` in a text. Where two begin at the same position, the longer one is masked.
///
/// A value is found as it is, in other case, escaped (URL, JSON, HTML; URL and JSON also twice), and with a separator
/// between its characters.
pub(super) fn mask<'a, 'b>(text: &'a str, values: impl Iterator<Item = &'b str>) -> Cow<'a, str> {
    let mut wanted: Vec<Wanted> = values.filter(|value| !value.trim().is_empty()).flat_map(Wanted::spellings).collect();
    wanted.sort_by_key(|wanted| std::cmp::Reverse(wanted.characters.len()));
    let mut masked = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(next) = text[at..].chars().next() {
        match wanted.iter().filter(|wanted| wanted.may_begin(next)).find_map(|wanted| wanted.end(text, at)) {
            Some(end) => {
                debug_assert!(end > at, "a value that is found has characters");
                masked.push_str(&text[copied..at]);
                masked.push_str(MASK);
                (copied, at) = (end, end);
            }
            None => at += next.len_utf8(),
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

impl Wanted {
    /// Returns a value as it is and, if it has backslashes, as JSON: JSON within JSON escapes the escapes again.
    fn spellings(value: &str) -> impl Iterator<Item = Self> {
        let is_short = value.chars().count() < LONG;
        let json = value.contains('\\').then(|| value.replace('\\', r"\\").chars().collect());
        [Some(value.chars().collect()), json].into_iter().flatten().map(move |characters| Self { characters, is_short })
    }

    fn is_same(&self, wanted: char, c: char) -> bool {
        c == wanted || !self.is_short && c.to_lowercase().eq(wanted.to_lowercase())
    }

    /// Whether the value may begin with this character. It rejects most positions cheaply.
    fn may_begin(&self, c: char) -> bool {
        "%+\\&".contains(c) || self.is_same(self.characters[0], c)
    }

    /// Returns the end of the value, if it begins here.
    fn end(&self, text: &str, at: usize) -> Option<usize> {
        // If both readings match, take the longer match, so that no part of an escape remains.
        let readings = [Prefer::Plain, Prefer::Escape].into_iter();
        let end = readings.filter_map(|prefer| self.end_reading(text, at, prefer)).max()?;
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_within = is_word(text[..at].chars().next_back()) || is_word(text[end..].chars().next());
        (!self.is_short || !is_within).then_some(end)
    }

    fn end_reading(&self, text: &str, mut at: usize, prefer: Prefer) -> Option<usize> {
        for (number, wanted) in self.characters.iter().enumerate() {
            let rest = &text[at..];
            let mut length = self.length_of(*wanted, rest, prefer);
            if length.is_none() && number > 0 && self.characters.len() >= SPLIT {
                let separator =
                    rest.chars().next().filter(|c| c.is_ascii_punctuation() || c.is_whitespace())?.len_utf8();
                length = self.length_of(*wanted, &rest[separator..], prefer).map(|length| separator + length);
            }
            at += length?;
        }
        Some(at)
    }

    /// Returns how many bytes at the beginning of a text encode this character.
    fn length_of(&self, wanted: char, text: &str, prefer: Prefer) -> Option<usize> {
        let is_it = |c: char| self.is_same(wanted, c);
        let plain = || text.chars().next().filter(|c| is_it(*c)).map(char::len_utf8);
        let escaped = || escapes(text).into_iter().flatten().find(|(c, _)| is_it(*c)).map(|(_, length)| length);
        match prefer {
            Prefer::Plain => plain().or_else(escaped),
            Prefer::Escape => escaped().or_else(plain),
        }
    }
}

/// Which reading is tried first where a text has two, such as `%25`.
#[derive(Clone, Copy)]
enum Prefer {
    Plain,
    Escape,
}

/// Decodes an escape at the beginning of a text: the character, and the length of the escape.
fn escapes(text: &str) -> [Option<(char, usize)>; 2] {
    match text.as_bytes().first() {
        Some(b'%') => [url(text, "%25"), url(text, "%")],
        Some(b'+') => [Some((' ', 1)), None],
        Some(b'\\') => [json(text), text.starts_with("\\\\").then_some(('\\', 2))],
        Some(b'&') => [html(text), None],
        _ => [None, None],
    }
}

/// Decodes a URL escape: each byte is two hexadecimal digits after a mark.
fn url(text: &str, mark: &str) -> Option<(char, usize)> {
    let length = mark.len() + 2;
    let mut bytes = [0; 4];
    for number in 0..bytes.len() {
        let escape = text.get(number * length..(number + 1) * length)?;
        bytes[number] = u8::from_str_radix(escape.strip_prefix(mark)?, 16).ok()?;
        if let Some(c) = std::str::from_utf8(&bytes[..=number]).ok().and_then(|text| text.chars().next()) {
            return Some((c, (number + 1) * length));
        }
    }
    None
}

/// Decodes a JSON escape after one or more backslashes. JSON within JSON has several.
fn json(text: &str) -> Option<(char, usize)> {
    // After a longer run the next character is a backslash, which is no escape.
    let marks = text.bytes().take(MOST_BACKSLASHES).take_while(|byte| *byte == b'\\').count();
    let c = match text[marks..].chars().next() {
        Some('u') => return unicode(text, marks),
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some(c @ ('"' | '/' | '\'')) => c,
        _ => return None,
    };
    Some((c, marks + 1))
}

/// Decodes `uXXXX` after backslashes, or a surrogate pair of two. Both halves have as many backslashes.
fn unicode(text: &str, marks: usize) -> Option<(char, usize)> {
    let (backslashes, rest) = text.split_at(marks);
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(rest)?;
    if let Some(c) = char::from_u32(first.into()) {
        return Some((c, marks + 5));
    }
    let second = unit(rest.get(5..)?.strip_prefix(backslashes)?)?;
    let c = char::decode_utf16([first, second]).next()?.ok()?;
    Some((c, 2 * (marks + 5)))
}

/// Decodes an HTML entity: `&amp;`, `&#38;`, `&#x26;`.
fn html(text: &str) -> Option<(char, usize)> {
    const LONGEST: usize = 12;
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let c = match text.get(1..end)? {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        name => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(number) => u32::from_str_radix(number, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((c, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str, values: &[&str]) -> String {
        mask(text, values.iter().copied()).into_owned()
    }

    #[test]
    fn a_value_is_found_in_every_spelling() {
        let value = "pä ss&w/\"o\\rd<2>+%";
        for spelling in [
            value,
            "PÄ SS&W/\"O\\RD<2>+%",
            "p%C3%A4%20ss%26w%2F%22o%5Crd%3C2%3E%2B%25",
            "p%c3%a4+ss%26w%2f%22o%5crd%3c2%3e%2b%25",
            "p%25C3%25A4%2520ss%2526w%252F%2522o%255Crd%253C2%253E%252B%2525",
            r#"pä ss&w/\"o\\rd<2>+%"#,
            r#"p\u00e4 ss\u0026w\/\"o\\rd\u003c2\u003e+%"#,
            r#"pä ss&w/\\\"o\\rd<2>+%"#,
            r#"pä ss&w/\\\"o\\\\rd<2>+%"#,
            "pä ss&amp;w/&quot;o\\rd&lt;2&gt;+%",
            "p&#228; ss&#x26;w/&#34;o\\rd&lt;2&gt;+%",
            "pä-ss&w/\"o\\rd<2>+%".replace("pä-ss", "pä  ss").as_str(),
        ] {
            for (before, after) in [("", ""), ("no ", " here"), ("x", "y"), ("'", "'"), ("ü", "ü")] {
                let text = format!("{before}{spelling}{after}");
                assert_eq!(masked(&text, &[value]), format!("{before}***{after}"), "{text}");
            }
        }
    }

    /// The value is too short for separators, so that each escape has to be read from its beginning to its end.
    #[test]
    fn every_escape_within_a_value_is_read_to_its_end() {
        for (c, escapes) in [
            ('\n', &[r"\n", r"\\n", r"\u000a", r"\\u000A", "%0A", "%250a", "&#10;", "&#xa;"][..]),
            ('\r', &[r"\r", r"\u000d", "%0d", "&#13;"]),
            ('\t', &[r"\t", r"\\\t", "%09", "&#x9;"]),
            ('\u{8}', &[r"\b", r"\\b", "%08"]),
            ('\u{c}', &[r"\f", r"\\f", "%0c"]),
            ('"', &[r#"\""#, r#"\\\""#, "&quot;", "&#34;", "%22"]),
            ('\'', &[r"\'", "&apos;", "&#x27;", "&#X27;", "%27"]),
            ('/', &[r"\/", r"\\\/", "%2f", "%252F"]),
            ('\\', &[r"\\", r"\\\\", r"\u005c", "%5c", "%255C", "&#92;"]),
            ('&', &["&amp;", r"\u0026"]),
            ('<', &["&lt;", r"\u003c"]),
            ('>', &["&gt;", r"\u003e"]),
            (' ', &["+", "%20", "%2520"]),
            ('ü', &["%C3%BC", "%25c3%25bc", r"\u00fc", "&#252;", "Ü"]),
            ('€', &["%E2%82%AC", r"\u20ac"]),
            ('😀', &["%F0%9F%98%80", "%25f0%259f%2598%2580", r"\ud83d\ude00", r"\\ud83d\\ude00", "&#x1f600;"]),
        ] {
            for escape in escapes {
                for (before, after) in [("ab", "cd"), ("", "abcd"), ("abcd", "")] {
                    let value = format!("{before}{c}{after}");
                    let text = format!("xy{before}{escape}{after}yx");
                    assert_eq!(masked(&text, &[&value]), "xy***yx", "{text}");
                }
            }
        }
    }

    #[test]
    fn as_many_backslashes_as_json_within_json_has_are_read() {
        for (count, expected) in [(1, "***"), (2, "***"), (7, "***"), (63, "***"), (64, "***"), (65, r"\***")] {
            let text = format!("{}u0068unter22", "\\".repeat(count));
            assert_eq!(masked(&text, &["hunter22"]), expected, "{count}");
        }
    }

    /// A surrogate pair whose halves are escaped differently is no pair. What follows it may have several bytes.
    #[test]
    fn half_a_surrogate_pair_is_text() {
        for pair in [
            r"\ud83d",
            r"\ud83dude00",
            r"\ud83d\\ude00",
            r"\\ud83d\ude00",
            r"\ud83d\u0041",
            r"\ud83d\",
            r"\ude00\ud83d",
        ] {
            for after in ["", "ü", "a", "😀", "\\"] {
                let text = format!("{pair}{after}");
                assert_eq!(masked(&text, &["😀üaaa"]), text);
            }
        }
    }

    #[test]
    fn separators_within_a_long_value_do_not_hide_it() {
        assert_eq!(masked("at 0f1e-2d3c-4b5a, at 0f1e 2d3c", &["0f1e2d3c4b5a"]), "at ***, at 0f1e 2d3c");
        assert_eq!(masked("h-u-n-t", &["hunt"]), "h-u-n-t", "four characters may be anywhere");
        for (text, expected) in [
            ("h-u-n-t-e-r", "h-u-n-t-e-r"),
            ("h-u-n-t-e-r-2", "h-u-n-t-e-r-2"),
            ("h-u-n-t-e-r-2-2", "***"),
            ("x h u\tn.t_e:r 2/2 x", "x *** x"),
            ("-hunter22-", "-***-"),
            ("h--unter22", "h--unter22"),
            ("hxunter22", "hxunter22"),
            ("hüunter22", "hüunter22"),
        ] {
            assert_eq!(masked(text, &["hunter", "hunter2", "hunter22"]).as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_short_value_is_masked_as_a_word_only() {
        assert_eq!(masked("a cat ate A: a, 'a'", &["a"]), "*** cat ate A: ***, '***'");
        assert_eq!(masked("abcd abc ABC", &["abc"]), "abcd *** ABC");
        assert_eq!(masked("xabcdx ABCD", &["abcd"]), "x***x ***");
        assert_eq!(masked(r"xa\\bx a\\b a\\\\b", &[r"a\b"]), r"xa\\bx *** ***");
    }

    #[test]
    fn the_longest_of_several_is_masked_and_the_rest_stays() {
        assert_eq!(masked("hunter22 hunter, hunt!", &["hunt", "hunter22", "", " "]), "*** ***er, ***!");
        assert!(matches!(mask("nothing", ["hunter22"].into_iter()), Cow::Borrowed("nothing")));
        assert_eq!(masked("😀pass😀", &["😀pass😀"]), "***");
        assert_eq!(masked(r"\ud83d\ude00pass", &["😀pass"]), "***");
    }

    /// It takes minutes if they are counted again from each of them.
    #[test]
    fn a_long_run_of_backslashes_is_read_in_time() {
        let run = "\\".repeat(400_000);
        let text = format!("{run}u0068unter22{run}");
        let begun = std::time::Instant::now();
        let masked = masked(&text, &["hunter22"]);
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
        assert!(masked.ends_with(&format!("***{run}")) && masked.len() < text.len(), "the value is found in it");
    }

    #[test]
    fn broken_escapes_are_text() {
        for text in
            ["%", "%2", "%zz", "%ff%fe", "\\", "\\u12", "\\ud83d", "\\ud83d\\u0041", "&", "&#;", "&#xffffffff;", "+"]
        {
            assert_eq!(masked(text, &["hunter22"]), text);
            assert_eq!(masked(&format!("{text}hunter22{text}"), &["hunter22"]), format!("{text}***{text}"));
        }
    }
}
