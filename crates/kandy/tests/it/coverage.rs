//! Completeness: each operation in scope has a wrapper, and each wrapper a snapshot of its request.

use std::{collections::BTreeSet, fs, path::Path};

use kandy::sys::{OPERATIONS, Operation};
use kandy_checkout::expect_root;

use crate::support::coverage::{assert_none, chapter, lacks, scope, unprovisioned, wrapper_file};

/// Returns the operations whose generated call the crate makes.
fn wrapped() -> BTreeSet<&'static str> {
    let mut source = String::new();
    read_sources(&expect_root().join("crates/kandy/src"), &mut source);
    let called = OPERATIONS.iter().filter(|operation| source.contains(&format!(".{}(", operation.id)));
    called.map(|operation| operation.id).collect()
}

/// Appends all source text below a folder, without comment lines.
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

/// Returns the operations that have at least one snapshot.
fn pinned() -> BTreeSet<String> {
    let folder = expect_root().join("crates/kandy/tests/it/snapshots");
    let names = fs::read_dir(folder).expect("snapshots").map(|entry| entry.expect("an entry").file_name());
    let names = names.filter_map(|name| name.to_str()?.strip_suffix(".snap").map(str::to_owned));
    names.map(|name| name.split('@').next().unwrap_or_default().to_owned()).collect()
}

/// Returns reports of the operations without a wrapper.
fn unwrapped<'a>(operations: impl Iterator<Item = &'a Operation>, wrapped: &BTreeSet<&str>) -> Vec<String> {
    let missing = operations.filter(|operation| !wrapped.contains(operation.id));
    let report = |operation: &Operation| {
        lacks(
            operation,
            "wrapper",
            &wrapper_file(operation),
            &format!(
                "a method that calls `.{id}(…)`, with \"Operation `{id}`.\" as a paragraph of its docs",
                id = operation.id
            ),
            "cargo xtask generate && cargo test -p kandy --test it coverage",
        )
    };
    missing.map(report).collect()
}

/// Returns reports of wrapped operations without a snapshot, and of snapshots without a wrapped operation.
fn unpinned(wrapped: &BTreeSet<&str>, pinned: &BTreeSet<String>) -> Vec<String> {
    let missing = wrapped.iter().filter(|id| !pinned.contains(**id)).filter_map(|id| Operation::find(id));
    let missing = missing.map(|operation| {
        lacks(
            operation,
            "snapshot of its request",
            &format!("crates/kandy/tests/it/requests/{}.rs", chapter(operation)),
            &format!("a line `{id}: \"{id}\" => |kandy| …;` in `request_snapshots!`", id = operation.id),
            &format!("INSTA_UPDATE=always cargo test -p kandy --test it {}, and read the snapshot", operation.id),
        )
    });
    let orphans = pinned.iter().filter(|id| !wrapped.contains(id.as_str()));
    let orphans = orphans.map(|id| {
        format!(
            "crates/kandy/tests/it/snapshots/{id}*.snap is of no operation that has a wrapper.\n  delete or rename it"
        )
    });
    missing.chain(orphans).collect()
}

#[test]
fn every_operation_in_scope_has_a_wrapper() {
    assert_none(&unwrapped(scope(), &wrapped()));
    assert!(scope().next().is_some(), "the operations of the scope were not found");
}

#[test]
fn every_wrapper_has_a_snapshot_and_every_snapshot_a_wrapper() {
    assert_none(&unpinned(&wrapped(), &pinned()));
}

/// A report names the operation, the file and the command, and there is none for a complete operation.
#[test]
fn reports_what_is_missing() {
    let sms = || [Operation::find("sms_send").expect("sms_send")].into_iter();
    let mut known = wrapped();
    assert_eq!(unwrapped(sms(), &known), [""; 0]);
    assert!(known.remove("sms_send"));
    let [report] = &unwrapped(sms(), &known)[..] else { panic!("not one report") };
    for part in ["sms_send (POST /devices/smss)", "no wrapper", "crates/kandy/src/device.rs", "cargo xtask generate"] {
        assert!(report.contains(part), "no {part} in {report}");
    }
    let group = Operation::find("group_get").expect("group_get");
    assert_eq!(wrapper_file(group), "crates/kandy/src/group/");

    // First a snapshot without a wrapper, then a wrapper without a snapshot.
    let [report] = &unpinned(&known, &pinned())[..] else { panic!("not one report") };
    assert!(report.contains("snapshots/sms_send*.snap"), "{report}");
    known.insert("sms_send");
    let mut snapshots = pinned();
    assert!(snapshots.remove("sms_send"));
    let [report] = &unpinned(&known, &snapshots)[..] else { panic!("not one report") };
    for part in
        ["sms_send (POST", "tests/it/requests/device.rs", "INSTA_UPDATE=always cargo test -p kandy --test it sms_send"]
    {
        assert!(report.contains(part), "no {part} in {report}");
    }

    let without_sources = expect_root().join("crates/kandy/tests/it/snapshots/tables");
    let [report] = &unprovisioned(sms(), &without_sources, "load fault_matrix")[..] else { panic!("not one report") };
    for part in
        ["sms_send (POST", "tests/it/support/provisioned/device.rs", "cargo test -p kandy --test load fault_matrix"]
    {
        assert!(report.contains(part), "no {part} in {report}");
    }
    let folder = expect_root().join("crates/kandy/tests/it/support/provisioned");
    assert_eq!(unprovisioned(sms(), &folder, "load fault_matrix"), [""; 0]);
}
