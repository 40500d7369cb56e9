//! Searches output for credentials, in every encoding that could carry them.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

/// Length of the prefix that the scanner looks up; no shorter credential can be found.
const PREFIX_LENGTH: usize = 8;

/// Looks for credentials in texts.
pub(crate) struct LeakScanner {
    /// The encoded credentials and the names of their encodings, by prefix.
    needles: HashMap<[u8; PREFIX_LENGTH], Vec<(Vec<u8>, &'static str)>>,
    /// Whether an encoded credential begins with two given bytes: a filter before the lookup in the map.
    begins: Vec<bool>,
    known: HashSet<String>,
    pub(crate) outputs: usize,
    pub(crate) bytes: usize,
}

/// Returns the index of two bytes in `begins`.
fn begin_of(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

impl LeakScanner {
    /// Creates a scanner that knows no credential.
    pub(crate) fn new() -> Self {
        Self { needles: HashMap::new(), begins: vec![false; 1 << 16], known: HashSet::new(), outputs: 0, bytes: 0 }
    }

    /// Adds a credential, in every encoding.
    pub(crate) fn add(&mut self, credential: &str) {
        if !self.known.insert(credential.to_owned()) {
            return;
        }
        for (encoding, needle) in encodings(credential) {
            let Some(begin) = needle.as_bytes().first_chunk() else {
                panic!("a credential of {} bytes is too short to be found as {encoding}", credential.len());
            };
            self.begins[begin_of(begin[0], begin[1])] = true;
            let same = self.needles.entry(*begin).or_default();
            if !same.iter().any(|(known, _)| known == needle.as_bytes()) {
                same.push((needle.into_bytes(), encoding));
            }
        }
    }

    /// Returns how many credentials it knows.
    pub(crate) fn credentials(&self) -> usize {
        self.known.len()
    }

    /// Returns the encodings of the credentials in a text; empty if there is none.
    pub(crate) fn scan(&mut self, text: &str) -> Vec<&'static str> {
        self.outputs += 1;
        self.bytes += text.len();
        let mut found = Vec::new();
        // A text in the format of a minted credential is a leak, even if the credential was never added.
        if has_credential_format(text) {
            found.push("unknown");
        }
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            // At most positions the filter makes the slower lookup unnecessary.
            if bytes.len() - at < PREFIX_LENGTH || !self.begins[begin_of(bytes[at], bytes[at + 1])] {
                continue;
            }
            let Some(begin) = bytes[at..].first_chunk::<PREFIX_LENGTH>() else { continue };
            for (needle, encoding) in self.needles.get(begin).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found.push(*encoding);
                }
            }
        }
        found
    }
}

/// Whether a text holds three letters and 32 hexadecimal digits, the format of all minted credentials.
fn has_credential_format(text: &str) -> bool {
    const DIGITS: usize = 32;
    let (mut digits, mut at) = (0, text.len());
    // Scans backwards, so that the letters follow the digits.
    while let Some(byte) = at.checked_sub(1).and_then(|at| text.as_bytes().get(at)) {
        at -= 1;
        if matches!(byte, b'0'..=b'9' | b'a'..=b'f') {
            digits += 1;
            continue;
        }
        if digits >= DIGITS && at >= 2 {
            let letters = &text.as_bytes()[at - 2..=at];
            if matches!(letters, [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T']) {
                return true;
            }
        }
        digits = 0;
    }
    false
}

/// Returns a credential in each encoding, with the name of the encoding.
pub(crate) fn encodings(credential: &str) -> Vec<(&'static str, String)> {
    let bytes = credential.as_bytes();
    let percent = |keep: fn(u8) -> bool, is_lower: bool| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            match (keep(*byte), is_lower) {
                (true, _) => text.push(char::from(*byte)),
                (false, true) => write!(text, "%{byte:02x}").expect("a text"),
                (false, false) => write!(text, "%{byte:02X}").expect("a text"),
            }
            text
        })
    };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let hex = bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let mut encodings = vec![
        ("plain", credential.to_owned()),
        ("escaped", credential.escape_default().to_string()),
        ("debug", credential.escape_debug().to_string()),
        ("percent-encoded", percent(unreserved, false)),
        ("percent-encoded in lower case", percent(unreserved, true)),
        ("percent-encoded as a form", percent(unreserved, false).replace("%20", "+")),
        ("percent-encoded entirely", percent(|_| false, false)),
        ("bytes", format!("{bytes:?}").trim_matches(['[', ']']).to_owned()),
        ("hexadecimal in upper case", hex.to_ascii_uppercase()),
        ("hexadecimal", hex),
    ];
    for (encoding, alphabet) in [("base64", b"+/"), ("base64 for URLs", b"-_")] {
        encodings.extend((0..3).map(|offset| (encoding, base64(bytes, offset, *alphabet))));
    }
    encodings
}

/// Returns the base64 digits that depend on `bytes` alone, when `offset` bytes (modulo three) precede them and any bytes
/// follow.
pub(crate) fn base64(bytes: &[u8], offset: usize, [plus, slash]: [u8; 2]) -> String {
    let before = vec![0; offset];
    let bits: Vec<bool> =
        before.iter().chain(bytes).flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let letter = |bits: &[bool]| match bits.iter().fold(0_u8, |value, bit| value << 1 | u8::from(*bit)) {
        value @ 0..26 => b'A' + value,
        value @ 26..52 => b'a' + value - 26,
        value @ 52..62 => b'0' + value - 52,
        62 => plus,
        _ => slash,
    };
    // Digits that share bits with the bytes before or after are left out.
    let first = (offset * 8).div_ceil(6);
    bits.chunks_exact(6).skip(first).map(|bits| char::from(letter(bits))).collect()
}
