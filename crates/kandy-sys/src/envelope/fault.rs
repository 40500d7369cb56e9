//! The failure that an envelope reports, and the masking of its texts.

use std::fmt;

use crate::{SecretMask, Status, mask::mask, types::StatusDescription};

/// The failure that an envelope reports: the request was not carried out.
///
/// A call masks the secrets of its request in the texts of a fault before it returns the fault: see [`SecretMask`].
/// `Display` and `Debug` also mask text that has the form of a credential.
///
/// ```
/// use kandy_sys::{ApiFault, Status};
///
/// let fault = ApiFault::new(Status::DOES_NOT_EXIST, "no such user");
/// assert_eq!(fault.to_string(), "status 53 (DOES_NOT_EXIST): no such user");
/// ```
#[derive(Clone, PartialEq)]
pub struct ApiFault {
    /// The status number, never 0.
    pub status: Status,
    /// A message for humans.
    pub message: String,
    /// A longer description, in responses since late 2016.
    pub status_description: Option<StatusDescription>,
}

impl ApiFault {
    /// Returns a fault without a longer description.
    ///
    /// ```
    /// use kandy_sys::{ApiFault, Status};
    ///
    /// assert_eq!(ApiFault::new(Status::NO_DATA, "no messages").message, "no messages");
    /// ```
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), status_description: None }
    }
}

impl fmt::Display for ApiFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status)?;
        match self.message.as_str() {
            "" => Ok(()),
            message => write!(f, ": {}", mask(message)),
        }
    }
}

impl fmt::Debug for ApiFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiFault")
            .field("status", &self.status)
            .field("message", &mask(&self.message))
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ApiFault {}

impl SecretMask {
    /// Masks the secrets in all texts of a fault.
    ///
    /// ```
    /// use kandy_sys::{ApiFault, SecretMask, Status};
    ///
    /// let mut mask = SecretMask::default();
    /// mask.add("hunter22");
    /// let fault = mask.fault(ApiFault::new(Status::INVALID_PASSWORD, "hunter22 is too easy"));
    /// assert_eq!(fault.message, "*** is too easy");
    /// ```
    pub fn fault(&self, mut fault: ApiFault) -> ApiFault {
        self.mask_in_place(&mut fault.message);
        self.mask_description(&mut fault.status_description);
        fault
    }

    /// Masks the secrets in the longer description of a response.
    pub(super) fn mask_description(&self, description: &mut Option<StatusDescription>) {
        if let Some(message) = description.as_mut().and_then(|description| description.message.as_mut()) {
            self.mask_in_place(message);
        }
    }
}
