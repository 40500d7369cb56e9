//! Masks secrets in text and in JSON. All masking of the workspace belongs here.
//!
//! * [`SecretMask`] masks the values that one request carried, and everything that [`mask`] finds.
//! * [`mask`] needs no request: it finds words of the form of a credential, and values after a name such as `password`.
//! * [`mask_json`] masks members of JSON by their names.

mod json;
mod named;
mod repeated;
mod secrets;

use std::borrow::Cow;

pub use json::{holds_credential, mask_json};
pub(crate) use secrets::RequestSecrets;
pub use secrets::SecretMask;

/// Replaces a secret.
pub(crate) const MASK: &str = "***";

/// Masks what can be recognised as a secret without knowing any: words of the form of a credential, and values after a
/// name such as `password`.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    match named::mask(text) {
        Cow::Borrowed(text) => mask_words(text),
        Cow::Owned(text) => match mask_words(&text) {
            Cow::Borrowed(_) => text.into(),
            Cow::Owned(text) => text.into(),
        },
    }
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
        assert_eq!(mask_words(&text), format!("key *** and \"***\", not DAK or {}; ü", &digits[..31]));
        assert_eq!(mask(&format!("no such user: {digits}")), "no such user: ***");
        for text in ["", "no such user", "abc2fa75-2c3c-4edf-97de-8b0a12f622f0", "ü", "@"] {
            assert!(matches!(mask(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_masked_text_stays_as_it_is() {
        for text in ["password: hunter22, key=abc", "{\"token\": [\"a1\", \"b2\"]}", "pwd is x"] {
            let once = mask(text).into_owned();
            assert_eq!(mask(&once), once);
        }
    }
}
