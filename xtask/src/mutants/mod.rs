//! The command `cargo xtask mutants`: cargo-mutants on the code that guards money and secrets, each crate by its own tests.
//!
//! Begin with [`run`]. The areas are in `areas`, the accepted survivors in the file [`ACCEPTED`], which `accepted` reads.

mod accepted;
mod areas;

use std::{
    env,
    error::Error as StdError,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

pub use accepted::{ACCEPTED, Accepted, without_position};
pub use areas::{AREAS, Area};

use crate::built_from;

/// The folder of the results, below the root of the workspace: one folder for each area.
const OUTPUT: &str = "target/mutants";
/// The folder that the mutants are compiled in. The dependencies are compiled once for all areas. It is not that of the workspace:
/// cargo gives the crates of a copy the same names there, and would mix mutants into other builds.
const TARGET: &str = "target/mutants/build";

/// Runs cargo-mutants in these areas, or in all of them. Returns whether the tests caught every mutant that is not accepted.
///
/// # Errors
///
/// When this binary was built from other sources, an area is unknown, cargo-mutants is not installed or fails, or the list of accepted survivors cannot be read.
pub fn run(names: &[&str]) -> Result<bool, Box<dyn StdError>> {
    let areas = areas::named(names)?;
    let root = kandy_checkout::root()?;
    built_from::check(&root)?;
    let accepted = Accepted::parse(&fs::read_to_string(root.join(ACCEPTED))?)?;
    let mut is_ok = true;
    for area in areas {
        is_ok &= run_area(area, &root, &accepted)?;
    }
    Ok(is_ok)
}

fn run_area(area: &Area, root: &Path, accepted: &Accepted) -> Result<bool, Box<dyn StdError>> {
    println!("== {}: {}", area.name, area.files.join(", "));
    let output = root.join(OUTPUT).join(area.name);
    fs::create_dir_all(&output)?;
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).env("CARGO_TARGET_DIR", root.join(TARGET)).env_remove("CARGO_MANIFEST_DIR");
    // Without debug information each mutant links faster.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "false");
    cargo.args(["mutants", "--no-shuffle", "--jobs", "1", "--colors", "never", "--package", area.package, "--output"]);
    cargo.arg(&output);
    for file in area.files {
        cargo.args(["--file", file]);
    }
    // cargo-mutants passes what follows `--` when it runs the tests, but not when it compiles them: every mutant would compile all
    // targets of the package.
    let mut parts = area.tests.splitn(2, |argument| *argument == "--");
    let (targets, filters) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    cargo.args(targets.iter().map(|target| format!("--cargo-arg={target}")));
    cargo.args(["--", "--"]).args(filters);
    let status = cargo.status()?;
    // 2: some survived; 3: some ran into the time limit. Both are judged below.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        return Err(
            format!("cargo mutants failed ({status}); install it by `cargo install --locked cargo-mutants`").into()
        );
    }
    let results = output.join("mutants.out");
    let survivors = lines(&results.join("missed.txt"))?;
    let verdict = accepted.judge(area.files, &survivors);
    for mutant in &verdict.unknown {
        eprintln!("survived: {mutant}");
    }
    for mutant in &verdict.stale {
        eprintln!("note: the tests catch {mutant} now; delete it from {ACCEPTED}");
    }
    let count = |name: &str| lines(&results.join(name)).map(|lines| lines.len());
    println!(
        "{}: {} caught, {} survived ({} accepted), {} ran into the time limit, {} did not compile",
        area.name,
        count("caught.txt")?,
        survivors.len(),
        survivors.len() - verdict.unknown.len(),
        count("timeout.txt")?,
        count("unviable.txt")?,
    );
    Ok(verdict.unknown.is_empty())
}

/// Returns the lines of a result, which is no file while there is none.
fn lines(path: &PathBuf) -> io::Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        Err(error) => Err(error),
    }
}
