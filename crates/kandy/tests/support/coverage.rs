//! What the completeness tests check, and how they report an operation that is not complete yet: which operation, which file
//! to edit, which command next.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::{fs, path::Path};

use kandy::sys::{OPERATIONS, Operation};
use kandy_checkout::expect_root;

/// The operations that have to be wrapped: all of the version that the client is for. The others are called raw only.
pub(crate) fn scope() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.version == "v1.2")
}

/// The name of the chapter that an operation is in, which the files of its tag have too.
pub(crate) fn chapter(operation: &Operation) -> String {
    operation.tag.to_lowercase().replace(' ', "_").replace("version_1.", "v1_")
}

/// Where the wrapper of an operation goes: the file of its chapter, or the folder where it has one.
pub(crate) fn wrapper_file(operation: &Operation) -> String {
    let file = format!("crates/kandy/src/{}", chapter(operation));
    if expect_root().join(&file).is_dir() { file + "/" } else { file + ".rs" }
}

/// Reports what an operation lacks.
pub(crate) fn lacks(operation: &Operation, what: &str, file: &str, edit: &str, command: &str) -> String {
    format!("{operation} has no {what}.\n  edit {file}: {edit}\n  then run: {command}")
}

/// Fails with all reports, if there are any.
#[track_caller]
pub(crate) fn assert_none(reports: &[String]) {
    assert!(reports.is_empty(), "\n{}\n", reports.join("\n"));
}

/// Fails for operations that `provisioned` does not call, before a test that makes each of its calls runs for long.
#[track_caller]
pub(crate) fn assert_provisioned(test: &str) {
    assert_none(&unprovisioned(scope(), &expect_root().join("crates/kandy/tests/support/provisioned"), test));
}

/// Reports the operations that no source in a folder names in its arm.
pub(crate) fn unprovisioned<'a>(
    operations: impl Iterator<Item = &'a Operation>,
    folder: &Path,
    test: &str,
) -> Vec<String> {
    let sources: String = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(&path).expect("a text"))
        .collect();
    let is_missing = |operation: &&Operation| !sources.contains(&format!("\"{}\"", operation.id));
    operations.filter(is_missing).map(|operation| not_provisioned(operation, test)).collect()
}

/// Reports an operation that `provisioned` does not call.
pub(crate) fn not_provisioned(operation: &Operation, test: &str) -> String {
    lacks(
        operation,
        "call that every failure is tried on",
        &format!("crates/kandy/tests/support/provisioned/{}.rs", chapter(operation)),
        &format!("an arm `\"{}\" => answering(…)` that makes the call", operation.id),
        &format!("cargo test -p kandy --test {test}"),
    )
}
