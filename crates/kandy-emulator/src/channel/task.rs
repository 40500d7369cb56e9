//! The task of an open channel: frames in both directions, until one of many ends.
//!
//! Depends on `ending`, `frames` and `http`. Begin with `run`.

use std::{sync::Arc, time::Duration};

use kandy_sys::Secret;
use tokio::time;

use super::{ending::Ending, frames::Frames};
use crate::{
    http::{
        app_state::AppState,
        connection::ConnectionHandle,
        websocket::{CloseReason, WebSocket},
    },
    state::{ChannelEnd, ChannelHandle},
};

/// Serves a channel until it ends.
pub(super) async fn run(app: Arc<AppState>, mut handle: ChannelHandle, token: Secret, socket: Option<WebSocket>) {
    let Some(mut socket) = socket else { return app.state().channels.remove(&handle) };
    let mut connection = socket.connection().clone();
    let mut frames = Frames::new(Arc::clone(&app), &handle);
    let ending = tokio::select! {
        // In this order, so that nothing is pushed after the end of the token.
        biased;
        ending = ended(&app, &mut connection, &mut handle.ended, &mut handle.rechecks, &token) => ending,
        ending = frames.run(&mut socket, &mut handle.queue) => ending,
    };
    // Before the client learns that the channel has ended, so that it finds it in no list then.
    app.state().channels.remove(&handle);
    match ending {
        Ending::Close(reason) if !frames.is_stalled() => socket.close(reason).await,
        Ending::Confirm => socket.confirm_close().await,
        Ending::Reset => socket.reset().await,
        Ending::Close(_) | Ending::Drop => {}
    }
}

/// Waits until the emulator ends the channel.
async fn ended(
    app: &AppState,
    connection: &mut ConnectionHandle,
    ended: &mut tokio::sync::oneshot::Receiver<ChannelEnd>,
    rechecks: &mut tokio::sync::watch::Receiver<()>,
    token: &Secret,
) -> Ending {
    loop {
        let left = match app.state().channel_deadline(token.expose()) {
            // At least a moment, because many sessions expire in several steps.
            Ok(left) => Duration::from_millis(left.max(1)),
            Err(end) => return end.into(),
        };
        tokio::select! {
            biased;
            end = &mut *ended => return end.unwrap_or(ChannelEnd::DELETED).into(),
            () = connection.stopping() => return Ending::Close(CloseReason::GOING_AWAY),
            changed = rechecks.changed() => if changed.is_err() { return ChannelEnd::DELETED.into() },
            () = time::sleep(left) => {}
        }
    }
}
