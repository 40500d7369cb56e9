//! [`WatchObserver`]: the polls of an inbox, and the state of its data channel on stderr.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use kandy::{CallEvent, ChannelState, Observer};

use super::row::MESSAGES;
use crate::{command::channel::reason, eprint::eprint};

/// Counts the finished polls of an inbox, and prints the state of its data channel.
#[derive(Clone, Debug, Default)]
pub(super) struct WatchObserver(Arc<Observed>);

#[derive(Debug, Default)]
struct Observed {
    is_quiet: bool,
    polls: AtomicU64,
    /// The reason of the last loss that was printed, until the channel is connected.
    lost: Mutex<Option<String>>,
}

impl WatchObserver {
    /// Returns an observer, which prints nothing if `is_quiet`.
    pub(super) fn new(is_quiet: bool) -> Self {
        Self(Arc::new(Observed { is_quiet, ..Observed::default() }))
    }

    /// Returns the number of finished polls.
    pub(super) fn polls(&self) -> u64 {
        self.0.polls.load(Ordering::Relaxed)
    }
}

impl Observer for WatchObserver {
    fn call_finished(&self, call: &CallEvent<'_>) {
        if call.operation.id == MESSAGES.operation {
            self.0.polls.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn channel_changed(&self, state: &ChannelState) {
        let mut lost = self.0.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = line(state, &mut lost)
            && !self.0.is_quiet
        {
            eprint(format_args!("data channel: {line}"));
        }
    }
}

/// Returns the line about a state; `None` if it says nothing new. An attempt that fails as the one before is none: a
/// service without a data channel would fill the log.
fn line(state: &ChannelState, lost: &mut Option<String>) -> Option<String> {
    match state {
        ChannelState::Connected => {
            *lost = None;
            Some("connected".to_owned())
        }
        ChannelState::Lost { retry_in, error } => {
            let reason = reason(error);
            if lost.as_ref() == Some(&reason) {
                return None;
            }
            let next = match retry_in.is_zero() {
                true => "next attempt now".to_owned(),
                false => format!("next attempt in {:.1} s, polling meanwhile", retry_in.as_secs_f64()),
            };
            let line = format!("not connected; {next}: {reason}");
            *lost = Some(reason);
            Some(line)
        }
        ChannelState::Ended { error } => Some(format!("not available, polling instead: {}", reason(error))),
        _ => None,
    }
}
