//! Errors of a seed, with line and path.
//!
//! Depends on `json_path`. Begin with `SeedError`.

use std::{error::Error, fmt, io};

use kandy_sys::ApiFault;
use serde_json::error::Category;

use super::json_path::{self, JsonPath};

/// An error in a [`Seed`](crate::Seed), with its position. It repeats names of fields and no values.
///
/// ```
/// use kandy_emulator::Seed;
///
/// let error = "{\n  \"domains\": [{\"name\": 1}]\n}".parse::<Seed>().unwrap_err();
/// assert_eq!(error.line(), Some(2));
/// assert_eq!(error.to_string(), "line 2: domains[0].name: expected a string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedError {
    line: Option<usize>,
    path: String,
    reason: String,
}

impl SeedError {
    /// Returns the line, counted from 1; none if the seed was not parsed from text.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns the path, such as `domains[0].users[2].user_id`; empty if the text is no JSON.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The error of a text that is no JSON, or JSON of another form.
    pub(super) fn unreadable(path: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let at = format!(" at line {} column {}", error.line(), error.column());
        let text = text.strip_suffix(&at).unwrap_or(&text);
        let (path, reason) = match error.classify() {
            Category::Data => (if path == "." { "" } else { path }, without_values(text)),
            _ => ("", text),
        };
        let shown = |text: &str| kandy_sys::mask_credentials(text).chars().filter(|c| !c.is_control()).collect();
        Self { line: Some(error.line()), path: shown(path), reason: shown(reason) }
    }

    /// The error of an object that cannot be created.
    pub(super) fn refused(text: Option<&str>, path: &JsonPath, fault: &ApiFault) -> Self {
        let line = text.and_then(|text| json_path::line(text, path));
        Self { line, path: path.to_string(), reason: fault.message.clone() }
    }
}

/// Removes the value from an error of serde: it may be a password.
fn without_values(text: &str) -> &str {
    let says_value = text.starts_with("invalid type") || text.starts_with("invalid value");
    match text.rfind(", expected ") {
        Some(at) if says_value => text.get(at + 2..).unwrap_or_default(),
        None if says_value => "of another form",
        _ => text,
    }
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.reason)
    }
}

impl Error for SeedError {}

impl From<SeedError> for io::Error {
    fn from(error: SeedError) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
