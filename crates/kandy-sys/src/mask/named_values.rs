//! Finds values after a name such as `password`, in prose, JSON, URLs, HTML and similar text.
//!
//! Begin with [`mask`]: it finds a name, then a separator, then the value.

use std::borrow::Cow;

use super::{MASK, names::announces_credential};

/// Authentication schemes, which stand between a name and its value: `Authorization: Bearer …`.
const SCHEMES: [&str; 4] = ["bearer", "basic", "digest", "token"];

/// Words that follow a name in a sentence and are not a value: `token expired`.
const WORDS: &[&str] = &[
    "a",
    "already",
    "an",
    "and",
    "are",
    "as",
    "at",
    "bad",
    "be",
    "been",
    "can",
    "cannot",
    "characters",
    "could",
    "did",
    "does",
    "empty",
    "expired",
    "failed",
    "for",
    "format",
    "found",
    "given",
    "has",
    "have",
    "in",
    "incorrect",
    "invalid",
    "is",
    "it",
    "length",
    "long",
    "malformed",
    "mismatch",
    "missing",
    "must",
    "needs",
    "no",
    "none",
    "not",
    "null",
    "of",
    "ok",
    "old",
    "on",
    "only",
    "or",
    "out",
    "rejected",
    "refused",
    "required",
    "revoked",
    "set",
    "short",
    "should",
    "that",
    "the",
    "this",
    "to",
    "too",
    "unknown",
    "used",
    "valid",
    "value",
    "was",
    "weak",
    "were",
    "with",
    "wrong",
    "your",
];

/// Masks each value that follows a name. After a bare space, only a word that looks like a value is masked: `token expired`
/// stays.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some((begin, end)) = next_name(text, at) {
        at = end;
        if !announces_credential(&text[begin..end]) {
            continue;
        }
        for (begin, end) in values(text, end) {
            masked.push_str(&text[copied..begin]);
            masked.push_str(MASK);
            (copied, at) = (end, end);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Finds the next word with the characters of a member or parameter name.
fn next_name(text: &str, from: usize) -> Option<(usize, usize)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let begin = from + text[from..].find(|c: char| c.is_ascii_alphabetic() || c == '_')?;
    let end = text[begin..].find(|c| !is_part(c)).map_or(text.len(), |length| begin + length);
    Some((begin, end))
}

/// The separator between a name and its value.
#[derive(PartialEq)]
enum Separator {
    /// `=`, `":`, `>`: a value follows.
    Assignment,
    /// `: `, ` is `: a value or a word of the sentence follows.
    Sentence,
    /// A space.
    Space,
}

/// Returns the ranges of the values after a name that ends here. A scheme such as `Bearer` is skipped.
fn values(text: &str, name_end: usize) -> Vec<(usize, usize)> {
    let Some((mut separator, mut at)) = separator(text, name_end) else { return Vec::new() };
    let mut found = Vec::new();
    loop {
        let Some((begin, end, is_quoted)) = value(text, at) else { return found };
        let word = &text[begin..end];
        let is_scheme = SCHEMES.contains(&word.to_ascii_lowercase().as_str());
        let is_value = match separator {
            _ if word == MASK => false,
            Separator::Assignment => true,
            _ if is_quoted => true,
            Separator::Sentence => !WORDS.contains(&word.to_ascii_lowercase().as_str()),
            Separator::Space => looks_like_a_value(word),
        };
        if is_value && !is_scheme {
            found.push((begin, end));
        }
        if !is_scheme {
            return found;
        }
        (separator, at) = (Separator::Assignment, skip(text, end, |c| c.is_whitespace()));
    }
}

/// Finds the separator after a name, and where it ends.
fn separator(text: &str, name_end: usize) -> Option<(Separator, usize)> {
    let mut at = skip_quote(text, name_end);
    let is_quoted = at > name_end;
    let after_quote = at;
    at = skip(text, at, char::is_whitespace);
    let rest = &text[at..];
    for mark in ["=>", ":=", "=", ":", "%3D", "%3d", "%3A", "%3a", ">", "&gt;"] {
        let Some(after) = rest.strip_prefix(mark) else { continue };
        let end = text.len() - after.len();
        let begin = skip(text, end, char::is_whitespace);
        let is_sentence = mark == ":" && !is_quoted && begin > end;
        return Some((if is_sentence { Separator::Sentence } else { Separator::Assignment }, begin));
    }
    if at == after_quote {
        return None;
    }
    for verb in ["is", "was", "of", "value"] {
        if let Some(after) = rest.strip_prefix(verb)
            && after.starts_with([' ', ':', '='])
        {
            let begin = skip(text, text.len() - after.len(), |c| c.is_whitespace() || c == ':' || c == '=');
            return Some((Separator::Sentence, begin));
        }
    }
    Some((Separator::Space, at))
}

/// Finds the value that begins here, without its quotes, and whether it has quotes.
fn value(text: &str, at: usize) -> Option<(usize, usize, bool)> {
    let rest = text.get(at..)?;
    if let Some(end) = bracketed(rest) {
        return Some((at, at + end, true));
    }
    let begin = skip_quote(text, at);
    let quote = &text[at..begin];
    let end = match quote {
        "" => begin + unquoted(&text[begin..]),
        _ => closing(text, begin, quote),
    };
    (end > begin).then_some((begin, end, !quote.is_empty()))
}

/// Returns the end of a list or an object at the beginning of a text.
fn bracketed(text: &str) -> Option<usize> {
    let close = match text.chars().next()? {
        '[' => ']',
        '{' => '}',
        _ => return None,
    };
    Some(text.rfind(close).map_or(text.len(), |at| at + 1))
}

fn unquoted(text: &str) -> usize {
    let is_end = |c: char| c.is_whitespace() || ",;&<>\"'`)]}|".contains(c);
    let value = &text[..text.find(is_end).unwrap_or(text.len())];
    // Punctuation at the end of a sentence does not belong to the value.
    value.trim_end_matches(['.', ':', '!', '?']).len()
}

/// Finds the closing quote. A quote after an odd number of backslashes is escaped, and does not close the value.
fn closing(text: &str, begin: usize, quote: &str) -> usize {
    let mut at = begin;
    while let Some(found) = text[at..].find(quote) {
        let backslashes = text[begin..at + found].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes.is_multiple_of(2) {
            return at + found;
        }
        at += found + quote.len();
    }
    text.len()
}

/// Skips one quote, in any escaped form.
fn skip_quote(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let marks = rest.len() - rest.trim_start_matches('\\').len();
    for quote in ["\"", "'", "`", "&quot;", "&#34;", "&#39;", "%22", "%27", "“", "‘", "”", "’"] {
        if rest[marks..].starts_with(quote) {
            return at + marks + quote.len();
        }
    }
    at
}

fn skip(text: &str, at: usize, is_skipped: impl Fn(char) -> bool) -> usize {
    text[at..].find(|c| !is_skipped(c)).map_or(text.len(), |length| at + length)
}

/// Whether a word is more likely a value than part of a sentence.
fn looks_like_a_value(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let has_symbol = word.contains(|c: char| "!@#$%^*_+=~?\\/".contains(c));
    let mixes_case = word.chars().skip(1).any(char::is_uppercase) && word.contains(char::is_lowercase);
    let is_long = word.chars().count() >= 16;
    has_digit || (has_symbol || mixes_case || is_long) && !announces_credential(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_after_a_name_is_masked() {
        for (text, expected) in [
            ("password: hunter22", "password: ***"),
            ("Password=hunter, try again", "Password=***, try again"),
            ("bad user_password 'hun ter' given", "bad user_password '***' given"),
            ("your pwd is hunter.", "your pwd is ***."),
            ("token abc123 expired", "token *** expired"),
            ("no such key: UAKx", "no such key: ***"),
            (r#"{"password":"a\"b","user":"russ"}"#, r#"{"password":"***","user":"russ"}"#),
            (r#"{\"user_api_secret\": \"ab\", \"a\": 1}"#, r#"{\"user_api_secret\": \"***\", \"a\": 1}"#),
            (
                "https://x/y?key=DAT&user_id=russ&user_password=a%20b&z=1",
                "https://x/y?key=***&user_id=russ&user_password=***&z=1",
            ),
            ("password%3Dhunter&x", "password%3D***&x"),
            ("<p>password</p> <password>hunter</password>", "<p>password</p> <password>***</password>"),
            ("&quot;token&quot;:&quot;abc&quot;,", "&quot;token&quot;:&quot;***&quot;,"),
            ("Authorization: Bearer abc", "Authorization: Bearer ***"),
            ("Bearer abc123", "Bearer ***"),
            ("x-api-key: abc", "x-api-key: ***"),
            (r#""access_tokens":["a","b"],"#, r#""access_tokens":***,"#),
            ("validation_code 1234 and 'secret' => x1", "validation_code *** and 'secret' => ***"),
            ("password:a password: b", "password:*** password: ***"),
            ("password \"never closed", "password \"***"),
            (r#"password "a\"b\\" c"#, r#"password "***" c"#),
            // A word of a sentence after a quoted name is a value.
            ("{'password': weak, 'token': expired}", "{'password': ***, 'token': ***}"),
            ("password is: hunter", "password is: ***"),
            ("password value = hunter", "password value = ***"),
            ("token was := hunter", "token was := ***"),
            (r#"token: {"a":"b c","d":{}} end"#, "token: *** end"),
            ("password=[a, b] and more", "password=*** and more"),
            // After a space: a digit, a symbol, a capital within, or at least 16 characters.
            ("password hun7er", "password ***"),
            ("password hun$ter", "password ***"),
            ("password hunTer", "password ***"),
            ("password correcthorsebatt", "password ***"),
        ] {
            assert_eq!(mask(text), expected);
        }
    }

    #[test]
    fn a_sentence_about_a_secret_stays() {
        for text in [
            "token expired",
            "invalid password",
            "password is too short",
            "password: must have 8 characters",
            "the password needs at least one letter and two digits",
            "missing parameter: user_password",
            "status 55 (INVALID_CREDENTIALS): The key and the secret or password do not belong together.",
            "wrong password for user russ7",
            "monkey: bars, keyword: x",
            "password correcthorsebat",
            "password Hunter HUNTER",
            // The word after the name is a name itself.
            "secret user_password",
            "secret clientSecret",
            "secret authenticationtoken",
            // A text whose values are masked already.
            "password=*** token: *** and key ***",
            "secret",
            "key",
            "",
        ] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text), "{}", mask(text));
        }
    }

    #[test]
    fn any_text_can_be_read() {
        let parts = ["password", "=", ":", " is ", "\"", "\\", "'", "[", "{", "ü", "😀", "%3D", "&quot;", " ", "", ">"];
        for first in parts {
            for second in parts {
                for third in parts {
                    let text = format!("{first}{second}{third}token{third}{second}{first}");
                    let once = mask(&text).into_owned();
                    assert!(once.len() <= text.len() + 3 * parts.len(), "{text}");
                }
            }
        }
    }
}
