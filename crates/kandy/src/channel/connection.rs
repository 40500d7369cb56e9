//! [`Connection`]: the frames of an open channel, until it is lost.
//!
//! Depends on `upgrade` for the socket. Begin reading at [`Connection::run`].

use std::{
    collections::{HashMap, VecDeque},
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

/// The bytes of frames that are read although the buffer of the channel is full, while a caller waits for a response: it
/// may be behind them, and the program may take no frame before it has the response.
const MAX_BACKLOG: usize = 1024 * 1024;

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
    pub(super) outgoing: &'a mut mpsc::Receiver<Box<Outgoing>>,
    pub(super) responses: HashMap<String, oneshot::Sender<Result<()>>>,
    /// When the last frame of any kind arrived.
    pub(super) heard: Instant,
}

/// Why a connection ended, and what it received that the program has not taken yet.
pub(super) struct Ended {
    pub(super) error: Error,
    pub(super) undelivered: VecDeque<Item>,
}

/// What happens next on a connection.
enum Step {
    Received(Option<Result<Message, tungstenite::Error>>),
    Send(Box<Outgoing>),
    /// There is room for an item that waits.
    Permit(Option<mpsc::OwnedPermit<Item>>),
    /// The program closes the channel.
    Close,
    Timer,
}

/// What was received and waits for room in the buffer of the channel. Until then nothing is read, so that the server
/// waits, too.
#[derive(Default)]
struct Backlog {
    items: VecDeque<Item>,
    /// The length of its frames.
    size: usize,
    permit: Option<BoxFuture<'static, Option<mpsc::OwnedPermit<Item>>>>,
}

impl Backlog {
    fn push(&mut self, item: Item) {
        self.size += item.size();
        self.items.push_back(item);
    }

    fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.size -= item.size();
        Some(item)
    }
}

impl Item {
    fn size(&self) -> usize {
        match self {
            Self::State(_) => 0,
            Self::Frame(frame) => frame.len(),
        }
    }
}

impl Connection<'_> {
    /// Reports that the channel is connected, then receives and sends frames until it is lost.
    pub(super) async fn run(mut self) -> Ended {
        let mut backlog = Backlog::default();
        // Not awaited: pings have to be sent even if the program takes no event.
        self.pass_on(Item::State(crate::ChannelState::Connected), &mut backlog);
        let error = self.run_until_lost(&mut backlog).await;
        Ended { error, undelivered: backlog.items }
    }

    async fn run_until_lost(&mut self, backlog: &mut Backlog) -> Error {
        let mut next_ping = self.heard;
        let mut is_sends_turn = false;
        let items = self.items;
        let mut closing: BoxFuture<'_, ()> = Box::pin(items.closed());
        loop {
            let now = self.clock.now();
            if now >= next_ping {
                if let Err(lost) = self.ping().await {
                    return lost;
                }
                // The response to a caller that has given up may never arrive.
                self.responses.retain(|_, response| !response.is_closed());
                next_ping = self.clock.now() + PING_INTERVAL;
                continue;
            }
            if !self.reads(backlog) {
                // Silence does not show while nothing is read.
                self.heard = now;
            }
            let timer = next_ping.min(self.heard + SILENCE_LIMIT);
            let mut timer = self.clock.sleep(timer.saturating_duration_since(now));
            // The end of the channel first: there is no room for an item any more.
            let step = poll_fn(|context| match closing.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Step::Close),
                Poll::Pending => self.poll_step(context, backlog, &mut timer, is_sends_turn),
            });
            match step.await {
                // The connection was polled first: nothing has arrived, even if the whole process was suspended.
                Step::Timer if self.reads(backlog) && self.clock.now() >= self.heard + SILENCE_LIMIT => {
                    return self.lost("nothing arrived for 75 s");
                }
                Step::Timer => {}
                Step::Received(frame) => {
                    is_sends_turn = true;
                    self.heard = self.clock.now();
                    match self.receive(frame) {
                        Ok(Some(frame)) => self.pass_on(Item::Frame(frame), backlog),
                        Ok(None) => {}
                        Err(lost) => return lost,
                    }
                }
                Step::Close => {
                    self.close().await;
                    return self.lost("closed by the program");
                }
                Step::Permit(permit) => {
                    backlog.permit = None;
                    if let (Some(permit), Some(item)) = (permit, backlog.pop()) {
                        permit.send(item);
                    }
                    self.heard = self.clock.now();
                }
                Step::Send(outgoing) => {
                    is_sends_turn = false;
                    if let Err(lost) = self.send(outgoing).await {
                        return lost;
                    }
                }
            }
        }
    }

    /// Whether frames are read, rather than left to the server until the program takes those that wait.
    fn reads(&self, backlog: &Backlog) -> bool {
        let is_response_awaited = || self.responses.values().any(|response| !response.is_closed());
        backlog.items.is_empty() || (backlog.size < MAX_BACKLOG && is_response_awaited())
    }

    /// Polls what may happen next. Reading and sending take turns, so that neither keeps the other from happening.
    fn poll_step(
        &mut self,
        context: &mut Context<'_>,
        backlog: &mut Backlog,
        timer: &mut BoxFuture<'static, ()>,
        is_sends_turn: bool,
    ) -> Poll<Step> {
        if !backlog.items.is_empty() {
            let items = self.items;
            let permit = backlog.permit.get_or_insert_with(|| {
                let items = items.clone();
                Box::pin(async move { items.reserve_owned().await.ok() })
            });
            if let Poll::Ready(permit) = permit.as_mut().poll(context) {
                return Poll::Ready(Step::Permit(permit));
            }
        }
        if is_sends_turn && let Poll::Ready(Some(outgoing)) = self.outgoing.poll_recv(context) {
            return Poll::Ready(Step::Send(outgoing));
        }
        if self.reads(backlog)
            && let Poll::Ready(frame) = self.socket.poll_next_unpin(context)
        {
            return Poll::Ready(Step::Received(frame));
        }
        if !is_sends_turn && let Poll::Ready(Some(outgoing)) = self.outgoing.poll_recv(context) {
            return Poll::Ready(Step::Send(outgoing));
        }
        timer.as_mut().poll(context).map(|()| Step::Timer)
    }

    /// Returns the text of a frame that is to be passed on.
    fn receive(&mut self, frame: Option<Result<Message, tungstenite::Error>>) -> Result<Option<Utf8Bytes>> {
        match frame {
            // A response that its caller has received does not take room in the buffer of the channel.
            Some(Ok(Message::Text(text))) => Ok((!self.respond(&text)).then_some(text)),
            // Binary frames are unknown; the library answers Pings.
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Ok(None),
            Some(Ok(Message::Close(close))) => Err(self.lost(&closed(close.as_ref()))),
            Some(Err(error)) => Err(self.lost(&error.to_string())),
            None => Err(self.lost("the connection ended")),
        }
    }

    /// Gives a response to the caller that waits for it. Returns whether there was one.
    fn respond(&mut self, frame: &str) -> bool {
        if self.responses.is_empty() {
            return false;
        }
        let Ok(members) = serde_json::from_str::<Members>(frame) else { return false };
        if text(&members, "message_type").as_deref() != Some("response") {
            return false;
        }
        let waiting = text(&members, "id").and_then(|id| self.responses.remove(&id));
        let Some(waiting) = waiting else { return false };
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
        true
    }

    /// Passes an item on, or adds it to those that wait for room in the buffer.
    fn pass_on(&self, item: Item, backlog: &mut Backlog) {
        if !backlog.items.is_empty() {
            return backlog.push(item);
        }
        if let Err(mpsc::error::TrySendError::Full(item)) = self.items.try_send(item) {
            backlog.push(item);
        }
    }

    async fn send(&mut self, outgoing: Box<Outgoing>) -> Result<()> {
        let Outgoing { frame, id, started, done } = *outgoing;
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

    /// Closes the connection, and waits until the service has read all that was sent. The channel limits the time.
    async fn close(&mut self) {
        if self.socket.close(None).await.is_ok() {
            // Not until the connection ends: a server may leave that to the client.
            while !matches!(self.socket.next().await, Some(Ok(Message::Close(_)) | Err(_)) | None) {}
        }
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
