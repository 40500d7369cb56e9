//! Helpers of the completeness tests: the operations in scope, and reports that name the operation, the file to edit and the
//! next command.

use std::{fs, path::Path};

use kandy::sys::{OPERATIONS, Operation};
use kandy_checkout::expect_root;

/// Returns the operations that need a wrapper: those of v1.2. Others are called raw only.
pub(crate) fn scope() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.version == "v1.2")
}

/// Returns the chapter of an operation: the name of the files of its tag.
pub(crate) fn chapter(operation: &Operation) -> String {
    operation.tag.to_lowercase().replace(' ', "_").replace("version_1.", "v1_")
}

/// Returns the file or folder that the wrapper of an operation belongs in.
pub(crate) fn wrapper_file(operation: &Operation) -> String {
    let file = format!("crates/kandy/src/{}", chapter(operation));
    if expect_root().join(&file).is_dir() { file + "/" } else { file + ".rs" }
}

/// Returns the report of something that an operation lacks.
pub(crate) fn lacks(operation: &Operation, what: &str, file: &str, edit: &str, command: &str) -> String {
    format!("{operation} has no {what}.\n  edit {file}: {edit}\n  then run: {command}")
}

/// Panics with all reports, if there are any.
#[track_caller]
pub(crate) fn assert_none(reports: &[String]) {
    assert!(reports.is_empty(), "\n{}\n", reports.join("\n"));
}

/// Panics for operations that `provisioned` does not call, before a test that makes all its calls runs for long.
#[track_caller]
pub(crate) fn assert_provisioned(test: &str) {
    assert_none(&unprovisioned(scope(), &expect_root().join("crates/kandy/tests/it/support/provisioned"), test));
}

/// Returns reports of the operations whose id no source in a folder has as a string literal.
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

/// Returns the report of an operation that `provisioned` does not call.
pub(crate) fn not_provisioned(operation: &Operation, test: &str) -> String {
    lacks(
        operation,
        "call that every fault is tested with",
        &format!("crates/kandy/tests/it/support/provisioned/{}.rs", chapter(operation)),
        &format!("an arm `\"{}\" => Call::new(…)` that makes the call", operation.id),
        &format!("cargo test -p kandy --test {test}"),
    )
}
