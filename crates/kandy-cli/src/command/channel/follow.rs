//! Reads the frames of a data channel. Depends on `frame_mask`. Begin with [`follow`].

use std::{error::Error as _, ops::ControlFlow};

use kandy::{ChannelFrame, ChannelState, Phase, User};

use super::frame_mask::FrameMask;
use crate::{context::Context, failure::Result, signal};

/// The longest text of a state that is shown: its reason may come from the service.
const MAX_STATE_LENGTH: usize = 500;

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
            let seconds = retry_in.as_secs_f64();
            format!("not connected; next attempt in {seconds:.1} s: {}", reason(error))
        }
        state => state.to_string(),
    };
    context.output.status(format_args!("data channel: {text:.MAX_STATE_LENGTH$}"));
}

/// Returns why a channel is not connected, without the operation where that is obvious.
fn reason(error: &kandy::Error) -> String {
    match (error, error.source()) {
        (kandy::Error::Transport(error), Some(source)) if error.phase() == Phase::Channel => source.to_string(),
        _ => error.to_string(),
    }
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
