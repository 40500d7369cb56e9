//! The inbox: what waits for a device, as a stream.

mod ack_tracker;
mod incoming_message;
mod page;
mod poll_interval;

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use ack_tracker::AckTracker;
use futures_util::{Stream, stream::FusedStream};
pub use incoming_message::IncomingMessage;
use kandy_sys::BoxFuture;
use poll_interval::PollInterval;

use crate::{Clock, Device, Error, MessageId, PendingMessages, Result};

impl Device {
    /// The messages and events that wait for the device, as they come, each deleted only once it is
    /// acknowledged: a stream, which is in the making here. See [`Inbox`](crate::Inbox) for what it promises.
    ///
    /// Operations `message_list` and `message_delete`.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let mut inbox = phone.messages().stream();
    /// while let Some(message) = inbox.try_next().await? {
    ///     println!("{:?}: {:?}", message.sender, message.content);
    ///     message.ack().await?;
    ///     # break;
    /// }
    /// inbox.close().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Making it sends nothing; the errors of the stream are those of [`Inbox::next`](crate::Inbox::next).
    pub fn messages(&self) -> InboxBuilder {
        InboxBuilder::new(self.clone(), self.client.inner.clock.clone())
    }
}

/// The inbox of a device, in the making; [`Device::messages`] makes it.
///
/// ```
/// use std::time::Duration;
///
/// # fn example(phone: kandy::Device) {
/// let inbox = phone.messages().min_interval(Duration::from_millis(100)).max_interval(Duration::from_secs(5)).stream();
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read until there is a stream"]
pub struct InboxBuilder {
    device: Device,
    clock: Arc<dyn Clock>,
    min_interval: Duration,
    max_interval: Duration,
}

impl InboxBuilder {
    pub(crate) fn new(device: Device, clock: Arc<dyn Clock>) -> Self {
        Self { device, clock, min_interval: Duration::from_millis(500), max_interval: Duration::from_secs(30) }
    }

    /// How long it is from one look to the next as long as something comes; half a second by default. Less
    /// than a millisecond counts as one.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// How long it is at most from one look to the next when nothing comes; 30 seconds by default. Less than
    /// the minimum counts as the minimum.
    pub fn max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self
    }

    /// The stream. Making it sends nothing, starts nothing and needs no runtime.
    pub fn stream(self) -> Inbox {
        Inbox {
            interval: PollInterval::new(self.clock, self.min_interval, self.max_interval),
            tracker: Arc::new(AckTracker::new(self.device.clone())),
            device: self.device,
            ready: VecDeque::new(),
            cycle: None,
            ended: false,
            undeletable: Vec::new(),
        }
    }
}

/// The messages and events that wait for a device: a stream that asks the service again and again.
///
/// [`Device::messages`] makes it. [`next`](Self::next) and [`try_next`](Self::try_next) need nothing else;
/// with the combinators of the crate `futures-util` it works as a [`Stream`].
///
/// ```
/// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
/// let mut inbox = phone.messages().stream();
/// while let Some(message) = inbox.try_next().await? {
///     println!("{:?}: {:?}", message.sender, message.content.as_ref().and_then(|content| content.text()));
///     message.ack().await?;
///     # break;
/// }
/// inbox.close().await?;
/// # Ok(()) }
/// ```
///
/// # What is promised
///
/// * A message is deleted only after [`ack`](IncomingMessage::ack) was called on it. What was not acknowledged,
///   or was and could not be deleted before the program ended, comes again in the next stream: **at least
///   once**.
/// * A stream yields each message once, however often the service lists it.
/// * A program that takes one message after another and is killed sees at most ten again: those that it had
///   dealt with since the last request to delete.
/// * Whatever waits arrives as data. What has an unknown type is a message with that type; what cannot be
///   understood has [`undecodable`](crate::PendingMessage::undecodable), and does not keep the others from
///   coming.
///
/// # When requests are made
///
/// The inbox does something only while it is asked for the next message. Once all that came has been
/// yielded, it deletes what is acknowledged, waits, and asks the service anew. It waits for the minimal
/// interval after something came, and twice as long each time that nothing did, up to the maximum, less a
/// random part of what is above the minimum; the time since the last answer counts. Acknowledged messages are
/// deleted ten in a request: with each tenth acknowledgement, before each look, and by [`close`](Self::close).
///
/// # Ids
///
/// Ids are made up by those who send, and the service deletes by id. Of several that wait under the same id
/// each is yielded, and they are deleted when all that came are acknowledged. What has no id cannot be
/// deleted: it is yielded once in each stream, and acknowledging it does nothing.
///
/// # Errors
///
/// Any item may be an error, and what was acknowledged stays so. Where it may go away (connection, overload, an
/// answer that is not to be understood), the stream goes on: the next item is what the next look brings, after
/// an interval as if nothing had come. Where it will not — the credential was refused, although the token was
/// renewed if it can be; the device does not exist; an argument cannot be used — the stream ends after it.
///
/// A message that the service refuses to delete does not keep others from being deleted: a request that is refused is
/// halved until that message is alone. It is reported once, by an error that names it and does not end the stream, and is
/// not tried again in this stream; [`undeletable`](Self::undeletable) lists such messages. When the service refuses
/// everything, none is set aside: that error comes once too, and what is acknowledged waits until something can be deleted.
///
/// Nothing is lost when the future of `next` or of `ack` is dropped halfway.
#[must_use = "nothing is read until it is asked for the next message"]
pub struct Inbox {
    device: Device,
    tracker: Arc<AckTracker>,
    interval: PollInterval,
    /// What is to be yielded before the service is asked again.
    ready: VecDeque<Item>,
    /// It lives here, not in the future of `next`, so that dropping that one loses nothing.
    cycle: Option<BoxFuture<'static, PollCycle>>,
    ended: bool,
    /// The messages whose report was yielded.
    undeletable: Vec<MessageId>,
}

/// What is to be yielded.
#[expect(clippy::large_enum_variant, reason = "nearly all are messages, which a box would allocate once more")]
enum Item {
    Message(IncomingMessage),
    Failure(Error),
    /// A message that cannot be deleted, and why.
    Undeletable(MessageId, Error),
}

/// What came of deleting, and of asking.
struct PollCycle {
    deleted: Result<()>,
    pending: Result<PendingMessages>,
}

impl Inbox {
    /// The next message, or why there is none right now; `None` after an error that will not go away.
    ///
    /// Operations `message_list` and `message_delete`.
    ///
    /// ```
    /// # async fn example(mut inbox: kandy::Inbox) {
    /// while let Some(message) = inbox.next().await {
    ///     match message {
    ///         Ok(message) => println!("{:?}", message.id),
    ///         Err(error) => eprintln!("{error}"), // and on it goes
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Inbox`]. [`Error::Argument`] when the device id is empty, [`is_not_found`](Error::is_not_found),
    /// [`is_unauthorized`](Error::is_unauthorized): these end the stream. [`Error::Api`], [`Error::Transport`],
    /// [`Error::Decode`].
    pub async fn next(&mut self) -> Option<Result<IncomingMessage>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The same as [`next`](Self::next), with the error outside, for `?`.
    ///
    /// ```
    /// # async fn example(mut inbox: kandy::Inbox) -> kandy::Result<()> {
    /// if let Some(message) = inbox.try_next().await? {
    ///     message.ack().await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<IncomingMessage>> {
        self.next().await.transpose()
    }

    /// Deletes what is acknowledged now, instead of with the next ten or the next look.
    ///
    /// Operation `message_delete`.
    ///
    /// ```
    /// # async fn example(mut inbox: kandy::Inbox) -> kandy::Result<()> {
    /// inbox.flush().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`]. What could not be deleted stays acknowledged.
    pub async fn flush(&mut self) -> Result<()> {
        // What the cycle is deleting goes back to the tracker, or this would miss it.
        self.cycle = None;
        self.tracker.flush_and_report().await
    }

    /// The messages that were acknowledged and that the service does not delete, as far as the stream has yielded their
    /// errors. They come again in the next stream.
    ///
    /// ```
    /// # async fn example(mut inbox: kandy::Inbox) {
    /// while let Some(message) = inbox.next().await {
    ///     # drop(message);
    ///     if let Some(id) = inbox.undeletable().last() {
    ///         eprintln!("{id} stays with the service");
    ///     }
    /// }
    /// # }
    /// ```
    pub fn undeletable(&self) -> &[MessageId] {
        &self.undeletable
    }

    /// Stops: deletes what is acknowledged. Without it what was acknowledged last comes again in the next
    /// stream; so does, either way, what is not acknowledged.
    ///
    /// Messages can still be acknowledged afterwards; each is then deleted at once.
    ///
    /// Operation `message_delete`.
    ///
    /// ```
    /// # async fn example(inbox: kandy::Inbox) -> kandy::Result<()> {
    /// inbox.close().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`], [`Error::Transport`]. What could not be deleted comes again. To be able to try again,
    /// call [`flush`](Self::flush) first.
    pub async fn close(mut self) -> Result<()> {
        // From here on nobody comes to delete what is acknowledged later.
        self.tracker.close();
        self.flush().await
    }

    /// Starts to wait, to delete and to ask.
    fn start_cycle(&mut self) -> BoxFuture<'static, PollCycle> {
        let (tracker, device) = (self.tracker.clone(), self.device.clone());
        let (clock, wait) = (self.interval.clock(), self.interval.rest());
        Box::pin(async move {
            if !wait.is_zero() {
                // Whoever is killed while nothing comes is not to see the last few again. If it fails it is
                // done again below, so the failure is no news yet.
                let _ = tracker.flush().await;
                clock.sleep(wait).await;
            }
            // A failure must not keep new messages from coming.
            let deleted = tracker.flush().await;
            PollCycle { deleted, pending: page::read(device.pending_messages()).await }
        })
    }

    fn end_cycle(&mut self, cycle: PollCycle) {
        let pending = cycle.pending.map(|pending| self.tracker.receive(pending.messages));
        // After the look, which shows of some whether they are gone.
        let reports = self.tracker.take_reports().into_iter();
        self.ready.extend(reports.map(|(id, error)| Item::Undeletable(id, error)));
        let failed = cycle.deleted.err().filter(|error| !self.tracker.is_known(error));
        self.ready.extend(failed.map(Item::Failure));
        match pending {
            Ok(fresh) => {
                self.interval.looked(!fresh.is_empty());
                let tracker = &self.tracker;
                let fresh = fresh.into_iter().map(|message| IncomingMessage::new(message, tracker.clone()));
                self.ready.extend(fresh.map(Item::Message));
            }
            Err(error) => {
                self.interval.looked(false);
                self.ended = is_final(&error);
                self.ready.push_back(Item::Failure(error));
            }
        }
    }
}

/// Whether asking again is of no use.
fn is_final(error: &Error) -> bool {
    matches!(error, Error::Argument(_)) || error.is_unauthorized() || error.is_not_found()
}

impl Stream for Inbox {
    type Item = Result<IncomingMessage>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(match item {
                    Item::Message(message) => Ok(message),
                    Item::Failure(error) => Err(error),
                    Item::Undeletable(id, error) => {
                        self.undeletable.push(id);
                        Err(error)
                    }
                }));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let mut cycle = match self.cycle.take() {
                Some(cycle) => cycle,
                None => self.start_cycle(),
            };
            match cycle.as_mut().poll(context) {
                Poll::Ready(cycle) => self.end_cycle(cycle),
                Poll::Pending => {
                    self.cycle = Some(cycle);
                    return Poll::Pending;
                }
            }
        }
    }
}

impl FusedStream for Inbox {
    /// Whether nothing more comes: the last error was one that does not go away.
    fn is_terminated(&self) -> bool {
        self.ended && self.ready.is_empty()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.tracker.close();
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("device", &self.device)
            .field("ready", &self.ready.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
