//! [`Channel`]: the data channel of a user, a WebSocket on which the service pushes messages and events.
//!
//! ```text
//! event         what a frame reports
//! session_data  data for participants of a session
//! task          keeps the channel open
//! connection    the frames of one connection, until it is lost
//! upgrade       opens the WebSocket, by an HTTP client of its own
//! address       where it is opened
//! reconnect     when it is opened again
//! outgoing      a frame that is to be sent
//! starter       spawns the task
//! ```
//!
//! Begin reading at [`Channel`], then `task`. Depends on the chapters `message`, `session` and `user_configuration`.

mod address;
mod connection;
mod event;
mod event_json;
mod failure;
mod outgoing;
mod reconnect;
mod session_data;
mod starter;
mod task;
mod upgrade;

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use connection::Item;
pub use event::{ChannelEvent, SessionEvent, SessionEventKind};
use futures_util::{
    Stream,
    future::{Either, select},
    stream::FusedStream,
};
use outgoing::Outgoing;
use serde::Serialize;
use serde_json::value::to_raw_value;
pub use session_data::SendSessionData;
use starter::Starter;
use task::{Task, TokenState};
use tokio::sync::mpsc;

use crate::{ChannelState, Error, Result, Session, SessionId, User};

/// The number of frames that wait for the program; then the service has to.
const BUFFERED_FRAMES: usize = 64;
/// The number of frames that wait to be sent; then their callers do.
const BUFFERED_SENDS: usize = 8;
/// How long the service has to confirm that the channel is closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

impl User {
    /// Returns the data channel of the user: a stream of what the service pushes to the user. See [`Channel`].
    ///
    /// To receive messages, use [`Device::messages`](crate::Device::messages) with
    /// [`push`](crate::InboxBuilder::push), which loses none.
    ///
    /// The channel is not in the documentation of the service; all that is known of it was seen in one client family.
    ///
    /// ```
    /// use kandy::{ChannelEvent, ChannelState};
    ///
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let mut channel = russ.channel();
    /// while let Some(event) = channel.try_next().await? {
    ///     match event {
    ///         ChannelEvent::State(ChannelState::Connected) => println!("connected"),
    ///         ChannelEvent::Session(event) => println!("{event:?}"),
    ///         _ => {}
    ///     }
    ///     # break;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// It sends nothing until the stream is polled; the errors of the stream are those of [`Channel::next`].
    pub fn channel(&self) -> Channel {
        Channel::new(self.clone())
    }
}

impl Session {
    /// Returns the events of the session, which the service pushes to its participants: a [`Channel`] with the events of
    /// this session and the states of the channel only.
    ///
    /// What happens while the channel is not connected is not pushed later; after a reconnection,
    /// [`details`](Self::details) tells who takes part. To follow several sessions, use one [`User::channel`].
    ///
    /// ```
    /// use kandy::{ChannelEvent, SessionEventKind, SessionEventType};
    ///
    /// # async fn example(help: kandy::Session) -> kandy::Result<()> {
    /// let mut events = help.events();
    /// while let Some(event) = events.try_next().await? {
    ///     if let ChannelEvent::Session(event) = event
    ///         && event.kind == SessionEventKind::Change(SessionEventType::UserJoinRequest)
    ///         && let Some(user) = event.full_user_id
    ///     {
    ///         help.accept(user).await?;
    ///     }
    ///     # break;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// It sends nothing until the stream is polled; the errors of the stream are those of [`Channel::next`].
    pub fn events(&self) -> Channel {
        let mut channel = Channel::new(self.user());
        channel.session = Some(self.id().clone());
        channel
    }
}

/// The data channel of a user: a stream of the events that the service pushes, over a WebSocket.
///
/// [`User::channel`] and [`Session::events`] return it. [`next`](Self::next) and [`try_next`](Self::try_next) need no
/// other crate; for the combinators of the crate `futures-util` it is a [`Stream`].
///
/// # Connection
///
/// The first poll, or the first frame that is sent, spawns a task on the current tokio runtime, which opens the channel
/// and keeps it open until the `Channel` is dropped. It sends a ping every 30 seconds, and takes a connection on which
/// nothing arrives for 75 seconds for dead. A lost connection is opened again at once, and, while that fails, after a
/// random time up to a bound that doubles from 1 to 60 seconds. An access token that is refused is renewed once. Each
/// change is an event, [`ChannelEvent::State`].
///
/// Nothing is pushed again: what happened while the channel was not connected is only in the pending messages of a
/// device. [`Device::messages`](crate::Device::messages) with [`push`](crate::InboxBuilder::push) fetches them.
///
/// # Limits
///
/// A frame or message of more than 1 MiB ends the connection. 64 frames wait for the program; when it does not take
/// them, the connection is not read further until it does, and a lost connection is not opened again. A program that only
/// sends has to take the events, too.
///
/// # Secrets
///
/// The access token is in the URL of the channel. This crate shows that URL nowhere. The WebSocket library
/// (`tungstenite`) logs the content of frames at the levels `DEBUG` and `TRACE`, thus messages, but no URL.
#[must_use = "nothing is sent until the stream is polled"]
pub struct Channel {
    user: User,
    /// The only session whose events are returned.
    session: Option<SessionId>,
    items: mpsc::Receiver<Item>,
    /// Boxes: the queue allocates 32 places when it is created, of which most channels use none.
    outgoing: mpsc::Sender<Box<Outgoing>>,
    starter: Arc<Starter>,
    is_ended: bool,
}

impl Channel {
    pub(crate) fn new(user: User) -> Self {
        // What the one known client sends; the service may refuse others.
        let software = ("js".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let (items, receiver) = mpsc::channel(BUFFERED_FRAMES);
        let (sender, outgoing) = mpsc::channel(BUFFERED_SENDS);
        let task = Task { user: user.clone(), software, items, outgoing, token: TokenState::default() };
        let starter = Starter::new(task);
        Self { user, session: None, items: receiver, outgoing: sender, starter, is_ended: false }
    }

    /// Sets the type and the version of the client software, which the service is told: by default `js`, as the one
    /// known client sends it, and the version of this crate. It has no effect once the channel is used.
    ///
    /// ```
    /// # fn example(russ: kandy::User) {
    /// let channel = russ.channel().client_software("ios", "2.1");
    /// # }
    /// ```
    pub fn client_software(self, sw_type: impl Into<String>, sw_version: impl Into<String>) -> Self {
        self.starter.configure(|task| task.software = (sw_type.into(), sw_version.into()));
        self
    }

    /// Returns the next event; `None` after an error, which is the last item.
    ///
    /// ```
    /// # async fn example(mut channel: kandy::Channel) {
    /// while let Some(event) = channel.next().await {
    ///     println!("{event:?}");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the channel cannot be opened, and another attempt would fail, too: [`Error::Argument`] when a credential is
    /// empty, or the channel would be without TLS to another machine; [`is_unauthorized`](Error::is_unauthorized);
    /// [`is_not_found`](Error::is_not_found). All other failures are events, [`ChannelState::Lost`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> Option<Result<ChannelEvent>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the next event, as [`next`](Self::next) does, for loops with `?`.
    ///
    /// ```
    /// # async fn example(mut channel: kandy::Channel) -> kandy::Result<()> {
    /// if let Some(event) = channel.try_next().await? {
    ///     println!("{event:?}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    ///
    /// # Cancel safety
    ///
    /// That of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<ChannelEvent>> {
        self.next().await.transpose()
    }

    /// Returns the next text frame as it was received, or a change of the state, instead of the event that a frame
    /// reports. For logs, and for frames that this crate does not know. The response to session data is returned to the
    /// caller that waits for it, and not here.
    ///
    /// ```
    /// # async fn example(mut channel: kandy::Channel) {
    /// while let Some(Ok(frame)) = channel.next_frame().await {
    ///     println!("{frame:?}");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`next`](Self::next).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no frame.
    pub async fn next_frame(&mut self) -> Option<Result<ChannelFrame>> {
        let item = std::future::poll_fn(|context| self.poll_item(context)).await?;
        Some(item.map(|item| match item {
            Item::State(state) => ChannelFrame::State(state),
            Item::Frame(frame) => ChannelFrame::Text(frame.as_str().to_owned()),
        }))
    }

    /// Sends data to the participants of a session: any value that can be written as JSON. It waits until the channel is
    /// connected, and is never sent twice.
    ///
    /// ```
    /// # async fn example(mut channel: kandy::Channel) -> kandy::Result<()> {
    /// channel.send_session_data("0af3", ("cursor", 20, 30)).to("anna@example.com").confirmed().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the session id is empty, the user is not of the form `user@domain.name`, or the payload
    /// cannot be written as JSON; [`Error::Transport`] when the channel is not connected in time, or is lost, and then
    /// [`may_have_been_applied`](Error::may_have_been_applied) tells whether the data may have been sent; [`Error::Api`]
    /// when the service refuses it, which shows only with [`confirmed`](SendSessionData::confirmed).
    pub fn send_session_data(&self, session_id: impl Into<SessionId>, payload: impl Serialize) -> SendSessionData {
        let payload = to_raw_value(&payload).map_err(|error| Error::argument("payload", error.to_string()));
        let inner = &self.user.client.inner;
        SendSessionData {
            outgoing: self.outgoing.clone(),
            starter: self.starter.clone(),
            clock: inner.clock.clone(),
            timeout: inner.settings.timeout,
            session_id: session_id.into(),
            payload,
            destination: None,
            id: None,
        }
    }

    /// Closes the channel: tells the service, and waits until it confirms, for a second at most. A channel that is
    /// dropped ends at once, and the last data that was sent without confirmation may be lost.
    ///
    /// ```
    /// # async fn example(channel: kandy::Channel) -> kandy::Result<()> {
    /// channel.send_session_data("0af3", "bye").await?;
    /// channel.close().await;
    /// # Ok(()) }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the channel.
    pub async fn close(mut self) {
        self.items.close();
        if let Some(mut task) = self.starter.end() {
            let clock = &self.user.client.inner.clock;
            if let Either::Right(_) = select(&mut task, clock.sleep(CLOSE_TIMEOUT)).await {
                task.abort();
            }
        }
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Item>>> {
        if self.is_ended {
            return Poll::Ready(None);
        }
        self.starter.start();
        let item = ready!(self.items.poll_recv(context));
        self.is_ended = matches!(item, Some(Item::State(ChannelState::Ended { .. })) | None);
        Poll::Ready(item.map(|item| match item {
            Item::State(ChannelState::Ended { error }) => Err(error),
            item => Ok(item),
        }))
    }

    /// Returns what an item reports to the owner of this channel.
    fn event(&self, item: Item) -> Option<ChannelEvent> {
        let event = match item {
            Item::State(state) => ChannelEvent::State(state),
            Item::Frame(frame) => ChannelEvent::from_frame(&frame)?,
        };
        let is_wanted = match (&self.session, &event) {
            (None, _) | (_, ChannelEvent::State(_)) => true,
            (Some(session), ChannelEvent::Session(event)) => event.session_id.as_ref() == Some(session),
            (Some(_), _) => false,
        };
        is_wanted.then_some(event)
    }
}

/// A frame of a data channel as it was received, or a change of its state.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChannelFrame {
    /// The channel was established or lost.
    State(ChannelState),
    /// A text frame, which is JSON as a rule. It may hold messages, and text that other users wrote.
    Text(String),
}

impl Stream for Channel {
    type Item = Result<ChannelEvent>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let item = match ready!(self.poll_item(context)) {
                Some(Ok(item)) => item,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            if let Some(event) = self.event(item) {
                return Poll::Ready(Some(Ok(event)));
            }
        }
    }
}

impl FusedStream for Channel {
    /// Whether the stream has ended after an error.
    fn is_terminated(&self) -> bool {
        self.is_ended
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(task) = self.starter.end() {
            task.abort();
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("is_terminated", &self.is_terminated()).finish_non_exhaustive()
    }
}
