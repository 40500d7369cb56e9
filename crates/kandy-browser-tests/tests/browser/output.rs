//! What the tests write: pictures, and measured figures, below `target/inspector`.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value};

/// The beginning of the names of pictures of failures.
const FAILED: &str = "failed-";

/// The folder; `cargo xtask browser` names it by a variable.
pub(crate) fn folder() -> PathBuf {
    let folder =
        std::env::var_os("KANDY_INSPECTOR_DIR").map_or_else(|| PathBuf::from("target/inspector"), PathBuf::from);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The file of a picture of a page of a test that failed.
pub(crate) fn failure(test: &str, page: usize) -> PathBuf {
    folder().join(format!("{FAILED}{}-{page}.png", test.replace("::", "-")))
}

/// Removes such files of an earlier run.
pub(crate) fn forget_failures() {
    for entry in fs::read_dir(folder()).expect("a folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with(FAILED) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Prints a figure, and keeps it in `figures.json` beside those of other tests.
pub(crate) fn figure(name: &str, value: impl Into<Value>) {
    let path = folder().join("figures.json");
    let mut figures: Map<String, Value> =
        fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let value = value.into();
    println!("    {name}: {value}");
    figures.insert(name.to_owned(), value);
    let text = serde_json::to_string_pretty(&figures).expect("JSON");
    fs::write(path, text + "\n").expect("written");
}
