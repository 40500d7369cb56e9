//! Keeps an authority in a directory.
//!
//! Depends on `authority`, `name` and `error`. Begin with [`load_or_create`].

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use kandy_sys::Secret;

use super::{authority::Authority, error::TlsError, name::Name};

/// The directory of the authority, below the one that the caller names.
const DIRECTORY: &str = "ca";
const CERTIFICATE: &str = "cert.pem";
const KEY: &str = "key.pem";

/// The most that is read of a file; those that are written have less than a kilobyte.
const MAX_FILE: u64 = 64 * 1024;

/// An authority, and where it is kept.
pub(super) struct Kept {
    pub(super) authority: Authority,
    /// None if it is in memory only.
    pub(super) directory: Option<PathBuf>,
    /// The file of the certificate.
    pub(super) file: Option<PathBuf>,
}

impl Kept {
    pub(super) fn in_memory(authority: Authority) -> Self {
        Self { authority, directory: None, file: None }
    }
}

/// Loads the authority below a directory. If there is none, it makes one that may certify these names.
///
/// A damaged or an expired one is an error and stays: clients trust it by its file, so replacing it is up to the user.
pub(super) fn load_or_create(base: &Path, names: &[Name]) -> Result<Kept, TlsError> {
    let directory = base.join(DIRECTORY);
    if !directory.try_exists().map_err(|error| TlsError::file("read", &directory, error))? {
        create(base, &directory, names)?;
    }
    let authority = load(&directory)?;
    Ok(Kept { authority, file: Some(certificate_file(base)), directory: Some(directory) })
}

/// The file of the certificate of the authority below a directory.
pub(super) fn certificate_file(base: &Path) -> PathBuf {
    base.join(DIRECTORY).join(CERTIFICATE)
}

fn load(directory: &Path) -> Result<Authority, TlsError> {
    let (certificate, key) = (read(&directory.join(CERTIFICATE))?, read(&directory.join(KEY))?);
    let damaged = |reason| TlsError::damaged(directory, reason);
    let authority = Authority::from_pem(certificate.expose(), key.expose()).map_err(damaged)?;
    let expires_at = authority.expires_at().ok_or_else(|| damaged("cert.pem has no date of expiry"))?;
    if expires_at <= SystemTime::now() {
        return Err(TlsError::expired(directory, expires_at));
    }
    Ok(authority)
}

/// Reads a file as a secret, which is wiped when it is dropped.
fn read(path: &Path) -> Result<Secret, TlsError> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_FILE).read_to_end(&mut bytes)?;
        // Without the error, which contains the bytes.
        String::from_utf8(bytes).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))
    };
    read().map(Secret::from).map_err(|error| TlsError::file("read", path, error))
}

/// Makes an authority, in a directory that gets its name only when it is whole.
///
/// The rename fails if the directory exists and is not empty. So of processes that make one at the same time the first
/// one wins, and the others use what it made (`tls::starts_at_once_share_one_authority`).
fn create(base: &Path, directory: &Path, names: &[Name]) -> Result<(), TlsError> {
    let failed = |path: &Path, error| TlsError::file("create", path, error);
    create_directory(base).map_err(|error| failed(base, error))?;
    let authority = Authority::generate(names)?;
    let unfinished = base.join(format!("{DIRECTORY}.{}.tmp", uuid::Uuid::new_v4().simple()));
    let write_all = || {
        create_directory(&unfinished)?;
        write(&unfinished.join(KEY), Secret::from(authority.key_pem()).expose())?;
        write(&unfinished.join(CERTIFICATE), &authority.pem)?;
        fs::rename(&unfinished, directory)
    };
    match write_all() {
        Ok(()) => Ok(()),
        Err(error) => {
            drop(fs::remove_dir_all(&unfinished));
            if directory.is_dir() { Ok(()) } else { Err(failed(directory, error)) }
        }
    }
}

/// Creates a directory that only the user can enter, and those above it.
fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Writes a new file that only the user can read, and waits until it is on the disk.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
