//! Decodes texts of other programs, which may begin with a byte order mark. Depends on nothing.

use kandy_sys::Secret;

/// Decodes UTF-8, and UTF-16 with a byte order mark, and removes the mark.
///
/// ```
/// assert_eq!(kandy::env::decode(b"\xEF\xBB\xBFtext".to_vec())?.expose(), "text");
/// # Ok::<(), &'static str>(())
/// ```
///
/// # Errors
///
/// The reason, without any of the text.
pub fn decode(bytes: Vec<u8>) -> Result<Secret, &'static str> {
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            // Move the text within its buffer, so that no copy of a secret is left.
            Ok(mut text) if text.starts_with('\u{FEFF}') => {
                drop(text.drain(..'\u{FEFF}'.len_utf8()));
                Ok(text.into())
            }
            Ok(text) => Ok(text.into()),
            Err(_) => Err("it is not UTF-8; save it as UTF-8"),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Secret, &'static str> {
    const BROKEN: &str = "it begins with a UTF-16 byte order mark but is not valid UTF-16; save it as UTF-8";
    let (pairs, rest) = bytes.as_chunks();
    // Reserve all of it, because a buffer that grows leaves copies behind.
    let mut text = String::with_capacity(bytes.len() * 3 / 2);
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        text.push(character.map_err(|_| BROKEN)?);
    }
    if rest.is_empty() { Ok(text.into()) } else { Err(BROKEN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn strips_byte_order_marks() {
        let text = "pa\u{df}w\u{f6}rd \u{1F600}";
        let utf8 = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [text.into(), utf8, utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)] {
            assert_eq!(decode(bytes.clone()).expect("a text").expose(), text, "{bytes:?}");
        }
        for empty in [&b""[..], b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"] {
            assert_eq!(decode(empty.to_vec()).expect("a text").expose(), "");
        }
        // Only the first one is a mark.
        assert_eq!(decode("\u{FEFF}\u{FEFF}a".into()).expect("a text").expose(), "\u{FEFF}a");
    }

    #[test]
    fn rejects_other_encodings() {
        for bytes in [&b"s3cret\xFF"[..], b"\xFF\xFEa", b"\xFF\xFE\x00\xD8", b"\xFE\xFF\xDC\x00", b"\xEF\xBB\xBF\xFF"] {
            let reason = decode(bytes.to_vec()).expect_err("a refusal");
            assert!(reason.contains("UTF-8") && !reason.contains("s3cret"), "{reason}");
        }
    }
}
