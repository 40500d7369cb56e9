//! [`Service`]: the pending messages of a device in memory, and when it was asked for them.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime},
};

use futures_util::stream;
use kandy_sys::{BoxFuture, Request, Status};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};

use super::super::PushSource;
use crate::{
    ChannelEvent, ChannelState, Clock, Device, Error, Inbox, InboxBuilder, IncomingMessage, PendingMessage, Phase,
    Result, RetryPolicy,
    clock::SystemClock,
    error::TransportError,
    testing::{MockService, Reply},
};

/// The clock of the system, which draws this number.
#[derive(Debug)]
pub(super) struct Draws(pub(super) f64);

impl Clock for Draws {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn now_utc(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_400_510_413)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }

    fn random(&self) -> f64 {
        self.0
    }
}

/// Returns the refusal of a deletion of these ids; `None` deletes them.
type Refuse = dyn Fn(&[String]) -> Option<Reply> + Send;

/// What the service has, does and saw. Times are in milliseconds since it began.
#[derive(Default)]
pub(super) struct State {
    pub(super) pending: Vec<Value>,
    /// Messages that become pending at a time.
    pub(super) arriving: Vec<(u128, Value)>,
    /// Replies to the next polls, instead of the list.
    pub(super) poll_replies: Vec<Reply>,
    /// How long the list and a deletion are on their way to the client.
    pub(super) delay: Duration,
    pub(super) refuse: Option<Box<Refuse>>,
    /// When each poll arrived.
    pub(super) polls: Vec<u128>,
    /// When each request to delete arrived, and its ids.
    pub(super) deletes: Vec<(u128, Vec<String>)>,
}

impl State {
    fn list(&mut self, now: u128) -> Reply {
        self.polls.push(now);
        assert!(self.polls.len() < 1000, "the inbox polls without a pause: {:?}", &self.polls[990..]);
        self.pending.extend(self.arriving.extract_if(.., |(time, _)| *time <= now).map(|(_, message)| message));
        match self.poll_replies.is_empty() {
            true => Reply::result(json!({"server_timestamp": "1489312345678", "messages": self.pending})),
            false => self.poll_replies.remove(0),
        }
        .after(self.delay)
    }

    fn delete(&mut self, now: u128, request: &Request<'_>) -> Reply {
        let ids = request.query().find_map(|(name, ids)| (name == "messages").then_some(ids)).expect("ids");
        let ids: Vec<String> = serde_json::from_str(ids).expect("a list of ids");
        assert!((1..=10).contains(&ids.len()), "{ids:?}");
        let refusal = self.refuse.as_ref().and_then(|refuse| refuse(&ids));
        if refusal.is_none() {
            self.pending.retain(|message| !ids.iter().any(|id| message["UUID"] == **id));
        }
        self.deletes.push((now, ids));
        assert!(self.deletes.len() < 1000, "the inbox deletes without a pause");
        refusal.unwrap_or_else(Reply::success).after(self.delay)
    }
}

/// A service, and a device whose messages it has.
pub(super) struct Service {
    pub(super) device: Device,
    state: Arc<Mutex<State>>,
    begin: Instant,
}

impl Service {
    pub(super) fn new(pending: impl IntoIterator<Item = Value>) -> Self {
        Self::with_random(pending, 0.0)
    }

    /// Creates a service whose client draws `random`.
    pub(super) fn with_random(pending: impl IntoIterator<Item = Value>, random: f64) -> Self {
        let service = MockService::new();
        let state = State { pending: pending.into_iter().collect(), ..State::default() };
        let (state, begin) = (Arc::new(Mutex::new(state)), SystemClock.now());
        let now = move || (SystemClock.now() - begin).as_millis();
        let (listed, deleted) = (Arc::clone(&state), Arc::clone(&state));
        service.reply_with("message_list", move |_| lock(&listed).list(now()));
        service.reply_with("message_delete", move |request| lock(&deleted).delete(now(), request));
        let kandy = service.builder().clock(Draws(random)).retry(RetryPolicy::never()).build().expect("a client");
        Self { device: kandy.user_with_token("UAT-token").device("A149"), state, begin }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Returns the time since it began, in milliseconds.
    pub(super) fn now(&self) -> u128 {
        (SystemClock.now() - self.begin).as_millis()
    }

    pub(super) fn inbox(&self) -> Inbox {
        self.device.messages().stream()
    }

    /// Sets what refuses a deletion, by its ids.
    pub(super) fn refuse(&self, refuse: impl Fn(&[String]) -> Option<Reply> + Send + 'static) {
        self.state().refuse = Some(Box::new(refuse));
    }

    /// Lets every deletion succeed from now on.
    pub(super) fn accept(&self) {
        self.state().refuse = None;
    }

    /// Returns the ids of each deletion, and forgets them.
    pub(super) fn take_deletes(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.state().deletes).into_iter().map(|(_, ids)| ids).collect()
    }

    /// Returns the ids that are pending.
    pub(super) fn pending(&self) -> Vec<String> {
        self.state().pending.iter().map(|message| message["UUID"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// Ignores poisoning: the first panic tells what is wrong.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

pub(super) fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(|number| format!("m{number}")).collect()
}

/// Returns a chat message with this id and this text.
pub(super) fn chat(id: &str, text: &str) -> Value {
    json!({"messageType": "chat", "contentType": "text", "UUID": id, "timestamp": "1400510413000",
        "sender": {"full_user_id": "russ@example.com"}, "message": {"mimeType": "text/plain", "text": text}})
}

/// Returns the message whose id and text have this number.
pub(super) fn message(number: usize) -> Value {
    chat(&format!("m{number}"), &number.to_string())
}

pub(super) fn messages(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    numbers.into_iter().map(message).collect()
}

/// Returns the text of a message.
pub(super) fn text(message: &IncomingMessage) -> String {
    message.content.as_ref().and_then(|content| content.text()).unwrap_or_default().to_owned()
}

pub(super) fn texts(messages: &[IncomingMessage]) -> Vec<String> {
    messages.iter().map(text).collect()
}

/// Returns the next message. Panics at an error, and after an hour without one.
pub(super) async fn next(inbox: &mut Inbox) -> IncomingMessage {
    let item = timeout(Duration::from_secs(3600), inbox.next()).await.expect("a message within an hour");
    item.expect("the inbox goes on").expect("a message")
}

/// Returns the next error. Panics at a message, and after an hour without an error.
pub(super) async fn failure(inbox: &mut Inbox) -> Error {
    let item = timeout(Duration::from_secs(3600), inbox.try_next()).await.expect("an error within an hour");
    item.expect_err("an error")
}

/// Returns the next messages. Panics at an error.
pub(super) async fn take(inbox: &mut Inbox, count: usize) -> Vec<IncomingMessage> {
    let mut taken = Vec::new();
    while taken.len() < count {
        taken.push(next(inbox).await);
    }
    taken
}

pub(super) async fn ack(messages: &[IncomingMessage]) {
    for message in messages {
        message.ack().await.expect("acknowledged");
    }
}

/// Returns what the inbox yields within this time, and its errors as text. Stops at the end of the stream.
pub(super) async fn items(inbox: &mut Inbox, time: Duration) -> (Vec<IncomingMessage>, Vec<String>) {
    let (mut messages, mut errors) = (Vec::new(), Vec::new());
    let all = async {
        while let Some(item) = inbox.next().await {
            match item {
                Ok(message) => messages.push(message),
                Err(error) => errors.push(error.to_string()),
            }
        }
    };
    let _ = timeout(time, all).await;
    (messages, errors)
}

/// Polls the inbox for this time, in which it has to yield nothing.
pub(super) async fn idle(inbox: &mut Inbox, time: Duration) {
    let (messages, errors) = items(inbox, time).await;
    assert!(messages.is_empty() && errors.is_empty(), "{messages:?} {errors:?}");
}

/// The other end of the data channel of an inbox.
pub(super) struct Peer(mpsc::UnboundedSender<Result<ChannelEvent>>);

impl Peer {
    /// Opens an inbox with push, whose channel this is. It is not connected yet.
    pub(super) fn of(service: &Service, configure: impl FnOnce(InboxBuilder) -> InboxBuilder) -> (Inbox, Self) {
        let mut inbox = configure(service.device.messages().push()).stream();
        let (sender, mut events) = mpsc::unbounded_channel();
        let channel = stream::poll_fn(move |context| events.poll_recv(context));
        inbox.push = Some(PushSource::new(channel, inbox.wake.clone()));
        (inbox, Self(sender))
    }

    /// Opens an inbox with push, whose channel is connected, and lets it become idle.
    pub(super) async fn connected(service: &Service) -> (Inbox, Self) {
        let (inbox, _, peer) = Self::connected_with(service, 0).await;
        (inbox, peer)
    }

    /// As [`connected`](Self::connected), with the messages that were pending.
    pub(super) async fn connected_with(service: &Service, count: usize) -> (Inbox, Vec<IncomingMessage>, Self) {
        let (mut inbox, peer) = Self::of(service, |inbox| inbox);
        peer.send(ChannelEvent::State(ChannelState::Connected));
        let taken = take(&mut inbox, count).await;
        idle(&mut inbox, Duration::from_millis(1)).await;
        (inbox, taken, peer)
    }

    pub(super) fn send(&self, event: ChannelEvent) {
        self.0.send(Ok(event)).expect("the inbox holds its channel");
    }

    pub(super) fn push(&self, message: &Value) {
        self.send(ChannelEvent::Message(Box::new(PendingMessage::from_json(&message.to_string()))));
    }

    /// Some servers announce messages instead of pushing them.
    pub(super) fn announce(&self) {
        self.send(ChannelEvent::MessagesAvailable);
    }

    pub(super) fn lose(&self, retry_in: Duration) {
        self.send(ChannelEvent::State(ChannelState::Lost { retry_in, error: Self::failure() }));
    }

    /// Ends the channel by an error.
    pub(super) fn fail(self) {
        self.0.send(Err(Self::failure())).expect("the inbox holds its channel");
    }

    /// Whether the inbox dropped its channel.
    pub(super) fn is_dropped(&self) -> bool {
        self.0.is_closed()
    }

    fn failure() -> Error {
        Error::Transport(Arc::new(TransportError::new(None, Phase::Channel, Arc::new(std::fmt::Error))))
    }
}

/// Returns a refusal of all deletions that include one of these ids.
pub(super) fn refusing(bad: Vec<String>, status: i64) -> impl Fn(&[String]) -> Option<Reply> + Send + 'static {
    move |ids| ids.iter().any(|id| bad.contains(id)).then(|| Reply::refusal(Status(status), "no"))
}
