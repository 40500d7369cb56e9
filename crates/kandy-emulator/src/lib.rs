#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// docs.rs names the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod builder;
mod channel;
#[cfg(feature = "command")]
pub mod command;
mod emulator;
mod faults;
mod http;
#[cfg(feature = "inspector")]
mod inspector;
mod limits;
mod operations;
mod protocol;
mod seed;
mod snapshot;
mod spidr;
mod state;
mod text;
mod thumbnail;
#[cfg(feature = "tls")]
mod tls;

pub use self::http::{LoggedRequest, Server};
pub use builder::Builder;
pub use channel::options::ChannelMode;
pub use emulator::Emulator;
pub use faults::{ArmedFault, InjectedFault};
pub use seed::{NewGroup, Seed, SeedError, SeededDomain};
pub use state::{OpenChannel, SentSms, SnapshotError, Summary, VerificationCode};
#[cfg(feature = "tls")]
pub use tls::{Tls, TlsError};

/// The host of the service, which programs have built in.
const SERVICE_HOST: &str = "api.kandy.io";

/// API key of the development account, the default. It is public.
pub const DEVELOPMENT_ACCOUNT_KEY: &str = "AAK00000000000000000000000000000001";

/// API secret of the development account, the default. It is public.
pub const DEVELOPMENT_ACCOUNT_SECRET: &str = "AAS00000000000000000000000000000001";
