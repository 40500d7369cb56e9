//! The pieces of a file that is too large to be written down.

use bytes::Bytes;

/// How long a piece is.
pub(crate) const PIECE: u64 = 64 * 1024;

/// Bytes that are not the same again soon.
pub(crate) fn piece(number: u64) -> Bytes {
    let mut seed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    };
    std::iter::repeat_with(next).take(PIECE as usize / 8).flatten().collect()
}
