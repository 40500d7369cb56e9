//! Tests that run in a process of their own: the binary starts itself again, with one of its tests as the program.

use std::{env, process::Command};

/// Returns a command that runs one test of this binary in another process. `test` is its path below the crate root, such as
/// `token_store::child`.
pub(crate) fn run_test(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this binary"));
    command.args(["--exact", test, "--nocapture", "--test-threads", "1"]);
    command
}
