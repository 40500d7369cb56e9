//! The command `cargo xtask bench`: builds and runs kandy-bench. kandy-bench is not a dependency, because xtask has to build
//! fast, and also while the generated code does not compile.

use std::{env, error::Error, process::Command};

/// Runs kandy-bench with these arguments. Returns whether it succeeded.
///
/// # Errors
///
/// When there is no checkout, or cargo cannot be started.
pub fn run(arguments: &[&str]) -> Result<bool, Box<dyn Error>> {
    let manifest = kandy_checkout::root()?.join("Cargo.toml");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build_and_run = ["run", "--quiet", "--release", "--package", "kandy-bench", "--manifest-path"];
    Ok(Command::new(cargo).args(build_and_run).arg(manifest).arg("--").args(arguments).status()?.success())
}
