//! Reads the frames of a data channel. Depends on `frame_mask`. Begin with [`follow`].

use std::ops::ControlFlow;

use kandy::{ChannelFrame, ChannelState, User};

use super::{frame_mask::FrameMask, reason::reason};
use crate::{context::Context, failure::Result, signal};

/// Calls `handle` with each frame of the data channel, its credentials masked, until `handle` breaks or no channel can be
/// opened. Shows changes of the state on stderr.
pub(crate) async fn follow(
    context: &Context,
    user: &User,
    mut handle: impl FnMut(&str) -> Result<ControlFlow<()>>,
) -> Result {
    let mut channel = user.channel();
    let mut mask = FrameMask::new(context.shows_secrets());
    while let Some(frame) = channel.next_frame().await {
        match frame? {
            ChannelFrame::State(state) => {
                if matches!(state, ChannelState::Connected) {
                    // The token that the channel was opened with, from the cache: after a refusal it is another one.
                    mask.add(user.access_token().await?.expose());
                }
                print_state(context, &state);
            }
            ChannelFrame::Text(frame) => {
                let flow = handle(&mask.frame(&frame))?;
                if flow.is_break() {
                    break;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Shows a change of the state on one line on stderr, unless `--quiet`.
pub(crate) fn print_state(context: &Context, state: &ChannelState) {
    let text = match state {
        ChannelState::Lost { retry_in, error } => {
            format!("not connected; next attempt in {:.1} s: {}", retry_in.as_secs_f64(), reason(error))
        }
        ChannelState::Ended { error } => format!("not available: {}", reason(error)),
        _ => "connected".to_owned(),
    };
    context.output.status(format_args!("data channel: {text}"));
}

/// Runs a command that has nothing to clean up until the first signal.
///
/// [`signal::first`] rather than an `Interrupt`: it ends the process although a write to a full pipe blocks the thread.
pub(crate) async fn until_signal(command: impl Future<Output = Result>) -> Result {
    tokio::select! {
        biased;
        failure = signal::first("interrupted") => Err(failure),
        ended = command => ended,
    }
}
