//! Masks the text of an error and of its sources.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use super::SecretMask;
use crate::transport_failure::TransportFailure;

impl SecretMask {
    /// Masks the secrets in the text of a failure and of its sources. A failure without secrets is returned unchanged, so
    /// that `downcast_ref` still finds its type.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use kandy_sys::{SecretMask, TransportFailure};
    ///
    /// let mut mask = SecretMask::default();
    /// mask.add("hunter22");
    /// let failure: TransportFailure = Arc::new(std::io::Error::other("no host hunter22"));
    /// assert_eq!(mask.failure(failure).to_string(), "no host ***");
    /// ```
    pub fn failure(&self, failure: TransportFailure) -> TransportFailure {
        let mut layers = vec![];
        let mut next: Option<&(dyn StdError + 'static)> = Some(failure.as_ref());
        let mut is_clean = true;
        while let Some(error) = next {
            let (text, debug) = (error.to_string(), format!("{error:?}"));
            is_clean &=
                matches!(self.text(&text), Cow::Borrowed(_)) && matches!(self.known_values(&debug), Cow::Borrowed(_));
            layers.push(self.text(&text).into_owned());
            next = error.source();
        }
        if is_clean {
            return failure;
        }
        let masked = layers.into_iter().rev().fold(None, |source, text| Some(Box::new(MaskedFailure { text, source })));
        match masked {
            Some(masked) => Arc::new(*masked),
            None => failure,
        }
    }
}

/// The masked text of a failure that contains a secret.
struct MaskedFailure {
    text: String,
    source: Option<Box<MaskedFailure>>,
}

impl fmt::Display for MaskedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for MaskedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MaskedFailure").field(&self.text).finish()
    }
}

impl StdError for MaskedFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
