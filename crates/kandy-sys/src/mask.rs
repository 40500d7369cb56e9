//! Hides what looks like a credential in a text that the service wrote.

use std::borrow::Cow;

/// What is shown in the place of a credential.
pub(crate) const MASK: &str = "***";

/// A text in which every word that looks like a credential is `***`.
///
/// On the live service credentials are a prefix such as `DAK` and 32 hexadecimal digits; the documentation also shows the
/// bare digits. Ids of devices and groups look like the latter, and are hidden with them.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    let words = || text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    if !words().any(|word| is_credential(split(word).0)) {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    for word in words() {
        let (word, end) = split(word);
        masked.push_str(if is_credential(word) { MASK } else { word });
        masked.push_str(end);
    }
    Cow::Owned(masked)
}

/// A word, and the one character that ends it.
fn split(word: &str) -> (&str, &str) {
    let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
    word.split_at(end)
}

fn is_credential(word: &str) -> bool {
    let digits = match word.as_bytes() {
        [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T', digits @ ..] if digits.len() >= 32 => digits,
        digits => digits,
    };
    digits.len() >= 32 && digits.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_credentials_and_nothing_else() {
        let digits = "0123456789abcdef0123456789ABCDEF";
        let text = format!("key UAK{digits} and \"{digits}\", not DAK or {}; ü", &digits[..31]);
        assert_eq!(mask(&text), format!("key *** and \"***\", not DAK or {}; ü", &digits[..31]));
        for text in ["", "no such user", "abc2fa75-2c3c-4edf-97de-8b0a12f622f0", "ü", "@"] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text));
        }
    }
}
