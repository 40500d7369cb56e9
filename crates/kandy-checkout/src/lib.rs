//! Finds the checkout of this workspace that a tool or a test works on, at run time. Depends on nothing; begin with
//! [`root`].
//!
//! `env!("CARGO_MANIFEST_DIR")` is the folder in which a binary was compiled. Clones that share a target directory
//! share binaries, so a check compiled in one clone would check that clone wherever it runs.

use std::{
    error, fmt, fs, io,
    path::{Path, PathBuf},
};

/// A folder that identifies the root of this workspace.
const MARK: &str = "openapi/chapters";

/// The variable that cargo sets for the programs that it runs.
const VARIABLE: &str = "CARGO_MANIFEST_DIR";

/// Returns the root of the checkout that this process works on.
///
/// `cargo run` and `cargo test` set the variable `CARGO_MANIFEST_DIR` to the folder of the package. A binary that is
/// started without cargo uses the checkout of the working directory.
///
/// ```
/// let root = kandy_checkout::root().unwrap();
/// assert!(root.join("Cargo.toml").is_file());
/// ```
///
/// # Errors
///
/// When that folder is in no checkout.
pub fn root() -> Result<PathBuf, NotFound> {
    // An empty variable counts as unset: cargo never sets an empty one.
    match std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        Some(folder) => find(Path::new(&folder)).ok_or_else(|| NotFound::Variable(folder.into())),
        None => {
            let folder = std::env::current_dir().map_err(NotFound::NoWorkingDirectory)?;
            find(&folder).ok_or(NotFound::WorkingDirectory(folder))
        }
    }
}

/// Returns the root of the checkout that this process works on, for tests.
///
/// ```
/// assert!(kandy_checkout::expect_root().join("openapi/kandy.yaml").is_file());
/// ```
///
/// # Panics
///
/// When there is no checkout. The message names the folder that was searched.
pub fn expect_root() -> PathBuf {
    root().unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the root of the checkout that a folder is in: the nearest folder, itself or above, that has the manifest of
/// this workspace.
///
/// ```
/// use kandy_checkout::{expect_root, find};
///
/// let root = expect_root();
/// assert_eq!(find(&root.join("crates/kandy/src")), Some(root));
/// ```
pub fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| is_root(folder)).map(Path::to_owned)
}

fn is_root(folder: &Path) -> bool {
    let has_workspace = |manifest: String| manifest.lines().any(|line| line.trim() == "[workspace]");
    folder.join(MARK).is_dir() && fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(has_workspace)
}

/// The reason why there is no checkout to work on.
///
/// ```
/// let error = kandy_checkout::NotFound::WorkingDirectory("/tmp".into());
/// assert!(error.to_string().starts_with("the working directory /tmp is in no checkout"));
/// ```
#[derive(Debug)]
pub enum NotFound {
    /// The folder in `CARGO_MANIFEST_DIR` is in no checkout.
    Variable(PathBuf),
    /// The working directory is in no checkout.
    WorkingDirectory(PathBuf),
    /// There is no working directory.
    NoWorkingDirectory(io::Error),
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(folder) => write!(
                f,
                "{VARIABLE}={} is in no checkout of this workspace: no folder up from it has {MARK}; start this with cargo \
                 in a checkout, or unset the variable and start it in one",
                folder.display()
            ),
            Self::WorkingDirectory(folder) => write!(
                f,
                "the working directory {} is in no checkout of this workspace: no folder up from it has {MARK}; change \
                 into a checkout",
                folder.display()
            ),
            Self::NoWorkingDirectory(error) => write!(f, "the working directory cannot be found: {error}"),
        }
    }
}

impl error::Error for NotFound {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::NoWorkingDirectory(error) => Some(error),
            Self::Variable(_) | Self::WorkingDirectory(_) => None,
        }
    }
}
