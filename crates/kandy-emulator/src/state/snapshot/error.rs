//! Why a snapshot is refused, with the place.
//!
//! Depends on nothing. Begin with [`SnapshotError`].

use std::{
    error::Error,
    fmt, io,
    path::{Path, PathBuf},
};

use serde_json::error::Category;

/// An error in a snapshot, with its position. It repeats no values.
///
/// ```no_run
/// use kandy_emulator::{Emulator, SnapshotError};
///
/// let error = Emulator::from_snapshot("state.jsonl").unwrap_err();
/// if let Some(error) = error.get_ref().and_then(|error| error.downcast_ref::<SnapshotError>()) {
///     println!("line {}", error.line());
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    file: Option<PathBuf>,
    line: u64,
    column: usize,
    reason: String,
}

impl SnapshotError {
    /// Returns the line, counted from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Returns the column in bytes, counted from 1; 0 if the whole line is meant.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns the file; none if the snapshot came over HTTP.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Adds the file.
    #[must_use]
    pub(crate) fn in_file(self, file: &Path) -> Self {
        Self { file: Some(file.into()), ..self }
    }

    /// An error of a line.
    pub(super) fn of_line(line: u64, reason: impl Into<String>) -> Self {
        Self { file: None, line, column: 0, reason: reason.into() }
    }

    /// The error of a line that is no record.
    pub(super) fn unreadable(line: u64, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let at = format!(" at line {} column {}", error.line(), error.column());
        let text = text.strip_suffix(&at).unwrap_or(&text);
        let reason = match error.classify() {
            // Only the names of members, which are in the message of serde after "missing field" and before ", expected".
            Category::Data if text.starts_with("missing field") || text.starts_with("duplicate field") => {
                text.to_owned()
            }
            Category::Data if text.starts_with("unknown") => {
                let what = text.split('`').next().unwrap_or_default().trim();
                let what = if what == "unknown variant" { "unknown kind of record" } else { what };
                format!("{what}; a newer version of the emulator may have written it")
            }
            Category::Data => match text.rfind(", expected ") {
                Some(expected) => text.get(expected + 2..).unwrap_or_default().to_owned(),
                None => "not a record of a snapshot".to_owned(),
            },
            _ => format!("not a record of a snapshot: {text}"),
        };
        let reason = kandy_sys::mask_credentials(&reason).chars().filter(|c| !c.is_control()).collect();
        Self { file: None, line, column: error.column(), reason }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        write!(f, "line {}", self.line)?;
        if self.column > 0 {
            write!(f, " column {}", self.column)?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl Error for SnapshotError {}

impl From<SnapshotError> for io::Error {
    fn from(error: SnapshotError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
