//! Derives inputs from seeds: mutations of JSON values and of bytes.

use serde_json::Value;

use crate::{Random, Target, json};

/// Fragments that change the meaning of a text.
const FRAGMENTS: &[&[u8]] = &[
    b"null",
    b"true",
    b"-",
    b"-0",
    b"1e999",
    b"1E400",
    b"0.1",
    b"18446744073709551616",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\xff",
    b"\xc3\x28",
    b"\xef\xbb\xbf",
    b"\0",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\"status\":0,",
    b"\"status\":10,",
    b"\"result\":{},",
    b"%",
    b"%00",
    b"%ff",
    b"%26",
    b"+",
    b"&",
    b"=",
    b"?",
    b"/",
    b"/../",
    b"\n",
    b" ",
];

/// The longest input. Longer ones find nothing new.
const LONGEST: usize = 64 * 1024;

/// Derives inputs from the seeds of a target. The same seed number gives the same inputs.
#[derive(Debug)]
pub struct Mutator {
    seeds: Vec<Seed>,
    random: Random,
}

#[derive(Debug)]
struct Seed {
    bytes: Vec<u8>,
    json_at: usize,
    json: Option<Value>,
}

impl Mutator {
    /// Returns a mutator for a target.
    pub fn new(target: &Target, seed: u64) -> Self {
        let seeds = (target.seeds)().into_iter().map(|bytes| {
            let json_at = (target.json_at)(&bytes).min(bytes.len());
            Seed { json: serde_json::from_slice(&bytes[json_at..]).ok(), json_at, bytes }
        });
        Self { seeds: seeds.collect(), random: Random::new(seed) }
    }

    /// Returns the next input.
    pub fn input(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        let seed = random.pick(&self.seeds);
        let mut head = seed.bytes[..seed.json_at].to_vec();
        if random.one_in(3) {
            change_bytes(&mut head, &self.seeds, random);
        }
        let mut body = match &seed.json {
            Some(value) if !random.one_in(8) => {
                let mut value = value.clone();
                // Sometimes no mutation, so that the examples themselves are inputs too.
                for _ in 0..random.below(4) {
                    let other = random.pick(&self.seeds).json.as_ref().unwrap_or(&Value::Null);
                    json::mutate(&mut value, other, random);
                }
                value.to_string().into_bytes()
            }
            _ => seed.bytes[seed.json_at..].to_vec(),
        };
        if random.one_in(16) {
            duplicate_member(&mut body, random);
        }
        if random.one_in(3) {
            for _ in 0..=random.below(3) {
                change_bytes(&mut body, &self.seeds, random);
            }
        }
        head.append(&mut body);
        head.truncate(LONGEST);
        head
    }
}

/// Adds a member that the object may have already. A `Value` cannot have duplicate members.
fn duplicate_member(body: &mut Vec<u8>, random: &mut Random) {
    if body.len() > 2 && body.starts_with(b"{") && body.ends_with(b"}") {
        let member =
            *random.pick(&["\"status\":0", "\"status\":53", "\"message\":1", "\"result\":{}", "\"result\":null"]);
        match random.one_in(2) {
            true => drop(body.splice(1..1, format!("{member},").into_bytes())),
            false => drop(body.splice(body.len() - 1..body.len() - 1, format!(",{member}").into_bytes())),
        }
    }
}

fn change_bytes(bytes: &mut Vec<u8>, seeds: &[Seed], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let until = (at + random.below(32)).min(bytes.len());
    match random.below(8) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = random.number() as u8;
            }
        }
        3 => bytes.truncate(at),
        4 => drop(bytes.drain(at..until)),
        5 => {
            let again = bytes[at..until].to_vec();
            drop(bytes.splice(at..at, again));
        }
        6 => drop(bytes.splice(at..until, random.pick(FRAGMENTS).iter().copied())),
        _ => {
            let other = &random.pick(seeds).bytes;
            let from = random.below(other.len() + 1);
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
    }
}
