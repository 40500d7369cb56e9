//! Where calls go, and with whose credentials.
//!
//! ```text
//! option ─ environment ─ .env ─ profile        the first that has it
//!                                └ config.toml: where calls go, and what is stored
//!                                  └ keyring, or secrets.toml: the credentials
//! ```

mod chosen;
mod config;
mod dot_env;
mod encoding;
mod given;
mod keyring;
mod lock;
mod private_file;
mod read;
mod recovery;
mod save;
mod secrets;
mod secrets_file;
mod setting;
mod settings;
mod store;
mod variables;

use std::ops::Range;

pub(crate) use config::{Config, Profile, profile_names};
pub(crate) use dot_env::entries;
pub(crate) use encoding::decode;
pub(crate) use given::SettingValues;
pub(crate) use read::{asked, asked_if_any, secret_in, secret_in_as};
pub(crate) use recovery::Recovery;
pub(crate) use save::{
    LockedConfig, SaveOptions, check_can_save, check_new_profile, check_profile_name, config_folder, save_profile,
};
pub(crate) use setting::Setting;
pub(crate) use settings::{Settings, Source};
pub(crate) use store::StoreKind;

/// The number of the line in which something is.
fn line_of(text: &str, place: Option<Range<usize>>) -> usize {
    let before = place.and_then(|place| text.get(..place.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}
