//! Reads and writes whole files with secrets.

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use kandy::Secret;

use super::{AtomicFile, folder};
use crate::failure::{Failure, Result};

/// Writes a private file atomically.
pub(crate) fn write(path: &Path, text: &Secret) -> Result {
    let failed = |error: io::Error| Failure::of_file(path.display(), &error);
    make_folder(folder(path)).map_err(failed)?;
    let (beside, mut file) = AtomicFile::create(path).map_err(failed)?;
    file.write_all(text.expose().as_bytes()).and_then(|()| beside.finish(&file)).map_err(failed)
}

/// Checks that a file could be written, without changing it.
pub(crate) fn check_writable(path: &Path) -> Result {
    let failed = |error: io::Error| Failure::of_file(path.display(), &error);
    make_folder(folder(path)).map_err(failed)?;
    AtomicFile::create(path).map(drop).map_err(failed)
}

/// Reads a file with secrets; `None` if it does not exist. Rejects a file that others can read.
pub(crate) fn read(path: &Path) -> Result<Option<Secret>> {
    let failed = |error: io::Error| Failure::of_file(path.display(), &error);
    let mut file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // Check the open file, not the path, which could be replaced in between.
    let metadata = file.metadata().map_err(failed)?;
    if others_can_read(&metadata) {
        let path = path.display();
        return Err(Failure::local(format!(
            "{path}: other users of this machine can read it. Run `chmod 600 '{path}'`, and replace the credentials \
             if they may have been read."
        )));
    }
    // Reserve all of it, because a buffer that grows leaves copies of the secret behind.
    let mut text = String::with_capacity(usize::try_from(metadata.len()).unwrap_or_default() + 1);
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(Some(text.into()))
}

/// Creates a private folder, unless it exists.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn others_can_read(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

/// On Windows the user's folder has access control.
#[cfg(not(unix))]
fn others_can_read(_: &fs::Metadata) -> bool {
    false
}
