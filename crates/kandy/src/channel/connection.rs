//! [`Connection`]: the frames of an open channel, until it is lost.
//!
//! Depends on `upgrade` for the socket. Begin reading at [`Connection::run`].

use std::{
    collections::HashMap,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, future};
use kandy_sys::{ApiFault, BoxFuture, Operation, SecretMask, Status};
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes, protocol::CloseFrame};

use super::{
    event::{Members, member, text},
    failure::failure,
    outgoing::{Outgoing, SEND_SESSION_DATA},
    upgrade::Socket,
};
use crate::{
    Clock, Error, Result,
    error::{ApiError, Phase},
};

/// The time between two pings, as other clients have it.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// A channel on which nothing arrived for this long is dead: the server has to answer each Ping frame with a Pong.
const SILENCE_LIMIT: Duration = Duration::from_secs(75);
/// The text frame that clients send to keep the channel open.
const PING: &str = r#"{"message_type":"ping"}"#;

/// What the task of a channel passes on.
#[derive(Debug)]
pub(super) enum Item {
    State(crate::ChannelState),
    Frame(Utf8Bytes),
}

/// An open channel.
pub(super) struct Connection<'a> {
    pub(super) socket: Socket,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) operation: &'static Operation,
    /// The secrets of the URL, which a server may repeat.
    pub(super) mask: SecretMask,
    pub(super) items: &'a mpsc::Sender<Item>,
    pub(super) outgoing: &'a mut mpsc::Receiver<Outgoing>,
    pub(super) responses: HashMap<String, oneshot::Sender<Result<()>>>,
    /// When the last frame of any kind arrived.
    pub(super) heard: Instant,
}

/// What happens next on a connection.
enum Step {
    Received(Option<Result<Message, tungstenite::Error>>),
    Send(Outgoing),
    /// There is room for the frame that waits.
    Permit(Option<mpsc::OwnedPermit<Item>>),
    Timer,
}

/// A received frame that waits for room in the buffer of the channel. Until then nothing is read, so that the server
/// waits, too.
struct Waiting {
    frame: Utf8Bytes,
    permit: BoxFuture<'static, Option<mpsc::OwnedPermit<Item>>>,
}

impl Connection<'_> {
    /// Receives and sends frames until the connection is lost. Returns the reason.
    pub(super) async fn run(mut self) -> Error {
        let mut next_ping = self.heard;
        let mut waiting: Option<Waiting> = None;
        loop {
            let now = self.clock.now();
            if now >= next_ping {
                if let Err(lost) = self.ping().await {
                    return lost;
                }
                // A response that nobody waits for any more may never arrive.
                self.responses.retain(|_, response| !response.is_closed());
                next_ping = self.clock.now() + PING_INTERVAL;
                continue;
            }
            let silent = self.heard + SILENCE_LIMIT;
            if waiting.is_none() && now >= silent {
                return self.lost("nothing arrived for 75 s");
            }
            let timer = if waiting.is_none() { next_ping.min(silent) } else { next_ping };
            let mut timer = self.clock.sleep(timer.saturating_duration_since(now));
            match poll_fn(|context| self.poll_step(context, &mut waiting, &mut timer)).await {
                Step::Timer => {}
                Step::Received(frame) => {
                    self.heard = self.clock.now();
                    match self.receive(frame) {
                        Ok(Some(frame)) => waiting = self.pass_on(frame),
                        Ok(None) => {}
                        Err(lost) => return lost,
                    }
                }
                Step::Permit(permit) => {
                    if let (Some(permit), Some(waiting)) = (permit, waiting.take()) {
                        permit.send(Item::Frame(waiting.frame));
                    }
                    // Nothing was read meanwhile, so that silence did not show.
                    self.heard = self.clock.now();
                }
                Step::Send(outgoing) => {
                    if let Err(lost) = self.send(outgoing).await {
                        return lost;
                    }
                }
            }
        }
    }

    fn poll_step(
        &mut self,
        context: &mut Context<'_>,
        waiting: &mut Option<Waiting>,
        timer: &mut BoxFuture<'static, ()>,
    ) -> Poll<Step> {
        match waiting {
            Some(waiting) => {
                if let Poll::Ready(permit) = waiting.permit.as_mut().poll(context) {
                    return Poll::Ready(Step::Permit(permit));
                }
            }
            None => {
                if let Poll::Ready(frame) = self.socket.poll_next_unpin(context) {
                    return Poll::Ready(Step::Received(frame));
                }
            }
        }
        if let Poll::Ready(Some(outgoing)) = self.outgoing.poll_recv(context) {
            return Poll::Ready(Step::Send(outgoing));
        }
        timer.as_mut().poll(context).map(|()| Step::Timer)
    }

    /// Returns the text of a frame that is to be passed on.
    fn receive(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Result<Option<Utf8Bytes>> {
        match frame {
            Some(Ok(Message::Text(text))) => {
                self.respond(&text);
                Ok(Some(text))
            }
            // Binary frames are unknown; the library answers Pings.
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
            Some(Ok(Message::Close(close))) => Err(self.lost(&closed(close.as_ref()))),
            Some(Err(error)) => Err(self.lost(&error.to_string())),
            None => Err(self.lost("the connection ended")),
        }
    }

    /// Gives a response to the caller that waits for it.
    fn respond(&mut self, frame: &str) {
        if self.responses.is_empty() {
            return;
        }
        let Ok(members) = serde_json::from_str::<Members>(frame) else { return };
        if text(&members, "message_type").as_deref() != Some("response") {
            return;
        }
        let waiting = text(&members, "id").and_then(|id| self.responses.remove(&id));
        let Some(waiting) = waiting else { return };
        let result = match member::<Status>(&members, "status") {
            Some(Status::OK) => Ok(()),
            Some(status) => {
                let fault = ApiFault::new(status, text(&members, "message").unwrap_or_default());
                let refused = ApiError::new(SEND_SESSION_DATA, http::StatusCode::OK, Some(fault));
                Err(Error::Api(Arc::new(refused)).masked(&self.mask))
            }
            None => Err(failure(SEND_SESSION_DATA, Phase::Receive, "the response has no status")),
        };
        // The caller may have given up.
        drop(waiting.send(result));
    }

    /// Passes a frame on, unless the buffer is full.
    fn pass_on(&self, frame: Utf8Bytes) -> Option<Waiting> {
        match self.items.try_send(Item::Frame(frame)) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => None,
            Err(mpsc::error::TrySendError::Full(Item::Frame(frame))) => {
                let items = self.items.clone();
                Some(Waiting { frame, permit: Box::pin(async move { items.reserve_owned().await.ok() }) })
            }
            Err(mpsc::error::TrySendError::Full(Item::State(_))) => None,
        }
    }

    async fn send(&mut self, outgoing: Outgoing) -> Result<()> {
        let Outgoing { frame, id, started, done } = outgoing;
        if started.send(()).is_err() {
            return Ok(());
        }
        let sent = self.in_time(|socket| Box::pin(socket.send(Message::text(frame)))).await;
        if let Err(tungstenite::Error::Capacity(error)) = sent {
            drop(done.send(Err(Error::argument("payload", error.to_string()))));
            return Ok(());
        }
        match (sent, id) {
            (Ok(()), Some(id)) => drop(self.responses.insert(id, done)),
            (Ok(()), None) => drop(done.send(Ok(()))),
            // `done` is dropped: its caller gets an error that leaves open whether the frame arrived.
            (Err(error), _) => return Err(self.lost(&error.to_string())),
        }
        Ok(())
    }

    async fn ping(&mut self) -> Result<()> {
        let sent = self.in_time(|socket| {
            Box::pin(async {
                socket.feed(Message::text(PING)).await?;
                socket.send(Message::Ping(Bytes::new())).await
            })
        });
        match sent.await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    /// Sends, as long as that takes less than [`SILENCE_LIMIT`].
    async fn in_time(
        &mut self,
        send: impl for<'s> FnOnce(&'s mut Socket) -> BoxFuture<'s, Result<(), tungstenite::Error>>,
    ) -> Result<(), tungstenite::Error> {
        let late = self.clock.sleep(SILENCE_LIMIT);
        match future::select(send(&mut self.socket), late).await {
            future::Either::Left((sent, _)) => sent,
            future::Either::Right(_) => Err(tungstenite::Error::Io(std::io::ErrorKind::TimedOut.into())),
        }
    }

    fn lost(&self, reason: &str) -> Error {
        failure(self.operation.id, Phase::Channel, self.mask.text(reason))
    }
}

fn closed(close: Option<&CloseFrame>) -> String {
    match close {
        Some(CloseFrame { code, reason }) if reason.is_empty() => format!("closed with code {}", u16::from(*code)),
        Some(CloseFrame { code, reason }) => format!("closed with code {}: {reason}", u16::from(*code)),
        None => "closed without a code".to_owned(),
    }
}
