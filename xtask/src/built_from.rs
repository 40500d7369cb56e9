//! Checks that this binary was built from the sources of the current checkout.
//!
//! Clones that share a target directory share binaries. Cargo rebuilds a binary when a source is newer, and the sources of
//! another clone may be older. The generator of one clone must not check the files of another.

use std::{collections::BTreeMap, fs, path::Path};

use crate::Error;

/// The folder of the sources, below the root of the workspace.
const FOLDER: &str = "xtask/src";

macro_rules! sources {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!($path))),*]
    };
}

/// The sources that this binary was built from, below [`FOLDER`].
const SOURCES: &[(&str, &str)] = sources![
    "bench.rs",
    "blocking/docs.rs",
    "blocking/forms.rs",
    "blocking/mod.rs",
    "blocking/names.rs",
    "blocking/render.rs",
    "blocking/source.rs",
    "browser.rs",
    "built_from.rs",
    "chapters.rs",
    "client.rs",
    "coverage.rs",
    "credentials.rs",
    "error.rs",
    "inspector.rs",
    "layers/cycles.rs",
    "layers/imports.rs",
    "layers/mod.rs",
    "layers/source.rs",
    "layers/table.rs",
    "lib.rs",
    "lower/examples.rs",
    "lower/mod.rs",
    "lower/names.rs",
    "lower/operation.rs",
    "lower/password.rs",
    "lower/schema.rs",
    "main.rs",
    "mutants/accepted.rs",
    "mutants/areas.rs",
    "mutants/mod.rs",
    "render.rs",
    "render/request_parts.rs",
    "schemas.rs",
    "source.rs",
    "spec.rs",
    "table.rs",
    "values.rs",
];

/// Checks that a checkout has the sources that this binary was built from.
///
/// # Errors
///
/// When a source differs, is missing or is new, or when a file cannot be read.
pub fn check(root: &Path) -> Result<(), Error> {
    let mut found = BTreeMap::new();
    read(&root.join(FOLDER), "", &mut found)
        .map_err(|error| Error::new(root.join(FOLDER).display().to_string(), error.to_string()))?;
    let other = SOURCES.iter().find(|(path, text)| found.get(*path).is_none_or(|found| found != text));
    let other = other.map(|(path, _)| (*path).to_owned());
    let other = other.or_else(|| found.into_keys().find(|path| !SOURCES.iter().any(|(known, _)| known == path)));
    match other {
        None => Ok(()),
        Some(path) => Err(Error::new(
            root.join(FOLDER).join(path).display().to_string(),
            "this xtask was built from other sources, perhaps in another clone with the same target directory; \
             `touch xtask/src/main.rs` makes cargo rebuild it; add a new file to xtask/src/built_from.rs",
        )),
    }
}

/// Reads the sources below a folder, by their paths.
fn read(folder: &Path, below: &str, to: &mut BTreeMap<String, String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{path}/"), to)?;
        } else if path.ends_with(".rs") {
            to.insert(path, fs::read_to_string(entry.path())?);
        }
    }
    Ok(())
}
