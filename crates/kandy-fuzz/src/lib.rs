//! Fuzz tests of every decoder and of the emulator.
//!
//! A [`Target`] accepts any bytes, and panics if one of its properties does not hold. The same targets run in three ways: a
//! few thousand inputs as a test, millions with the program of this crate on stable Rust, and guided by coverage with
//! cargo-fuzz.
//!
//! ```text
//! target   the targets, and the properties that they check
//! corpus   the seeds: the examples of the spec, and unusual inputs
//! mutator  derives inputs from the seeds; json mutates JSON values
//! run      runs a target, and reports the first failing input
//! canary   values that must not be printed
//! random   a reproducible random number generator
//! ```
//!
//! Begin with [`run()`].

#![forbid(unsafe_code)]

mod canary;
mod corpus;
mod json;
mod mutator;
mod random;
mod run;
pub mod target;

pub use corpus::write as write_corpus;
pub use mutator::Mutator;
pub use random::Random;
pub use run::{Finding, RunStats, run};

/// A property test that accepts any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of its program for cargo-fuzz.
    pub name: &'static str,
    /// Checks an input, and panics if a property does not hold. Returns whether the input was accepted.
    pub check: fn(&[u8]) -> bool,
    /// The inputs that others are derived from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Returns the position of the JSON in an input.
    pub json_at: fn(&[u8]) -> usize,
}

/// All targets.
pub static TARGETS: &[Target] = &[
    Target { name: "envelope", check: target::envelope, seeds: corpus::responses, json_at: |_| 1 },
    Target { name: "list", check: target::list, seeds: corpus::lists, json_at: |_| 1 },
    Target { name: "decode_error", check: target::decode_error, seeds: corpus::responses, json_at: |_| 1 },
    Target {
        name: "pending_messages",
        check: target::pending_messages,
        seeds: corpus::pending_messages,
        json_at: |_| 0,
    },
    Target { name: "channel_frame", check: target::channel_frame, seeds: corpus::channel_frames, json_at: |_| 0 },
    Target {
        name: "error_body",
        check: target::error_body,
        seeds: || corpus::http_responses(&target::ERROR_BODY_CALLS),
        json_at: |_| 3,
    },
    Target {
        name: "emulator_request",
        check: target::emulator_request,
        seeds: corpus::requests,
        json_at: corpus::body_at,
    },
];
