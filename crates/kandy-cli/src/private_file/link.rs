//! Resolves symbolic links, so that a file is replaced at its real place and the link to it stays.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::folder;

/// More links than this are a loop; Linux has the same limit.
const MAX_LINKS: usize = 40;

/// Returns the path that a write to `path` reaches, which need not exist.
///
/// A link of another user is rejected: it would let them choose where credentials are written.
pub(super) fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..=MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_symlink() => {
                check_owner(&metadata)?;
                let target = fs::read_link(&path)?;
                path = folder(&path).join(target);
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it goes through too many symbolic links, or a loop of them"))
}

#[cfg(unix)]
fn check_owner(link: &fs::Metadata) -> io::Result<()> {
    let owner = std::os::unix::fs::MetadataExt::uid(link);
    // Root can write anywhere already.
    if owner == 0 || owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("it is a symbolic link owned by another user (uid {owner}), which is not followed; remove the link"),
    ))
}

/// On other platforms, creating a link takes a privilege.
#[cfg(not(unix))]
fn check_owner(_: &fs::Metadata) -> io::Result<()> {
    Ok(())
}
