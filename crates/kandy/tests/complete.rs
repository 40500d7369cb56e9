//! Proves that no operation was forgotten: each one of the scope has a wrapper, and each wrapper a snapshot.

use std::{collections::BTreeSet, fs, path::Path};

use kandy::sys::OPERATIONS;
use kandy_checkout::expect_root;

/// The operations that have to be wrapped: all of v1.2. Those that were seen in another version only are called raw.
fn scope() -> BTreeSet<String> {
    let of_it = OPERATIONS.iter().filter(|operation| operation.version == "v1.2");
    of_it.map(|operation| operation.id.to_owned()).collect()
}

/// The operations whose generated call the crate makes.
fn wrapped() -> BTreeSet<String> {
    let mut source = String::new();
    read_sources(&expect_root().join("crates/kandy/src"), &mut source);
    let called = OPERATIONS.iter().filter(|operation| source.contains(&format!(".{}(", operation.id)));
    called.map(|operation| operation.id.to_owned()).collect()
}

/// All source text below a folder, without the examples in comments.
fn read_sources(folder: &Path, source: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_sources(&path, source);
        } else {
            let text = fs::read_to_string(&path).expect("a text");
            source.extend(text.lines().filter(|line| !line.trim_start().starts_with("//")));
        }
    }
}

/// The operations that have a snapshot, in whatever form.
fn pinned() -> BTreeSet<String> {
    let folder = expect_root().join("crates/kandy/tests/snapshots");
    let names = fs::read_dir(folder).expect("snapshots").map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.to_str()?.strip_suffix(".snap").map(str::to_owned));
    names.map(|name| name.split('@').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_operation_of_the_scope_is_wrapped() {
    assert_eq!(scope().difference(&wrapped()).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(scope().len(), 95, "the operations of v1.2");
}

#[test]
fn every_wrapped_operation_has_a_snapshot_and_every_snapshot_an_operation() {
    assert_eq!(wrapped(), pinned());
}
