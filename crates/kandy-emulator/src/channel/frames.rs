//! Receives and sends the frames of a channel, with the injected faults.
//!
//! Depends on `ending`, `incoming`, `http::websocket` and `faults`. Begin with `Frames::run`.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde::Serialize;
use tokio::{
    sync::mpsc,
    task,
    time::{self, Instant},
};

use super::{
    ending::Ending,
    incoming::{self, Reaction},
    options::ChannelMode,
};
use crate::{
    faults::{ChannelEvent, PushFault},
    http::{
        app_state::AppState,
        websocket::{CloseReason, Frame, WebSocket},
    },
    limits,
    state::{ChannelEnd, ChannelHandle, FrameCounts, Push, UserNo},
};

const PONG: &str = r#"{"message_type":"pong"}"#;
const GO_FETCH: &str = r#"{"message_type":"notification","message":{"message_type":"gofetch"}}"#;

const NOT_JSON: CloseReason = CloseReason::new(1007, "a text frame is not JSON");
const BINARY: CloseReason = CloseReason::new(1003, "frames are text");

/// A message in the frame that carries it.
#[derive(Serialize)]
struct Notification<'a, T> {
    message_type: &'static str,
    message: &'a T,
}

/// Writes the text of a frame that carries a message.
fn notification<T: Serialize>(message: &T) -> String {
    // Texts, numbers and maps with text keys do not fail to serialize.
    serde_json::to_string(&Notification { message_type: "notification", message }).unwrap_or_default()
}

/// The frames of a channel.
pub(super) struct Frames {
    app: Arc<AppState>,
    user: UserNo,
    counts: Arc<FrameCounts>,
    /// What an injected fault delays. At most as many as the queue takes.
    late: Vec<(Instant, Push)>,
    /// Whether an injected fault keeps all further frames back.
    is_stalled: bool,
}

impl Frames {
    pub(super) fn new(app: Arc<AppState>, handle: &ChannelHandle) -> Self {
        Self { app, user: handle.user, counts: Arc::clone(&handle.counts), late: Vec::new(), is_stalled: false }
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.is_stalled
    }

    /// Sends what is pushed and carries out what is received, until the channel ends.
    pub(super) async fn run(&mut self, socket: &mut WebSocket, queue: &mut mpsc::Receiver<Push>) -> Ending {
        loop {
            let next_late = self.late.iter().map(|(at, _)| *at).min();
            let late = async {
                match next_late {
                    Some(at) => time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let step = tokio::select! {
                // None once the state has ended the channel, which the task learns with the reason.
                Some(push) = queue.recv() => self.push(socket, queue, push).await,
                frame = socket.next() => self.receive(socket, frame).await,
                () = late => self.push_late(socket).await,
            };
            if let Err(ending) = step {
                return ending;
            }
        }
    }

    /// Pushes, unless an injected fault interferes.
    async fn push(
        &mut self,
        socket: &mut WebSocket,
        queue: &mut mpsc::Receiver<Push>,
        push: Push,
    ) -> Result<(), Ending> {
        if self.is_stalled {
            return Ok(());
        }
        let fault = self.app.faults().next_channel_match(ChannelEvent::Push);
        match fault.and_then(|fault| fault.push_fault()) {
            None => self.send(socket, &push).await,
            Some(PushFault::Lost) => Ok(()),
            Some(PushFault::Duplicate) => {
                self.send(socket, &push).await?;
                self.send(socket, &push).await
            }
            Some(PushFault::Late(delay)) => self.delay(delay, push),
            Some(PushFault::Drop) => Err(Ending::Reset),
            Some(PushFault::Stall) => {
                self.is_stalled = true;
                Ok(())
            }
            Some(PushFault::HalfOpen) => {
                self.is_stalled = true;
                tokio::select! {
                    () = socket.discard() => {}
                    // Emptied all the while, so that a full queue does not end it.
                    () = async {
                        while queue.recv().await.is_some() {}
                        std::future::pending().await
                    } => {}
                }
                Err(Ending::Drop)
            }
        }
    }

    fn delay(&mut self, delay: Duration, push: Push) -> Result<(), Ending> {
        if self.late.len() >= limits::CHANNEL_QUEUE {
            return Err(ChannelEnd::OVERLOADED.into());
        }
        // A delay beyond what a clock can hold never ends.
        if let Some(at) = Instant::now().checked_add(delay) {
            self.late.push((at, push));
        }
        Ok(())
    }

    /// Pushes what was delayed until now, in the order of the times.
    async fn push_late(&mut self, socket: &mut WebSocket) -> Result<(), Ending> {
        let now = Instant::now();
        let mut due: Vec<_> = self.late.extract_if(.., |(at, _)| *at <= now).collect();
        due.sort_by_key(|(at, _)| *at);
        for (_, push) in due {
            self.send(socket, &push).await?;
        }
        Ok(())
    }

    async fn send(&mut self, socket: &mut WebSocket, push: &Push) -> Result<(), Ending> {
        let text = match push {
            Push::Message(_) if self.app.channel.mode == ChannelMode::Doorbell => GO_FETCH.to_owned(),
            Push::Message(message) => notification(message.as_ref()),
            Push::Frame(text) => text.as_ref().to_owned(),
        };
        self.send_text(socket, text).await
    }

    async fn send_text(&mut self, socket: &mut WebSocket, text: String) -> Result<(), Ending> {
        if self.is_stalled {
            return Ok(());
        }
        socket.send(text.into()).await.map_err(|_| Ending::Drop)?;
        self.counts.sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Carries a frame out, and lets the channels that it was passed on to send it. A client may send more frames at once
    /// than their queues take.
    async fn carry_out(&self, text: &str) -> Reaction {
        let reaction = incoming::receive(&self.app.state, self.user, text);
        task::yield_now().await;
        reaction
    }

    async fn receive(&mut self, socket: &mut WebSocket, frame: Frame) -> Result<(), Ending> {
        if matches!(frame, Frame::Text(_) | Frame::Binary) {
            self.counts.received.fetch_add(1, Ordering::Relaxed);
        }
        match frame {
            Frame::Text(text) => match self.carry_out(&text).await {
                Reaction::Ping if self.app.channel.pong => self.send_text(socket, PONG.to_owned()).await,
                Reaction::Respond(text) => self.send_text(socket, text).await,
                Reaction::Nothing | Reaction::Ping => Ok(()),
                Reaction::NotJson => Err(Ending::Close(NOT_JSON)),
            },
            Frame::Binary => Err(Ending::Close(BINARY)),
            Frame::Control => Ok(()),
            Frame::End => Err(Ending::Confirm),
            Frame::Invalid(reason) => Err(Ending::Close(reason)),
        }
    }
}
