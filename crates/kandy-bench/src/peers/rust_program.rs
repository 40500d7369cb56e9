//! The programs in Rust: written from the sources in `peers/` into a package outside of the workspace, and built there.
//!
//! Depends on `versions` and `crate::dependants`. Begin with `RustProgram::prepare`.

use std::path::{Path, PathBuf};

use super::versions;
use crate::{BoxError, dependants, plan::progress};

/// How a program keeps calls in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// A task for each, on the runtime of `#[tokio::main]`.
    Tasks,
    /// A thread for each.
    Threads,
}

/// A program in Rust.
#[derive(Clone, Copy, Debug)]
pub(super) struct RustProgram {
    pub(super) name: &'static str,
    pub(super) load: Load,
    main: &'static str,
    /// The features of `kandy`, for a program on it.
    kandy: Option<&'static [&'static str]>,
    dependencies: &'static [&'static str],
}

const PROTOCOL: (&str, &str) = ("protocol.rs", include_str!("../../peers/protocol.rs"));
const TASKS: (&str, &str) = ("tasks.rs", include_str!("../../peers/tasks.rs"));
const THREADS: (&str, &str) = ("threads.rs", include_str!("../../peers/threads.rs"));
const USER: (&str, &str) = ("user.rs", include_str!("../../peers/user.rs"));
const CREDENTIALS: (&str, &str) = ("credentials.rs", include_str!("../client/credentials.rs"));
const RESPONSE: (&str, &str) = ("response.rs", include_str!("../response.rs"));
const HANDWRITTEN: (&str, &str) = ("handwritten.rs", include_str!("../handwritten.rs"));

pub(super) const KANDY: RustProgram = RustProgram {
    name: "kandy",
    load: Load::Tasks,
    main: include_str!("../../peers/programs/kandy.rs"),
    kandy: Some(&[]),
    dependencies: &[],
};
pub(super) const BLOCKING: RustProgram = RustProgram {
    name: "kandy-blocking",
    load: Load::Threads,
    main: include_str!("../../peers/programs/blocking.rs"),
    kandy: Some(&["blocking"]),
    dependencies: &[],
};
pub(super) const REQWEST: RustProgram = RustProgram {
    name: "reqwest",
    load: Load::Tasks,
    main: include_str!("../../peers/programs/reqwest.rs"),
    kandy: None,
    dependencies: &["reqwest", "serde", "serde_json"],
};
pub(super) const OCTOCRAB: RustProgram = RustProgram {
    name: "octocrab",
    load: Load::Tasks,
    main: include_str!("../../peers/programs/octocrab.rs"),
    kandy: None,
    dependencies: &["octocrab", "serde"],
};
pub(super) const OXIDE: RustProgram = RustProgram {
    name: "oxide",
    load: Load::Tasks,
    main: include_str!("../../peers/programs/oxide.rs"),
    kandy: None,
    dependencies: &["oxide", "progenitor-client", "reqwest", "serde"],
};
pub(super) const UREQ: RustProgram = RustProgram {
    name: "ureq",
    load: Load::Threads,
    main: include_str!("../../peers/programs/ureq.rs"),
    kandy: None,
    dependencies: &["ureq", "serde"],
};

impl RustProgram {
    /// Writes and builds the program, and returns its path. With `as_built`, an existing one is not built again.
    pub(super) fn prepare(&self, as_built: bool) -> Result<PathBuf, BoxError> {
        let folder = dependants::output()?.join("peers").join(self.name);
        // One for all, so that dependencies which they share are compiled once.
        let target = dependants::output()?.join("peers/target");
        let program = target.join("release").join(format!("{}{}", self.package(), std::env::consts::EXE_SUFFIX));
        if as_built && program.is_file() {
            return Ok(program);
        }
        self.write(&folder)?;
        progress(format!("a build of {}", self.name));
        // The network is needed for what was never downloaded only.
        self.build(&folder, &target, &["--offline"]).or_else(|_| self.build(&folder, &target, &[]))?;
        Ok(program)
    }

    fn package(&self) -> String {
        format!("peer-{}", self.name)
    }

    fn write(&self, folder: &Path) -> Result<(), BoxError> {
        let workspace = kandy_checkout::root()?;
        std::fs::create_dir_all(folder.join("src"))?;
        let manifest = self.manifest(&workspace, &std::fs::read_to_string(workspace.join("Cargo.toml"))?)?;
        write_changed(&folder.join("Cargo.toml"), &manifest)?;
        write_changed(&folder.join("src/main.rs"), self.main)?;
        for (name, text) in self.modules() {
            write_changed(&folder.join("src").join(name), text)?;
        }
        // The versions of the workspace, for what it has.
        std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(())
    }

    /// Returns the shared sources that the program declares.
    fn modules(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let declares = |file: &str| self.main.contains(&format!("\nmod {};\n", file.trim_end_matches(".rs")));
        [PROTOCOL, TASKS, THREADS, USER, CREDENTIALS, RESPONSE, HANDWRITTEN]
            .into_iter()
            .filter(move |(name, _)| declares(name))
    }

    fn manifest(&self, workspace: &Path, workspace_manifest: &str) -> Result<String, BoxError> {
        let mut lines = Vec::new();
        if let Some(features) = self.kandy {
            lines.push(format!("kandy = {{ path = {:?}, features = {features:?} }}", workspace.join("crates/kandy")));
        }
        for name in self.dependencies.iter().chain(&["rustix"]) {
            let line = versions::rust(name, workspace_manifest)?;
            // With TLS, as all others have by default.
            lines.push(match *name {
                "reqwest" => line.replace("features = [", "features = [\"rustls\", "),
                _ => line,
            });
        }
        if self.load == Load::Tasks {
            lines.push(r#"tokio = { version = "1", features = ["macros", "rt-multi-thread"] }"#.to_owned());
        }
        Ok(format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             # It is no member of the workspace that it is built in.\n[workspace]\n\n\
             [dependencies]\n{}\n\n[profile.release]\nstrip = true\n",
            self.package(),
            lines.join("\n")
        ))
    }

    fn build(&self, folder: &Path, target: &Path, options: &[&str]) -> Result<(), BoxError> {
        let mut arguments =
            vec!["build".as_ref(), "--release".as_ref(), "--quiet".as_ref(), "--manifest-path".as_ref()];
        let manifest = folder.join("Cargo.toml");
        arguments.extend([manifest.as_os_str(), "--target-dir".as_ref(), target.as_os_str()]);
        arguments.extend(options.iter().map(std::ffi::OsStr::new));
        dependants::cargo(arguments).map(drop)
    }
}

/// Writes a file unless it has this text: a new time would rebuild the program.
fn write_changed(file: &Path, text: &str) -> Result<(), BoxError> {
    match std::fs::read_to_string(file) {
        Ok(found) if found == text => Ok(()),
        _ => Ok(std::fs::write(file, text)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_its_modules_and_its_dependencies() -> Result<(), BoxError> {
        let workspace = kandy_checkout::root()?;
        let text = std::fs::read_to_string(workspace.join("Cargo.toml"))?;
        for program in [KANDY, BLOCKING, REQWEST, OCTOCRAB, OXIDE, UREQ] {
            let manifest = program.manifest(&workspace, &text)?;
            let modules: Vec<_> = program.modules().map(|(name, _)| name).collect();
            let declared = program.main.lines().filter(|line| line.starts_with("mod ")).count();
            assert_eq!(modules.len(), declared, "{}: {modules:?}", program.name);
            assert_eq!(modules.contains(&"tasks.rs"), program.load == Load::Tasks, "{}", program.name);
            assert_eq!(manifest.contains("\nkandy = "), program.kandy.is_some(), "{manifest}");
        }
        Ok(())
    }
}
