use std::fmt;

/// Why nothing was generated.
#[derive(Debug)]
pub struct Error {
    place: String,
    reason: String,
}

impl Error {
    /// An error at `place`, an operation or a schema of the spec.
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { place: place.into(), reason: reason.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl std::error::Error for Error {}
