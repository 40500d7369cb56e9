//! [`failure`]: the error of a channel that cannot be opened, or was lost. Depends on `error` only.

use std::{error::Error as StdError, sync::Arc};

use crate::{
    Error,
    error::{Phase, TransportError},
};

/// Returns the error of a channel; `operation` is what it names.
pub(super) fn failure(operation: &'static str, phase: Phase, reason: impl Into<String>) -> Error {
    let source: Box<dyn StdError + Send + Sync> = reason.into().into();
    Error::Transport(Arc::new(TransportError::new(Some(operation), phase, source.into())))
}
