//! [`JournalFile`]: an append-only file of lines that one process writes, and that survives being killed.
//!
//! The file store of this crate and the lists of the command `kandy` keep their records in one. Depends on nothing.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often, and how long apart, a lock is asked for that another process holds. A program that starts another one shares its
/// locks with it for a moment, until the other one has begun: then a journal that was just closed is still locked.
const LOCK_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Why a journal cannot be opened or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process has it open.
    InUse,
    /// The file is not a journal, and is left as it is.
    NotAJournal,
    /// The file cannot be read or written.
    Io(io::Error),
    /// An earlier write failed, and what it left behind could not be removed: the reason of that failure.
    Broken(String),
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("another process is using it"),
            Self::NotAJournal => f.write_str("it is not a journal"),
            Self::Io(error) => error.fmt(f),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// An append-only file of lines, open for this process alone.
///
/// The file begins with a mark, by which it is recognised: a file that begins otherwise is left as it is. Lines are buffered
/// until [`commit`](Self::commit), which writes all of them or none. A process that is killed leaves at most a partial last
/// line, which [`for_each_line`](Self::for_each_line) ignores and [`start`](Self::start) removes. Only its owner can read it.
///
/// ```
/// use kandy_outbox::JournalFile;
///
/// # let folder = std::env::temp_dir().join(format!("journal-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let mut journal = JournalFile::open(&folder.join("sent"), "sent 1")?;
/// journal.start(0, "sent 1\n")?;
/// journal.add(format_args!("row {}", 7));
/// journal.commit("", true)?;
/// drop(journal);
///
/// let mut lines = Vec::new();
/// JournalFile::open(&folder.join("sent"), "sent 1")?.for_each_line(|_, line| lines.push(line.to_owned()))?;
/// assert_eq!(lines, [&b"sent 1"[..], b"row 7"]);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JournalFile {
    path: PathBuf,
    file: File,
    /// The length of what was committed.
    length: u64,
    /// The buffered lines.
    lines: Vec<u8>,
    /// Whether this process created the file and has not written to it.
    is_unused: bool,
    /// Why no more can be written: the contents after the last commit are unknown.
    broken: Option<String>,
}

impl JournalFile {
    /// Opens a journal, or creates one. The file is not changed before [`start`](Self::start).
    ///
    /// # Errors
    ///
    /// If another process has it open, if the file does not begin with `mark`, or if it cannot be opened.
    pub fn open(path: &Path, mark: &str) -> Result<Self, JournalError> {
        // Checked before opening creates the file: only a file of this process may be removed on drop.
        let is_unused = fs::symlink_metadata(path).is_err();
        let mut file = match open_alone(path) {
            Err(error) if is_held(&error) => return Err(JournalError::InUse),
            opened => opened?,
        };
        // Another process may have removed or replaced the file between opening and locking it.
        if !lock(&file)? || !is_named(&file, path) {
            return Err(JournalError::InUse);
        }
        // Do not overwrite a file that is not a journal, and do not block on a pipe.
        if !file.metadata()?.is_file() || !begins_with(&mut file, mark)? {
            return Err(JournalError::NotAJournal);
        }
        Ok(Self::of(path, file, 0, is_unused))
    }

    /// Returns the journal of a file whose first `length` bytes are committed.
    fn of(path: &Path, file: File, length: u64, is_unused: bool) -> Self {
        Self { path: path.to_owned(), file, length, lines: Vec::new(), is_unused, broken: None }
    }

    /// Opens a journal to read it, whether or not a process has it open. `None` if the file is not such a journal.
    pub fn peek(path: &Path, mark: &str) -> Option<File> {
        let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|there| there.is_file()))?;
        begins_with(&mut file, mark).ok()?.then_some(file)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the length of what was committed, where the next line begins.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the file, to read it.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads the complete lines of the file: where each begins, and its bytes without the line end.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn for_each_line(&mut self, mut use_line: impl FnMut(u64, &[u8])) -> io::Result<()> {
        self.file.rewind()?;
        let (mut reader, mut line, mut length) = (BufReader::new(&self.file), Vec::new(), 0);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                break;
            }
            use_line(length, &line);
            length += read as u64;
        }
        self.length = length;
        Ok(())
    }

    /// Prepares the file for appending: removes what follows `length`, and writes `lines`, durably.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn start(&mut self, length: u64, lines: &str) -> io::Result<()> {
        // Remove a partial line, or the next line would continue it.
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        self.file.write_all(lines.as_bytes())?;
        self.file.sync_all()?;
        self.is_unused = false;
        self.length = length + lines.len() as u64;
        self.sync_folder();
        Ok(())
    }

    /// Moves the file to another path, in the place of what is there. It stays open, and locked.
    ///
    /// # Errors
    ///
    /// If it cannot be moved.
    pub fn rename(&mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        path.clone_into(&mut self.path);
        self.sync_folder();
        Ok(())
    }

    /// Syncs the folder, so that the directory entry of the file survives a power failure. Not every platform can.
    fn sync_folder(&self) {
        drop(File::open(folder(&self.path)).and_then(|folder| folder.sync_all()));
    }

    /// Adds a line to the buffer.
    pub fn add(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a `Vec` cannot fail.
        drop(writeln!(self.lines, "{line}"));
    }

    /// Returns where the next line that is added will begin.
    pub fn next_offset(&self) -> u64 {
        self.length + self.lines.len() as u64
    }

    /// Writes the buffered lines, followed by `more`, whose lines end with `\n`. With `durable` it also waits for the disk, so
    /// that they survive a power failure.
    ///
    /// # Errors
    ///
    /// If they cannot be written. `more` is dropped then, and the buffered lines stay for the next commit: they describe what
    /// has happened, `more` what the caller will not do.
    pub fn commit(&mut self, more: &str, durable: bool) -> Result<(), JournalError> {
        if self.lines.is_empty() && more.is_empty() {
            return Ok(());
        }
        if let Some(reason) = &self.broken {
            return Err(JournalError::Broken(reason.clone()));
        }
        let kept = self.lines.len();
        self.lines.extend_from_slice(more.as_bytes());
        let written =
            self.file.write_all(&self.lines).and_then(|()| if durable { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.lines.truncate(kept);
            // Remove a partial write, or the next commit would continue its last line.
            let end = SeekFrom::Start(self.length);
            if self.file.set_len(self.length).and_then(|()| self.file.seek(end)).is_err() {
                self.broken = Some(error.to_string());
            }
            return Err(error.into());
        }
        self.length += self.lines.len() as u64;
        self.lines.clear();
        Ok(())
    }

    /// Removes the file.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn remove(mut self) -> io::Result<()> {
        self.lines.clear();
        self.is_unused = false;
        fs::remove_file(&self.path)
    }
}

/// Commits what is buffered, however the process ends. Removes a file that was created and never used.
impl Drop for JournalFile {
    fn drop(&mut self) {
        if self.is_unused {
            drop(fs::remove_file(&self.path));
            return;
        }
        drop(self.commit("", false));
    }
}

/// Opens a private file that no other process may write to. On Unix, [`lock`] ensures that; on Windows, the share mode.
fn open_alone(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // FILE_SHARE_READ and FILE_SHARE_DELETE: others may read and remove it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0x1 | 0x4);
    options.read(true).write(true).create(true).truncate(false).open(path)
}

/// Returns whether opening failed because another process holds the file.
fn is_held(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// Locks a file until it is closed, which the system does however the process ends. Returns false if another process holds
/// the lock. On Windows a file is opened so that no other process can write to it: see [`open_alone`].
fn lock(file: &File) -> io::Result<bool> {
    if cfg!(windows) {
        return Ok(true);
    }
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            // On file systems without locks, a second process is not detected.
            Err(TryLockError::Error(error)) if has_no_locks(&error) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Returns whether locking failed because the file system has no locks.
fn has_no_locks(error: &io::Error) -> bool {
    // std has no name for ENOLCK.
    let no_lock = if cfg!(target_os = "linux") { 37 } else { 77 };
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(no_lock)
}

/// Returns whether the path, which may be a link, still names the file.
fn is_named(file: &File, path: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| is_at(file, &path))
}

/// Returns whether a path still names an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(mine), Ok(there)) => (mine.dev(), mine.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// On Windows an open file cannot be replaced by another.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
}

/// Returns whether a file is empty or begins with the mark, or with a part of it where it ends too early.
fn begins_with(file: &mut File, mark: &str) -> io::Result<bool> {
    let mut begin = Vec::new();
    Read::take(&*file, mark.len() as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(mark.as_bytes().starts_with(&begin))
}

/// Returns the folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests;
