//! Chunks of a file that is too large to keep in memory: each can be computed again from its number.

use bytes::Bytes;

/// Length of a chunk in bytes.
pub(crate) const CHUNK_LENGTH: u64 = 64 * 1024;

/// Returns a chunk of pseudorandom bytes; `number` is the seed.
pub(crate) fn chunk(number: u64) -> Bytes {
    let mut seed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()
    };
    std::iter::repeat_with(next).take(CHUNK_LENGTH as usize / 8).flatten().collect()
}
