//! The error of the generator.

use std::fmt;

use crate::source::Location;

/// Why nothing was generated.
#[derive(Debug)]
pub struct Error {
    location: Option<Location>,
    place: String,
    reason: String,
}

impl Error {
    /// An error at `place`, an operation or a schema of the spec.
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { location: None, place: place.into(), reason: reason.into() }
    }

    /// Adds the file and the line, where they are known. An error that has them already keeps its own.
    pub(crate) fn at(mut self, location: Option<&Location>) -> Self {
        self.location = self.location.or_else(|| location.cloned());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Error {}
