#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod account;
mod address_book;
mod answer;
mod authority;
mod behaviour;
mod body;
mod builder;
mod chat_message;
mod clock;
#[cfg(feature = "command")]
pub mod command;
mod connection;
mod content;
mod conversation;
mod device;
mod directory;
mod dispatch;
mod domain;
mod emulator;
mod failure;
mod group;
mod hunt_group;
mod id;
mod limits;
mod listing;
mod mobile_country_codes;
mod password;
mod presence;
mod read_timeout;
mod reception;
mod refusal;
mod request;
mod request_log;
mod route;
mod seed;
mod server;
mod session;
mod spidr;
mod state;
mod text;
mod thumbnail;
mod tools;
mod upload;
mod user;
mod verification;
mod world;

pub use builder::Builder;
pub use emulator::Emulator;
pub use failure::{ArmedFailure, Failure};
pub use request_log::LoggedRequest;
pub use seed::{NewGroup, Seed, SeedError, SeededDomain};
pub use server::Server;
pub use state::{SentSms, Summary, VerificationCode};

/// API key of the account that an emulator has when it is given none. It is public knowledge.
pub const DEVELOPMENT_ACCOUNT_KEY: &str = "AAK00000000000000000000000000000001";

/// API secret of the account that an emulator has when it is given none. It is public knowledge.
pub const DEVELOPMENT_ACCOUNT_SECRET: &str = "AAS00000000000000000000000000000001";
