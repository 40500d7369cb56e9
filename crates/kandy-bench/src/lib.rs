#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod bulk;
pub mod canned;
pub mod counts;
pub mod curves;
pub mod dependants;
pub mod emulator;
pub mod get;
pub mod handwritten;
pub mod helper;
pub mod inflight;
pub mod list;
pub mod load;
pub mod plan;
pub mod report;
pub mod side;
pub mod stats;
pub mod wire;

/// Why something could not be measured. It is shown to a person and then forgotten.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
