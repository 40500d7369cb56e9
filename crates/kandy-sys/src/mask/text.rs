//! Masks credentials in text by their form, and by the name before them.

use std::borrow::Cow;

use super::{MASK, named_values};

/// The length of the prefix of a credential, such as `DAK`.
const PREFIX_LENGTH: usize = 3;
/// The fewest hexadecimal digits that a credential has.
const DIGITS: usize = 32;

/// Masks what is recognisable as a secret without the request: words that have the form of a credential, and values after
/// a name such as `password`.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    match named_values::mask(text) {
        Cow::Borrowed(text) => mask_words(text),
        Cow::Owned(text) => match mask_words(&text) {
            Cow::Borrowed(_) => text.into(),
            Cow::Owned(text) => text.into(),
        },
    }
}

/// Masks every credential with its prefix, such as `DAK` and 32 hexadecimal digits, wherever it is in a text.
///
/// Bare digits stay, because ids of devices and groups look like them. Use it where ids have to stay readable, as in a
/// request log.
///
/// ```
/// let text = "domain_api_secretDAS0123456789abcdef0123456789abcdef and 0123456789abcdef0123456789abcdef";
/// assert_eq!(kandy_sys::mask_credentials(text), "domain_api_secret*** and 0123456789abcdef0123456789abcdef");
/// ```
pub fn mask_credentials(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut masked = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(candidate) = bytes.get(at..at + PREFIX_LENGTH + DIGITS) {
        let (prefix, digits) = candidate.split_at(PREFIX_LENGTH);
        if is_prefix(prefix) && digits.iter().all(u8::is_ascii_hexdigit) {
            // A credential is ASCII, so both of its ends are character boundaries.
            masked.push_str(&text[copied..at]);
            masked.push_str(MASK);
            at += PREFIX_LENGTH + DIGITS;
            copied = at;
        } else {
            at += 1;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[copied..]);
    Cow::Owned(masked)
}

/// Masks the words that have the form of a credential.
///
/// On the live service credentials are a prefix such as `DAK` and 32 hexadecimal digits; the documentation also shows the
/// bare digits. Ids of devices and groups look like the latter, and are masked with them.
fn mask_words(text: &str) -> Cow<'_, str> {
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

/// Splits the character that ends a word from the word.
fn split(word: &str) -> (&str, &str) {
    let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
    word.split_at(end)
}

fn is_credential(word: &str) -> bool {
    let digits = match word.as_bytes().split_at_checked(PREFIX_LENGTH) {
        Some((prefix, digits)) if is_prefix(prefix) => digits,
        _ => word.as_bytes(),
    };
    digits.len() >= DIGITS && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whether bytes are the prefix of a credential: its level (account, domain, user) and its kind (key, secret, token).
fn is_prefix(bytes: &[u8]) -> bool {
    matches!(bytes, [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_credentials_within_words_and_keeps_bare_digits() {
        let digits = "0123456789abcdef0123456789ABCDEF";
        let text = format!("ü/xUAT{digits}y/{digits}/DAK{}/AAS{digits}", &digits[..31]);
        assert_eq!(mask_credentials(&text), format!("ü/x***y/{digits}/DAK{}/***", &digits[..31]));
        assert!(matches!(mask_credentials("ü"), Cow::Borrowed("ü")));
        let key = "UAK1a2b3c4d5e6f708192a3b4c5d6e7f8090";
        assert_eq!(mask_credentials(&format!("ä{}ö{key}", &key[..35])), "ä***ö***0");
        assert_eq!((mask_credentials("UAK1a2b"), mask_credentials("")), ("UAK1a2b".into(), "".into()));
    }

    #[test]
    fn hides_credentials_and_nothing_else() {
        let digits = "0123456789abcdef0123456789ABCDEF";
        let text = format!("key UAK{digits} and \"{digits}\", not DAK or {}; ü", &digits[..31]);
        assert_eq!(mask_words(&text), format!("key *** and \"***\", not DAK or {}; ü", &digits[..31]));
        assert_eq!(mask(&format!("no such user: {digits}")), "no such user: ***");
        for text in ["", "no such user", "abc2fa75-2c3c-4edf-97de-8b0a12f622f0", "ü", "@"] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text));
        }
    }

    /// Ids of other kinds may have letters before their digits.
    #[test]
    fn only_the_prefix_of_a_credential_makes_one() {
        let digits = "0123456789abcdef0123456789abcdef";
        for (prefix, is_credential) in [
            ("AAK", true),
            ("DAS", true),
            ("UAT", true),
            ("XAK", false),
            ("DBK", false),
            ("DAX", false),
            ("dak", false),
        ] {
            let text = format!("id {prefix}{digits}.");
            let expected = if is_credential { "id ***." } else { &text };
            assert_eq!((&*mask(&text), &*mask_credentials(&text)), (expected, expected));
        }
    }

    #[test]
    fn a_masked_text_stays_as_it_is() {
        for text in ["password: hunter22, key=abc", "{\"token\": [\"a1\", \"b2\"]}", "pwd is x"] {
            let once = mask(text).into_owned();
            assert!(matches!(mask(&once), Cow::Borrowed(same) if same == once), "{once}");
        }
    }
}
