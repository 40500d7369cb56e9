//! Where calls go, and with whose credentials.
//!
//! ```text
//! option ─ environment ─ .env ─ profile        the first that has it
//!                                └ config.toml: where calls go, and what is stored
//!                                  └ keyring, or secrets.toml: the credentials
//! ```

mod config;
mod read;
mod setting;
mod settings;
mod store;

pub(crate) use config::{Config, Profile, profile_names};
pub(crate) use read::{asked, secret_in};
pub(crate) use setting::Setting;
pub(crate) use settings::{Settings, Source};
pub(crate) use store::{Store, StoreKind};
