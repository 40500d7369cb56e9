//! [`reason`]: why a data channel is not connected, for a line on stderr.

use std::error::Error as _;

use kandy::{Error, Phase};

/// The longest reason that is shown: it may come from the service.
const MAX_LENGTH: usize = 300;

/// Returns why a channel is not connected, without the operation where that is obvious.
pub(crate) fn reason(error: &Error) -> String {
    let reason = match (error, error.source()) {
        (Error::Transport(error), Some(source)) if error.phase() == Phase::Channel => source.to_string(),
        _ => error.to_string(),
    };
    reason.chars().take(MAX_LENGTH).collect()
}
