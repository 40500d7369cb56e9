//! Tells a missing runtime from a present one before tokio panics. A leaf.

use std::{fmt, sync::Arc};

use tokio::runtime::Handle;

use crate::error::{Error, Phase, Result, TransportError};

/// Fails where no runtime of tokio is running: sockets, timers and files of tokio panic there.
///
/// # Errors
///
/// [`Error::Transport`], of the phase [`Setup`](Phase::Setup).
pub(crate) fn check(operation: Option<&'static str>) -> Result<()> {
    match Handle::try_current() {
        Ok(_) => Ok(()),
        Err(_) => Err(Error::Transport(Arc::new(TransportError::new(operation, Phase::Setup, Arc::new(NoRuntime))))),
    }
}

/// The source of the error.
#[derive(Debug)]
struct NoRuntime;

impl fmt::Display for NoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "no tokio runtime is running here; await the call in one, as in `#[tokio::main] async fn main()`, or use \
             `kandy::blocking`, the feature `blocking`, which needs none",
        )
    }
}

impl std::error::Error for NoRuntime {}
