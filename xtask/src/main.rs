//! The command `cargo xtask`: generation and checks of this workspace. The work is done in the library.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use similar::TextDiff;
use xtask::{
    GENERATED, Output, SPEC, bench, blocking, browser, built_from, chapters, coverage, generate, inspector, layers,
    mutants,
};

const USAGE: &str = "\
Usage: cargo xtask generate [--check]
       cargo xtask layers
       cargo xtask bench [options]
       cargo xtask browser [-- FILTER...]
       cargo xtask mutants [AREA]...

  generate          Merge openapi/chapters into openapi/kandy.yaml, and generate
                    crates/kandy-sys/src/{generated/*,operations,values,schemas,credentials}.rs
                    and openapi/COVERAGE.md, the table of what each layer has of each operation.
                    Copies of the spec for the emulator: crates/kandy-emulator/src/inspector/spec/*
                    From the sources of kandy: crates/kandy/src/blocking/generated/*
  generate --check  Write nothing, and fail if one of these files is stale
  layers            Check that no module imports a higher layer, and that there is no cycle
  bench             Run the benchmarks and check their limits; see `bench --help`
  browser           Test the page of the emulator in Chromium; needs Chromium and npm.
                    Writes pictures and figures to target/inspector; the filter
                    `pictures::readme` takes those of the README of the emulator
  mutants           Change the code that guards money and secrets, and check that the tests of
                    its crate fail; needs cargo-mutants
";

/// The folders that contain nothing but generated files.
const FOLDERS: [&str; 3] = [GENERATED, blocking::GENERATED, inspector::FOLDER];

/// The number of lines of a difference that are shown.
const DIFF_LINES: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["generate"] => run(write, remove),
        ["generate", "--check"] => run(check, report_orphan),
        ["layers"] => check_layers(),
        ["bench", ref options @ ..] => bench::run(options),
        ["browser", ref filters @ ..] => browser::run(filters),
        ["mutants", ref areas @ ..] => mutants::run(areas),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the root of the current checkout, after checking that this binary was built from it.
fn root() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let root = kandy_checkout::root()?;
    built_from::check(&root)?;
    Ok(root)
}

/// Generates everything. Calls `each` with each output, and `orphan` with each file in the folders of generated files that
/// is no longer generated. Returns whether all of them returned true.
fn run(
    each: fn(&Path, &Output) -> std::io::Result<bool>,
    orphan: fn(&Path) -> std::io::Result<bool>,
) -> Result<bool, Box<dyn std::error::Error>> {
    let root = &*root()?;
    let spec = chapters::read(&root.join(chapters::CHAPTERS))?;
    let mut outputs = generate(&spec)?;
    outputs.insert(0, Output { path: SPEC.into(), text: spec.text().to_owned() });
    outputs.extend(inspector::copies(&spec)?);
    outputs.extend(blocking::generate(root)?);
    let mut is_ok = true;
    for folder in FOLDERS {
        std::fs::create_dir_all(root.join(folder))?;
    }
    for output in &outputs {
        is_ok &= each(root, output).map_err(|e| format!("{}: {e}", output.path))?;
    }
    for folder in FOLDERS {
        for entry in std::fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            if !outputs.iter().any(|output| root.join(&output.path) == path) {
                is_ok &= orphan(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            }
        }
    }
    // The table reads the generated files, so it comes last.
    let table = Output { path: coverage::COVERAGE.into(), text: coverage::table(&spec, root)? };
    is_ok &= each(root, &table).map_err(|e| format!("{}: {e}", table.path))?;
    Ok(is_ok)
}

/// Checks the imports between the modules of each crate. Returns whether they follow the stated layers.
fn check_layers() -> Result<bool, Box<dyn std::error::Error>> {
    let root = &*root()?;
    let mut is_ok = true;
    for stated in layers::CRATES {
        let imports = layers::imports(&root.join(stated.root))?;
        let largest = layers::cycles(&imports).first().map_or(0, std::collections::BTreeSet::len);
        let count: usize = imports.values().map(std::collections::BTreeSet::len).sum();
        println!("{}: {} modules, {count} imports, {largest} in the largest cycle", stated.name, imports.len());
        if stated.layers.is_empty() {
            println!("  its layers are not stated in xtask/src/layers/table.rs yet, so nothing is checked");
            continue;
        }
        for violation in layers::check(stated, &imports) {
            eprintln!("  {violation}");
            is_ok = false;
        }
    }
    Ok(is_ok)
}

fn remove(path: &Path) -> std::io::Result<bool> {
    std::fs::remove_file(path)?;
    println!("removed {}", path.display());
    Ok(true)
}

/// Reports a file in a folder of generated files that is no longer generated.
fn report_orphan(path: &Path) -> std::io::Result<bool> {
    eprintln!("{} is no longer generated; run `cargo xtask generate`", path.display());
    Ok(false)
}

/// Writes an output, unless the file has this text already: a newer file makes cargo rebuild everything that depends on it.
fn write(root: &Path, output: &Output) -> std::io::Result<bool> {
    if committed(root, output)? == output.text {
        println!("{} is up to date", output.path);
        return Ok(true);
    }
    std::fs::write(root.join(&output.path), &output.text)?;
    println!("wrote {}", output.path);
    Ok(true)
}

/// Returns the committed text of an output, or an empty text if there is no file.
fn committed(root: &Path, output: &Output) -> std::io::Result<String> {
    match std::fs::read(root.join(&output.path)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Reports an output that differs from the committed file.
fn check(root: &Path, output: &Output) -> std::io::Result<bool> {
    let committed = committed(root, output)?;
    if committed == output.text {
        println!("{} is up to date", output.path);
        return Ok(true);
    }
    let diff = TextDiff::from_lines(&committed, &output.text);
    let diff = diff.unified_diff().context_radius(1).header("committed", "generated").to_string();
    eprintln!("{} is stale; run `cargo xtask generate` and commit the result:", output.path);
    for line in diff.lines().take(DIFF_LINES) {
        eprintln!("  {line}");
    }
    let more = diff.lines().count().saturating_sub(DIFF_LINES);
    if more > 0 {
        eprintln!("  … and {more} more lines");
    }
    Ok(false)
}
