//! Decodes text of files and bodies: UTF-8 with or without a byte order mark, and UTF-16 with one.
//!
//! Depends on nothing. Begin with `decode`.

use std::{borrow::Cow, fmt};

/// An error of [`decode`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DecodeError {
    /// Every other byte is zero, and there is no byte order mark.
    Utf16WithoutMark,
    /// The byte order mark is that of UTF-16, and what follows is not UTF-16.
    InvalidUtf16,
    /// It is not UTF-8; the line with the first byte that is wrong.
    InvalidUtf8 { line: usize },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utf16WithoutMark => f.write_str("it looks like UTF-16 without a byte order mark; save it as UTF-8"),
            Self::InvalidUtf16 => {
                f.write_str("it has the byte order mark of UTF-16 and is not valid UTF-16; save it as UTF-8")
            }
            Self::InvalidUtf8 { line } => {
                write!(f, "line {line}: it is not UTF-8, but perhaps Windows-1252 or ISO 8859; save it as UTF-8")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

/// Decodes bytes by their byte order mark, and as UTF-8 without one. The mark is no part of the text.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, DecodeError> {
    if let Some(utf16) = bytes.strip_prefix(b"\xff\xfe") {
        return decode_utf16(utf16, u16::from_le_bytes);
    }
    if let Some(utf16) = bytes.strip_prefix(b"\xfe\xff") {
        return decode_utf16(utf16, u16::from_be_bytes);
    }
    let utf8 = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match str::from_utf8(utf8) {
        // JSON begins with two ASCII characters, so UTF-16 has a zero in one of the first two bytes.
        Ok(_) if utf8.len() >= 2 && utf8.iter().take(2).filter(|byte| **byte == 0).count() == 1 => {
            Err(DecodeError::Utf16WithoutMark)
        }
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let valid = utf8.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
            Err(DecodeError::InvalidUtf8 { line })
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, DecodeError> {
    let (units, rest) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().copied().map(unit)).collect::<Result<String, _>>();
    match text {
        Ok(text) if rest.is_empty() => Ok(text.into()),
        _ => Err(DecodeError::InvalidUtf16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_by_byte_order_mark() {
        let utf16 = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [mark, &"{\"é\": 1}".encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
        };
        for bytes in [
            "{\"é\": 1}".as_bytes().to_vec(),
            "\u{feff}{\"é\": 1}".as_bytes().to_vec(),
            utf16(b"\xff\xfe", u16::to_le_bytes),
            utf16(b"\xfe\xff", u16::to_be_bytes),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok("{\"é\": 1}"));
        }
        for (bytes, error) in [
            (utf16(b"", u16::to_le_bytes), DecodeError::InvalidUtf8 { line: 1 }),
            ("{}".encode_utf16().flat_map(u16::to_le_bytes).collect(), DecodeError::Utf16WithoutMark),
            ("{}".encode_utf16().flat_map(u16::to_be_bytes).collect(), DecodeError::Utf16WithoutMark),
            (b"\xff\xfe{\0}".to_vec(), DecodeError::InvalidUtf16),
            (b"\xff\xfe\0\xd8".to_vec(), DecodeError::InvalidUtf16),
            (b"{\n\"a\": \"\xe9\"}".to_vec(), DecodeError::InvalidUtf8 { line: 2 }),
        ] {
            assert_eq!(decode(&bytes), Err(error), "{bytes:?}");
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }
}
