//! How long the tests of the workspace and `.ci/run` take.
//!
//! Depends on `dependants` and `report`. Begin with [`measure`].

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    BoxError, dependants,
    plan::{Plan, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Why a quick run leaves this part out.
const TOO_LONG: &str = "a quick run runs no tests";

/// Runs the measurements of this part, each once: a round takes minutes, and its steps are some thousand tests already.
///
/// # Errors
///
/// When the tests cannot be built or do not pass.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("The tests");
    let clean = Row::new("`cargo test --workspace`, nothing built").target(Target::AtMost(6.0 * 60.0));
    let warm = Row::new("`cargo test --workspace`, everything built").target(Target::AtMost(120.0));
    let ci = Row::new("`.ci/run` of a fresh clone").target(Target::AtMost(25.0 * 60.0));
    if plan.quick {
        [clean, warm, ci].into_iter().for_each(|row| section.add(row.skipped(TOO_LONG)));
        return Ok(section);
    }
    let folder = dependants::output()?.join("suite");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;

    let target = folder.join("target");
    section.add(row(clean, tests(&target)?));
    section.add(row(warm, tests(&target)?));
    section.add(match ci_run(&folder.join("clone")) {
        Ok(seconds) => row(ci, seconds),
        Err(error) => ci.unknown(error.to_string()),
    });
    Ok(section)
}

fn row(row: Row, seconds: f64) -> Row {
    row.figure(Figure::new("time", Unit::Seconds, vec![seconds]))
}

/// Runs all tests with a folder for what is built, and returns the seconds.
fn tests(target: &Path) -> Result<f64, BoxError> {
    progress("the tests of the workspace");
    let target = target.to_str().ok_or("the folder of the checkout has no readable name")?;
    let begun = Instant::now();
    dependants::cargo(["test", "--quiet", "--workspace", "--target-dir", target])?;
    Ok(begun.elapsed().as_secs_f64())
}

/// Runs `.ci/run` in a clone of what is committed, and returns the seconds.
fn ci_run(clone: &Path) -> Result<f64, BoxError> {
    progress(".ci/run of a clone");
    let cloned = Command::new("git").args(["clone", "--quiet"]).arg(kandy_checkout::root()?).arg(clone).status()?;
    if !cloned.success() {
        return Err("git clone failed".into());
    }
    let begun = Instant::now();
    let mut command = Command::new(clone.join(".ci/run"));
    command.env("CI", "true").env_remove("CARGO_TARGET_DIR").stdin(Stdio::null()).stdout(Stdio::null());
    let output = command.stderr(Stdio::piped()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("it failed: {}", said.lines().next_back().unwrap_or_default()).into());
    }
    Ok(begun.elapsed().as_secs_f64())
}
