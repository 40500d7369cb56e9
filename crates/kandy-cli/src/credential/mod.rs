//! Settings and credentials: their sources, and the profiles that store them.
//!
//! ```text
//! option ─ environment ─ .env ─ profile        the first that has it
//!                                └ config.toml: where calls go, and what is stored
//!                                  └ keyring, or secrets.toml: the credentials
//! ```

mod active_profile;
mod config;
mod dot_env;
mod keyring;
mod lock;
mod paths;
mod recovery;
mod save;
mod secret_input;
mod secrets;
mod secrets_file;
mod setting;
mod setting_values;
mod settings;
mod source;
mod store;
mod store_kind;
mod variables;

use std::ops::Range;

pub(crate) use config::{Config, profile_names};
pub(crate) use dot_env::entries;
pub(crate) use kandy::env::decode;
pub(crate) use paths::config_folder as config_path;
pub(crate) use recovery::Recovery;
pub(crate) use save::{
    LockedConfig, SaveOptions, check_can_save, check_new_profile, check_profile_name, config_folder, save_profile,
};
pub(crate) use secret_input::{
    given_twice, prompt_optional_secret, prompt_secret, read_secret, read_secret_named, secret_variable,
};
pub(crate) use setting::Setting;
pub(crate) use setting_values::SettingValues;
pub(crate) use settings::Settings;
pub(crate) use store_kind::StoreKind;

/// Returns the line number of a position.
fn line_of(text: &str, place: Option<Range<usize>>) -> usize {
    let before = place.and_then(|place| text.get(..place.start)).unwrap_or_default();
    before.matches('\n').count() + 1
}
