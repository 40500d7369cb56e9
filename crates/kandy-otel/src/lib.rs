#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attributes;
mod gauges;
mod observer;

pub use gauges::register_gauges;
pub use observer::OtelObserver;
