//! Hashes of ids, for names that show nothing of what they stand for.

use aws_lc_rs::digest;

/// Returns the first 160 bits of the SHA-256 hash of a text, in hexadecimal digits.
pub(super) fn short_hash(text: &str) -> String {
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// Normalizes an id: the service ignores hyphens and case.
pub(super) fn plain(id: &str) -> String {
    id.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}
