//! The command `cargo xtask browser`: finds Chromium, installs axe-core, builds the emulator, and runs the tests of its page. Where
//! Chromium or npm is missing it says so, and fails only if the variable `CI` is set: a check that never runs there would pass.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The folder of the tests, below the root of the workspace; it has the versions of what npm installs.
const TESTS: &str = "crates/kandy-browser-tests";

/// The folder of pictures, figures and packages, below the root of the workspace.
const FOLDER: &str = "target/inspector";

/// The names of Chromium, by preference.
const NAMES: [&str; 4] = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// Runs the tests whose names contain one of the arguments. Returns whether they passed, or could not run.
///
/// # Errors
///
/// When there is no checkout, a file cannot be written, or a program cannot be started.
pub fn run(arguments: &[&str]) -> Result<bool, Box<dyn Error>> {
    let root = kandy_checkout::root()?;
    let arguments = arguments.strip_prefix(&["--"]).unwrap_or(arguments);
    let Some(chromium) = chromium() else {
        return Ok(left_out("Chromium is not installed; CHROMIUM can name one, and `.ci/chromium` installs one"));
    };
    let Some(axe) = axe(&root)? else {
        return Ok(left_out("npm is not installed, or cannot install axe-core"));
    };
    let cargo = || {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&root);
        command
    };
    // Another one may be measured, such as a release build.
    let emulator = match env::var_os("KANDY_EMULATOR").filter(|path| !path.is_empty()) {
        Some(path) => root.join(path),
        None => {
            let build = ["build", "--quiet", "--package", "kandy-emulator", "--bin", "kandy-emulator"];
            if !cargo().args(build).status()?.success() {
                return Ok(false);
            }
            let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()));
            target.join("debug").join(format!("kandy-emulator{}", env::consts::EXE_SUFFIX))
        }
    };
    let mut tests = cargo();
    // No other test has that name. For the whole workspace, the dependencies have the features of `cargo test --workspace`, and what
    // that compiled is used again.
    tests.args(["test", "--quiet", "--workspace", "--features", "kandy-browser-tests/chromium", "--test", "browser"]);
    tests.arg("--").args(arguments);
    tests.env("CHROMIUM", chromium).env("KANDY_AXE", axe).env("KANDY_EMULATOR", emulator);
    tests.env("KANDY_INSPECTOR_DIR", root.join(FOLDER));
    Ok(tests.status()?.success())
}

/// Says why the tests do not run. Returns whether that is fine.
fn left_out(reason: &str) -> bool {
    eprintln!("SKIPPED: the tests of the page: {reason}");
    env::var_os("CI").is_none_or(|value| value.is_empty())
}

/// The program that the variable `CHROMIUM` names, or an installed one. A package may be a stub that needs another package
/// manager, so each is asked for its version.
fn chromium() -> Option<OsString> {
    let named = env::var_os("CHROMIUM").filter(|name| !name.is_empty());
    let names = named.into_iter().chain(NAMES.map(OsString::from));
    names.filter_map(|name| path(&name)).find(|path| {
        let version = Command::new(path).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    })
}

/// The path of a program: what starts it later looks for none.
fn path(name: &OsString) -> Option<OsString> {
    if Path::new(name).components().count() > 1 {
        return Some(name.clone());
    }
    let folders = env::var_os("PATH")?;
    let file = env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())?;
    Some(file.into_os_string())
}

/// Installs axe-core in the version of the lock file, unless it is there. Returns its path; none if npm cannot install it.
fn axe(root: &Path) -> Result<Option<PathBuf>, Box<dyn Error>> {
    let folder = root.join(FOLDER).join("npm");
    let axe = folder.join("node_modules/axe-core/axe.min.js");
    fs::create_dir_all(&folder)?;
    let mut is_current = axe.is_file();
    for file in ["package.json", "package-lock.json"] {
        let (from, to) = (root.join(TESTS).join(file), folder.join(file));
        let committed = fs::read(&from)?;
        if fs::read(&to).ok().as_ref() != Some(&committed) {
            is_current = false;
            fs::write(&to, committed)?;
        }
    }
    if is_current {
        return Ok(Some(axe));
    }
    // A run that is interrupted leaves half a folder, which the next one takes for whole: `npm ci` removes it first.
    drop(fs::remove_file(&axe));
    let npm = Command::new("npm")
        .args(["ci", "--silent", "--no-fund", "--no-audit", "--ignore-scripts"])
        .current_dir(&folder)
        .status();
    Ok(npm.is_ok_and(|status| status.success()).then_some(axe).filter(|axe| axe.is_file()))
}
