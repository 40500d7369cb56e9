//! Several texts of an object in one allocation, to save memory: an object has few of them, of some bytes each, and each
//! would cost a pointer, a length and the allocator's header.
//!
//! Depends on nothing. Begin with `PackedTexts`.

/// Up to `N` texts, of which each may be missing.
///
/// First comes a byte for each: zero for a missing text, or its length and one, or [`LONG`]. Then come the texts, each of
/// the long ones after its length.
pub(super) struct PackedTexts<const N: usize>(Box<[u8]>);

/// In place of a length that does not fit into a byte.
const LONG: u8 = u8::MAX;

impl<const N: usize> PackedTexts<N> {
    pub(super) fn new(texts: [Option<&str>; N]) -> Self {
        let mut bytes = Vec::new();
        // Long texts are few, so that their lengths are not counted.
        bytes.reserve_exact(N + texts.iter().flatten().map(|text| text.len()).sum::<usize>());
        bytes.extend(texts.iter().map(|text| text.map_or(0, short_length)));
        for text in texts.into_iter().flatten() {
            if short_length(text) == LONG {
                bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
            }
            bytes.extend_from_slice(text.as_bytes());
        }
        Self(bytes.into())
    }

    /// The text at an index.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let (lengths, mut rest) = self.0.split_at_checked(N)?;
        let mut text = None;
        for length in lengths.get(..=index)? {
            text = take(*length, &mut rest);
        }
        // The bytes of a text, which is UTF-8.
        str::from_utf8(text?).ok()
    }
}

fn short_length(text: &str) -> u8 {
    u8::try_from(text.len() + 1).unwrap_or(LONG)
}

/// Takes a text with the byte of its length from the begin.
fn take<'a>(length: u8, rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = match length {
        0 => return None,
        LONG => {
            let (length, after) = rest.split_first_chunk()?;
            *rest = after;
            usize::try_from(u64::from_le_bytes(*length)).ok()?
        }
        short => usize::from(short) - 1,
    };
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_they_were_packed() {
        let long = "ä".repeat(10_000);
        for texts in [
            [None, None, None],
            [Some(""), None, Some("")],
            [Some("a"), Some("\0b"), Some("c")],
            [None, Some(&*long), Some("after it")],
            [Some(&long[..252]), Some(&long[..254]), Some(&long[..256])],
            [Some(&long[..254]), Some(&long[..256]), Some("x")],
        ] {
            let packed = PackedTexts::new(texts);
            assert!([0, 1, 2].map(|index| packed.get(index)) == texts);
            assert_eq!(packed.get(3), None);
        }
        assert_eq!(PackedTexts::new([Some("user0000001"), Some("abcdef12345678"), None]).0.len(), 3 + 11 + 14);
    }
}
