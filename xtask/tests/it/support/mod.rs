//! The shared fixture: the spec of the workspace, to be changed in a test, and the generator.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use serde_json::{Map, Value};
use xtask::{Error, Output, SPEC, Source, chapters};

/// Reads a file of the workspace.
pub(crate) fn read(path: &str) -> String {
    let path = kandy_checkout::expect_root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The committed spec.
pub(crate) fn spec() -> Value {
    static COMMITTED: LazyLock<Value> =
        LazyLock::new(|| serde_yaml_ng::from_str(&read(SPEC)).expect("the spec is YAML"));
    COMMITTED.clone()
}

/// The committed spec as the generator reads it.
pub(crate) fn source() -> Source {
    Source::published(&read(SPEC)).expect("the committed spec")
}

/// The chapters of the workspace, by name.
pub(crate) fn committed_chapters() -> BTreeMap<String, String> {
    let directory = kandy_checkout::expect_root().join(chapters::CHAPTERS);
    let files = fs::read_dir(directory).expect("chapters").map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    files.map(|path| (name(&path), fs::read_to_string(&path).expect("a text"))).collect()
}

/// Generates from a changed spec. JSON is YAML too.
pub(crate) fn generate(spec: &Value) -> Result<Vec<Output>, Error> {
    xtask::generate(&Source::published(&spec.to_string())?)
}

/// How many operations the spec has of each version of the API.
pub(crate) fn operations_by_version() -> BTreeMap<String, usize> {
    let spec = spec();
    let mut counts = BTreeMap::new();
    let items = spec["paths"].as_object().expect("paths").values();
    for operation in items.flat_map(|item| item.as_object().expect("a path item").values()) {
        let version = operation["x-kandy-version"].as_str().unwrap_or("v1.2");
        *counts.entry(version.to_owned()).or_default() += 1;
    }
    counts
}

/// How many files the generator writes: four tables, two files for all calls, and one for each tag.
pub(crate) fn output_count() -> usize {
    4 + 2 + spec()["tags"].as_array().expect("tags").len()
}

/// The text of the output with this file name.
pub(crate) fn text<'a>(outputs: &'a [Output], file: &str) -> &'a str {
    let output = outputs.iter().find(|output| output.path.ends_with(&format!("/{file}")));
    &output.unwrap_or_else(|| panic!("{file} is not generated")).text
}

/// The object at a JSON pointer, which has to be there.
pub(crate) fn object<'a>(spec: &'a mut Value, pointer: &str) -> &'a mut Map<String, Value> {
    let value = spec.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the spec"));
    value.as_object_mut().unwrap_or_else(|| panic!("{pointer} is not an object"))
}

/// Copies a file, or a folder with all that is in it.
pub(crate) fn copy(from: &std::path::Path, to: &std::path::Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
    }
}
