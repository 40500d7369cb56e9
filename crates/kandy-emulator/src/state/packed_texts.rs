//! Several texts of an object in one allocation, to save memory: an object has few of them, of some bytes each, and each
//! would cost a pointer, a length and the allocator's header.
//!
//! Depends on nothing. Begin with `PackedTexts`.

/// Up to `N` texts, of which each may be missing.
///
/// First come the lengths, one more than each, and zero for a missing text: in groups of seven bits, of which all but the
/// last have the eighth bit set. Then come the texts.
pub(super) struct PackedTexts<const N: usize>(Box<[u8]>);

impl<const N: usize> PackedTexts<N> {
    pub(super) fn new(texts: [Option<&str>; N]) -> Self {
        let lengths = texts.map(|text| text.map_or(0, |text| text.len() + 1));
        let mut bytes = Vec::new();
        // Nearly all lengths take one byte.
        bytes.reserve_exact(lengths.iter().map(|length| length.max(&1)).sum());
        for mut length in lengths {
            while length >= 0x80 {
                bytes.push(low(length) | 0x80);
                length >>= 7;
            }
            bytes.push(low(length));
        }
        texts.into_iter().flatten().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
        Self(bytes.into())
    }

    /// The text at an index.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let mut bytes = &*self.0;
        let (mut before, mut wanted) = (0, None);
        for at in 0..N {
            let length = take_length(&mut bytes)?;
            let length = length.checked_sub(1);
            match at == index {
                true => wanted = Some((before, length?)),
                false if at < index => before += length.unwrap_or_default(),
                false => {}
            }
        }
        let (begin, length) = wanted?;
        // The bytes of a text, which is UTF-8.
        str::from_utf8(bytes.get(begin..begin + length)?).ok()
    }
}

/// The seven lowest bits.
fn low(length: usize) -> u8 {
    (length & 0x7f) as u8
}

/// Takes a length from the begin.
fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let mut length = 0;
    for shift in (0..).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        length |= usize::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    Some(length)
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
            [Some(&long[..126]), Some(&long[..128]), Some(&long[..16384])],
        ] {
            let packed = PackedTexts::new(texts);
            assert!([0, 1, 2].map(|index| packed.get(index)) == texts);
            assert_eq!(packed.get(3), None);
        }
        assert_eq!(PackedTexts::new([Some("user0000001"), Some("abcdef12345678"), None]).0.len(), 3 + 11 + 14);
    }
}
