//! The error of the generator: location, place and reason.

use std::fmt;

use crate::source::Location;

/// Why the generator failed. Nothing was generated.
#[derive(Debug)]
pub struct Error {
    location: Option<Location>,
    place: String,
    reason: String,
}

impl Error {
    /// Returns an error at `place`, such as an operation or a schema of the spec.
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { location: None, place: place.into(), reason: reason.into() }
    }

    /// Adds the file and the line, if they are known. An error that has a location keeps it.
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
