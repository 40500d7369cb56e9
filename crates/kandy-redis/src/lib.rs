#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// docs.rs names the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod connection;
#[cfg(feature = "encryption")]
mod encryption;
mod error;
mod jobs;
mod rate_limit;
#[cfg(feature = "tls")]
mod tls;
mod token_store;

pub use connection::Redis;
#[cfg(feature = "encryption")]
pub use encryption::{EncryptionKey, InvalidKey};
pub use error::Error;
pub use jobs::RedisJobStore;
pub use rate_limit::RedisRateLimit;
pub use token_store::RedisTokenStore;

/// The client of Redis that this crate uses, for [`Redis::from_client`].
pub use redis;
