//! Bad input for every decoder and for the emulator.
//!
//! A [`Target`] takes any bytes. It must not panic, and checks what has to hold for each input. The same targets run in
//! three ways: a few thousand inputs as a test, millions with the program of this crate on stable Rust, and guided by
//! coverage with cargo-fuzz.

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
pub use run::{Finding, Reached, run};

/// Something that takes any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is also that of its program for cargo-fuzz.
    pub name: &'static str,
    /// Takes an input and panics if something does not hold. Answers whether the input was understood.
    pub take: fn(&[u8]) -> bool,
    /// The inputs that others are made from.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Where in an input its JSON begins.
    pub json_at: fn(&[u8]) -> usize,
}

/// All targets.
pub static TARGETS: &[Target] = &[
    Target { name: "envelope", take: target::envelope, seeds: corpus::answers, json_at: |_| 1 },
    Target { name: "list", take: target::list, seeds: corpus::lists, json_at: |_| 1 },
    Target { name: "problem", take: target::problem, seeds: corpus::answers, json_at: |_| 1 },
    Target {
        name: "pending_messages",
        take: target::pending_messages,
        seeds: corpus::pending_messages,
        json_at: |_| 0,
    },
    Target {
        name: "error_body",
        take: target::error_body,
        seeds: || corpus::http_answers(&target::ERROR_BODY_CALLS),
        json_at: |_| 3,
    },
    Target {
        name: "emulator_request",
        take: target::emulator_request,
        seeds: corpus::requests,
        json_at: corpus::body_at,
    },
];
