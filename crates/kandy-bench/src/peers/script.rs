//! The programs in Python and JavaScript, on what is installed.
//!
//! Depends on `versions` and `crate::dependants`. Begin with `python` and `node`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use super::versions::REQUESTS;
use crate::{BoxError, dependants, plan::progress};

const PYTHON: &str = include_str!("../../peers/programs/requests_load.py");
const NODE: &str = include_str!("../../peers/programs/fetch.mjs");

/// A script that can be started.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub(super) interpreter: PathBuf,
    pub(super) file: PathBuf,
    /// The folder of its packages, if it has any.
    pub(super) packages: Option<PathBuf>,
    /// The size of its packages in bytes.
    pub(super) size: u64,
}

/// Prepares the script on requests, with requests in a folder of its own.
pub(super) fn python() -> Result<Script, BoxError> {
    // What a launcher starts, which would be part of the start-up otherwise.
    let interpreter = PathBuf::from(output("python3", &["-c", "import sys; print(sys.executable)"])?);
    let packages = folder()?.join(format!("requests-{REQUESTS}"));
    if !packages.join("requests").is_dir() {
        progress("an installation of requests");
        let target = packages.display().to_string();
        let requests = format!("requests=={REQUESTS}");
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", &target, &requests];
        output(&interpreter, &pip)?;
    }
    let size = size(&packages)?;
    let file = write("requests_load.py", PYTHON)?;
    Ok(Script { interpreter, file, packages: Some(packages), size })
}

/// Prepares the script on the fetch of Node.js, which needs no packages.
pub(super) fn node() -> Result<Script, BoxError> {
    let found = output("node", &["-p", "typeof fetch === 'function' ? process.execPath : ''"])?;
    if found.is_empty() {
        return Err("this Node.js has no fetch".into());
    }
    let file = write("fetch.mjs", NODE)?;
    Ok(Script { interpreter: found.into(), file, packages: None, size: 0 })
}

fn folder() -> Result<PathBuf, BoxError> {
    let folder = dependants::output()?.join("peers/scripts");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn write(name: &str, text: &str) -> Result<PathBuf, BoxError> {
    let file = folder()?.join(name);
    std::fs::write(&file, text)?;
    Ok(file)
}

fn output(program: impl Into<OsString>, arguments: &[&str]) -> Result<String, BoxError> {
    let program = program.into();
    let output = Command::new(&program).args(arguments).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{} failed: {}", program.display(), error.lines().last().unwrap_or_default()).into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Returns the size of all files below a folder.
fn size(folder: &Path) -> Result<u64, BoxError> {
    let mut total = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        total += if metadata.is_dir() { size(&entry.path())? } else { metadata.len() };
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{TOKEN, USER_API_KEY};

    #[test]
    fn the_size_of_a_folder_is_that_of_all_files_below_it() -> Result<(), BoxError> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("below"))?;
        std::fs::write(folder.path().join("a"), "12")?;
        std::fs::write(folder.path().join("below/b"), "345")?;
        assert_eq!(size(folder.path())?, 5);
        Ok(())
    }

    #[test]
    fn scripts_make_the_call_of_the_other_programs() {
        for script in [PYTHON, NODE] {
            for credential in [USER_API_KEY, TOKEN] {
                assert!(script.contains(&format!("\"{credential}\"")), "{credential}");
            }
        }
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = output("no-such-interpreter", &[]).expect_err("it does not exist");
        assert!(error.to_string().starts_with("no-such-interpreter: "), "{error}");
    }
}
