#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod blocking;
pub mod bulk;
pub mod canned;
pub mod channels;
pub mod client;
pub mod counts;
pub mod curves;
pub mod dependants;
pub mod docs;
pub mod emulator;
pub mod forward;
pub mod get;
pub mod handwritten;
pub mod helper;
pub mod import;
pub mod inflight;
pub mod inspector;
pub mod list;
pub mod load;
pub mod peers;
pub mod plan;
pub mod plot;
pub mod queue;
pub mod rate;
pub mod report;
pub mod response;
pub mod stats;
pub mod suite;
pub mod wire;

/// The error of a measurement. It is printed and not inspected.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
