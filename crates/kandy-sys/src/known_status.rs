//! Names and meanings of the known status numbers, from the generated list.

use std::fmt;

use crate::{
    KNOWN_STATUSES,
    status::{KnownStatus, Status},
};

impl Status {
    /// Returns the name of its constant, if the number is known.
    ///
    /// ```
    /// assert_eq!(kandy_sys::Status(10).name(), Some("TOKEN_EXPIRED"));
    /// ```
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }

    /// Returns its meaning, if the number is known.
    ///
    /// ```
    /// assert!(kandy_sys::Status(10).description().is_some() && kandy_sys::Status(4711).description().is_none());
    /// ```
    pub fn description(self) -> Option<&'static str> {
        self.known().map(|known| known.description)
    }

    fn known(self) -> Option<&'static KnownStatus> {
        KNOWN_STATUSES.iter().find(|known| known.status == self)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}
