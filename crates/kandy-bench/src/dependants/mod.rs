//! The cost of a dependency on `kandy`: build time, crates, size.
//!
//! Depends on `report`. Begin with [`measure`].

mod program;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use self::program::{KANDY, Program, REQWEST};
use crate::{
    BoxError,
    plan::{Plan, alternate, progress},
    report::{Figure, Row, Section, Target, Unit},
};

/// Why a quick run leaves out what needs builds of all dependencies.
const TOO_LONG: &str = "a quick run builds nothing";

/// Runs the measurements of this part. Three rounds of a clean build take some minutes each, so their range is judged.
///
/// # Errors
///
/// When a program cannot be built.
pub fn measure(plan: Plan) -> Result<Section, BoxError> {
    let mut section = Section::new("Dependants");
    let mut folders = [folder(&KANDY)?, folder(&REQWEST)?];

    let row = Row::new("clean release build of ten lines: kandy / reqwest").target(Target::AtMost(1.15));
    section.add(match plan.quick {
        true => row.skipped(TOO_LONG),
        false => {
            let [kandy, reqwest] = figures(Unit::Seconds, alternate(0, 3, &mut folders, |folder| clean_build(folder))?);
            row.ratio(kandy, reqwest)
        }
    });

    let crates = folders.each_ref().map(|folder| Ok(vec![crates(folder)?.len() as f64]));
    let [kandy, reqwest] = figures(Unit::Count, crates.into_iter().collect::<Result<_, BoxError>>()?);
    let row = Row::new("crates, those that build others included: kandy − reqwest").target(Target::AtMost(18.0));
    section.add(row.added(kandy, reqwest));

    let row = Row::new("size, stripped: kandy − reqwest").target(Target::AtMost(0.6e6));
    let changed = Row::new("build after a change of one line").target(Target::AtMost(1.0));
    if plan.quick {
        section.add(row.skipped(TOO_LONG));
        section.add(changed.skipped(TOO_LONG));
        return Ok(section);
    }
    let sizes = folders.each_ref().map(|folder| Ok(vec![size(folder)?]));
    let [kandy, reqwest] = figures(Unit::Bytes, sizes.into_iter().collect::<Result<_, BoxError>>()?);
    section.add(row.added(kandy, reqwest));

    progress("builds after a change");
    for folder in &folders {
        cargo_in(folder, ["build", "--offline", "--quiet"])?;
    }
    let rounds = alternate(1, 20, &mut folders, |folder| changed_build(folder))?;
    let [kandy, reqwest] = figures(Unit::Seconds, rounds);
    section.add(changed.figure(kandy.clone()).operands(kandy, reqwest));
    Ok(section)
}

fn figures(unit: Unit, rounds: Vec<Vec<f64>>) -> [Option<Figure>; 2] {
    let mut figures = ["kandy", "reqwest"].iter().zip(rounds).map(|(name, rounds)| Figure::new(*name, unit, rounds));
    std::array::from_fn(|_| figures.next().flatten())
}

/// Returns the workspace of this crate.
fn workspace() -> Result<PathBuf, BoxError> {
    Ok(kandy_checkout::root()?)
}

/// Returns the output folder.
///
/// # Errors
///
/// When there is no checkout.
pub fn output() -> Result<PathBuf, BoxError> {
    Ok(workspace()?.join("target/bench"))
}

/// Writes a program into a separate folder.
fn folder(program: &Program) -> Result<PathBuf, BoxError> {
    let workspace = workspace()?;
    let folder = output()?.join("dependants").join(program.name);
    std::fs::create_dir_all(folder.join("src"))?;
    let manifest = program.manifest(&workspace, &std::fs::read_to_string(workspace.join("Cargo.toml"))?)?;
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::write(folder.join("src/main.rs"), program.source)?;
    // The versions of this workspace, which are fetched already.
    std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}

fn clean_build(folder: &Path) -> Result<f64, BoxError> {
    progress(format!("a clean build on {}", folder.file_name().unwrap_or_default().display()));
    let target = folder.join("target");
    if target.exists() {
        std::fs::remove_dir_all(&target)?;
    }
    let started = Instant::now();
    cargo_in(folder, ["build", "--release", "--offline", "--quiet"])?;
    Ok(started.elapsed().as_secs_f64())
}

fn changed_build(folder: &Path) -> Result<f64, BoxError> {
    let main = folder.join("src/main.rs");
    let source = std::fs::read_to_string(&main)?;
    let changed = match source.contains("a user:") {
        true => source.replace("a user:", "one user:"),
        false => source.replace("one user:", "a user:"),
    };
    std::fs::write(main, changed)?;
    let started = Instant::now();
    cargo_in(folder, ["build", "--offline", "--quiet"])?;
    Ok(started.elapsed().as_secs_f64())
}

/// Returns the crates that are built for the program, without the program.
fn crates(folder: &Path) -> Result<BTreeSet<String>, BoxError> {
    let edges = "normal,build";
    let tree = cargo_in(folder, ["tree", "--offline", "--edges", edges, "--prefix", "none", "--no-dedupe"])?;
    let lines = tree.lines().skip(1);
    Ok(lines
        .filter_map(|line| Some(line.split(" (").next()?.trim().to_owned()))
        .filter(|line| !line.is_empty())
        .collect())
}

fn size(folder: &Path) -> Result<f64, BoxError> {
    let name = format!("dependant{}", std::env::consts::EXE_SUFFIX);
    Ok(std::fs::metadata(folder.join("target/release").join(name))?.len() as f64)
}

/// Runs cargo in the workspace.
///
/// # Errors
///
/// When it fails.
pub fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<String, BoxError> {
    cargo_in(&workspace()?, arguments)
}

fn cargo_in<I: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = I>) -> Result<String, BoxError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(folder);
    // Variables of the outer cargo must not reach the inner one.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    let output = command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_MANIFEST_DIR").output()?;
    if !output.status.success() {
        return Err(format!("cargo failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
