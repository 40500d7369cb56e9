//! Where profiles are stored.

use std::path::PathBuf;

use etcetera::AppStrategy;

use crate::failure::{Failure, Result};

/// Returns the folder of the profiles: `KANDY_CONFIG_DIR`, or the one that the platform has for configuration.
pub(crate) fn config_folder() -> Result<PathBuf> {
    if let Some(folder) = custom_config_folder() {
        return Ok(folder);
    }
    let names =
        etcetera::AppStrategyArgs { top_level_domain: "io".into(), author: "Kandy".into(), app_name: "kandy".into() };
    let folders = etcetera::app_strategy::choose_native_strategy(names);
    let folders = folders.map_err(|_| {
        Failure::local(
            "The home folder is unknown. Set KANDY_CONFIG_DIR to the folder \
        for profiles.",
        )
    })?;
    Ok(folders.config_dir())
}

/// Returns the folder in `KANDY_CONFIG_DIR`, if it is set.
pub(super) fn custom_config_folder() -> Option<PathBuf> {
    std::env::var_os("KANDY_CONFIG_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}
