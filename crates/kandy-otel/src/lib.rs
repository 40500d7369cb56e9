#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// docs.rs names the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod attributes;
mod gauges;
mod observer;

pub use gauges::register_gauges;
pub use observer::OtelObserver;
