//! Which characters are escaped, and how.

use std::borrow::Cow;

/// The number of lines that a text may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// One: line feeds and tabs are escaped, too.
    One,
    /// Any number: line feeds and tabs are kept.
    Many,
}

/// Escapes what could control or deceive a terminal: `\n`, `\r`, `\t`, and `\u{1b}` as in Rust.
///
/// Backslashes are kept, so the result is for display and cannot be reversed.
pub(crate) fn escape(text: &str, lines: Lines) -> Cow<'_, str> {
    let kept = |c: char| lines == Lines::Many && matches!(c, '\n' | '\t');
    replace(text, kept, |to, c| to.extend(c.escape_default()))
}

/// Escapes JSON without changing its meaning: `\u001b`.
///
/// JSON allows such characters only inside strings, except for whitespace between values.
pub(crate) fn escape_json(json: &str) -> Cow<'_, str> {
    let kept = |c: char| matches!(c, '\n' | '\t' | '\r');
    replace(json, kept, |to, c| {
        // JSON escapes are UTF-16 units: a character beyond U+FFFF is a surrogate pair.
        for unit in c.encode_utf16(&mut [0; 2]) {
            to.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

fn replace(text: &str, kept: impl Fn(char) -> bool, mut write: impl FnMut(&mut String, char)) -> Cow<'_, str> {
    // Most texts are printable ASCII.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut replaced: Option<String> = None;
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map(|(_, after)| *after);
        if !kept(c) && is_unsafe(before, c, after) {
            write(replaced.get_or_insert_with(|| text[..at].to_owned()), c);
        } else if let Some(replaced) = &mut replaced {
            replaced.push(c);
        }
        before = Some(c);
    }
    replaced.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Returns whether a character could control a terminal, reorder the text around it, or hide.
fn is_unsafe(before: Option<char>, c: char, after: Option<char>) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    match c {
        // C1 controls: 8-bit forms of escape sequences.
        '\u{80}'..='\u{9f}' => true,
        // Line and paragraph separators.
        '\u{2028}' | '\u{2029}' => true,
        // Bidirectional marks, embeddings, overrides and isolates.
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Joiners are kept between emoji and letters of scripts that need them; elsewhere they would be invisible.
        '\u{200c}' | '\u{200d}' => !(may_join(before) && after.is_some_and(|after| !after.is_ascii())),
        // Variation selectors, such as that for coloured emoji: the same.
        _ if is_selector(c) => !may_be_selected(before, after),
        // Other default-ignorable characters. Tags are among them, so the flags of England, Scotland and Wales are
        // escaped.
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' => true,
        '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

fn may_join(before: Option<char>) -> bool {
    before.is_some_and(|before| !before.is_ascii() && !matches!(before, '\u{200c}' | '\u{200d}'))
}

/// Returns whether a character is a variation selector.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a selector has a character to apply to: one that is not ASCII, or a digit in a keycap, as in 1️⃣. A
/// series of selectors could hide a text of any length.
fn may_be_selected(before: Option<char>, after: Option<char>) -> bool {
    match before {
        Some('0'..='9' | '#' | '*') => after == Some('\u{20e3}'),
        Some(before) => !before.is_ascii() && !is_selector(before) && !matches!(before, '\u{200c}' | '\u{200d}'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Characters that must never reach a terminal.
    const NEVER: &str = "\0\u{7}\u{8}\r\u{b}\u{c}\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9d}\u{9f}\u{ad}\u{61c}\u{200b}\u{200e}\
        \u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}\
        \u{e0001}\u{e0041}\u{e007f}";

    #[test]
    fn escapes_controls_and_bidi_everywhere() {
        for c in NEVER.chars() {
            for text in [format!("{c}"), format!("a{c}b"), format!("ä{c}ö"), format!("{c}{c}"), format!("😀{c}")] {
                for lines in [Lines::One, Lines::Many] {
                    let escaped = escape(&text, lines);
                    assert!(!escaped.contains(c), "{text:?} became {escaped:?}");
                }
                let json = serde_json::to_string(&text).expect("JSON");
                let escaped = escape_json(&json);
                assert!(!escaped.contains(c), "{text:?} became {escaped:?}");
                assert_eq!(serde_json::from_str::<String>(&escaped).expect("JSON"), text);
            }
        }
    }

    #[test]
    fn uses_rust_and_json_escapes() {
        let text = "a\u{1b}[31m\u{9b}\u{202e}\u{e0041}\r\n\tz";
        assert_eq!(escape(text, Lines::One), r"a\u{1b}[31m\u{9b}\u{202e}\u{e0041}\r\n\tz");
        assert_eq!(escape(text, Lines::Many), "a\\u{1b}[31m\\u{9b}\\u{202e}\\u{e0041}\\r\n\tz");
        let json = serde_json::to_string_pretty(&serde_json::json!([text])).expect("JSON");
        assert_eq!(escape_json(&json), "[\n  \"a\\u001b[31m\\u009b\\u202e\\udb40\\udc41\\r\\n\\tz\"\n]");
    }

    #[test]
    fn natural_text_is_unchanged() {
        for text in [
            r"C:\path\u{1b}",
            "Grüße, 北京, Здравствуйте",
            "שלום עולם",
            "مرحبا",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}❤\u{fe0f}\u{200d}👩",
            "1\u{fe0f}\u{20e3}",
            "e\u{301}",
            "🇩🇪",
            "a\u{a0}b",
        ] {
            assert!(matches!(escape(text, Lines::One), Cow::Borrowed(same) if same == text), "{text}");
        }
    }

    #[test]
    fn invisible_characters_in_ids_are_escaped() {
        assert_eq!(escape("ru\u{200d}ss", Lines::One), r"ru\u{200d}ss");
        assert_eq!(escape("russ\u{fe0f}", Lines::One), r"russ\u{fe0f}");
        assert_eq!(escape("\u{200c}russ", Lines::One), r"\u{200c}russ");
        assert_eq!(escape("❤\u{fe0f}\u{fe0f}", Lines::One), "❤\u{fe0f}\\u{fe0f}");
        assert_eq!(escape("7\u{fe0f}", Lines::One), r"7\u{fe0f}");
    }

    proptest! {
        #[test]
        fn escaping_is_idempotent(text in any::<String>()) {
            let once = escape(&text, Lines::One).into_owned();
            prop_assert_eq!(escape(&once, Lines::One), once.as_str());
            prop_assert!(!once.chars().any(char::is_control));
        }

        #[test]
        fn json_keeps_its_meaning(text in any::<String>()) {
            let json = serde_json::to_string(&text).expect("JSON");
            let escaped = escape_json(&json);
            prop_assert!(!escaped.chars().any(char::is_control));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).expect("JSON"), text);
        }
    }
}
