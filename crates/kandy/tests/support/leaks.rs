//! Finds credentials in what a program shows, in whatever way they are written.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

/// A credential may be cut, but not to less than this.
const SHORTEST: usize = 8;

/// Looks for credentials in texts.
pub(crate) struct Scanner {
    /// What to look for, and how it is written, by how it begins.
    needles: HashMap<[u8; SHORTEST], Vec<(Vec<u8>, &'static str)>>,
    /// The first two bytes of all of them.
    begins: Vec<bool>,
    known: HashSet<String>,
    pub(crate) outputs: usize,
    pub(crate) bytes: usize,
}

fn begin_of(first: u8, second: u8) -> usize {
    usize::from(first) << 8 | usize::from(second)
}

impl Scanner {
    pub(crate) fn new() -> Self {
        Self { needles: HashMap::new(), begins: vec![false; 1 << 16], known: HashSet::new(), outputs: 0, bytes: 0 }
    }

    /// Looks for a credential from now on, in every way in which it could be written.
    pub(crate) fn add(&mut self, credential: &str) {
        if !self.known.insert(credential.to_owned()) {
            return;
        }
        for (writing, needle) in writings(credential) {
            let Some(begin) = needle.as_bytes().first_chunk() else {
                panic!("a credential of {} bytes is too short to be found as {writing}", credential.len());
            };
            self.begins[begin_of(begin[0], begin[1])] = true;
            let same = self.needles.entry(*begin).or_default();
            if !same.iter().any(|(known, _)| known == needle.as_bytes()) {
                same.push((needle.into_bytes(), writing));
            }
        }
    }

    pub(crate) fn credentials(&self) -> usize {
        self.known.len()
    }

    /// How the credentials in a text are written, if there are any.
    pub(crate) fn scan(&mut self, text: &str) -> Vec<&'static str> {
        self.outputs += 1;
        self.bytes += text.len();
        let mut found = Vec::new();
        // Something that looks like one is one, even if nobody has told of it.
        if looks_like_a_credential(text) {
            found.push("unknown");
        }
        let bytes = text.as_bytes();
        for at in 0..bytes.len() {
            // Most places are no beginning, which two bytes tell faster than a look into the map.
            if bytes.len() - at < SHORTEST || !self.begins[begin_of(bytes[at], bytes[at + 1])] {
                continue;
            }
            let Some(begin) = bytes[at..].first_chunk::<SHORTEST>() else { continue };
            for (needle, writing) in self.needles.get(begin).into_iter().flatten() {
                if bytes[at..].starts_with(needle) {
                    found.push(*writing);
                }
            }
        }
        found
    }
}

/// Whether there are three letters and 32 hexadecimal digits, as in all credentials that are minted.
fn looks_like_a_credential(text: &str) -> bool {
    const DIGITS: usize = 32;
    let (mut digits, mut at) = (0, text.len());
    // From the end, so that the letters are at hand when the digits are over.
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

/// The ways in which a credential could be written.
pub(crate) fn writings(credential: &str) -> Vec<(&'static str, String)> {
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
    let mut writings = vec![
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
    for (writing, alphabet) in [("base64", b"+/"), ("base64 for URLs", b"-_")] {
        writings.extend((0..3).map(|offset| (writing, base64(bytes, offset, *alphabet))));
    }
    writings
}

/// What base64 always makes of some bytes, when so many others come before them (modulo three), and
/// whatever comes after them.
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
    // Letters that hold bits of what comes before or after are another each time.
    let first = (offset * 8).div_ceil(6);
    bits.chunks_exact(6).skip(first).map(|bits| char::from(letter(bits))).collect()
}
