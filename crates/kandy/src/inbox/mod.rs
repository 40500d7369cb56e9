//! [`Inbox`]: the pending messages of a device as a stream, with at-least-once delivery.
//!
//! Depends on `message` for the requests. Begin reading at [`Inbox`], then `start_cycle` and `end_cycle`: a cycle
//! deletes what is acknowledged, waits, and polls. `received` decides what is new, `ack_tracker` what may be deleted.

mod ack_tracker;
mod builder;
mod incoming_message;
mod page;
mod poll_interval;
#[cfg(feature = "push")]
mod push;
mod received;
#[cfg(test)]
mod tests;
mod wake;

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use ack_tracker::AckTracker;
pub use builder::InboxBuilder;
use futures_util::{Stream, stream::FusedStream};
pub use incoming_message::IncomingMessage;
use kandy_sys::BoxFuture;
use poll_interval::PollInterval;
#[cfg(feature = "push")]
use push::{PushSource, Pushed};
use wake::{Wake, Woken};

use crate::{Device, Error, MessageId, MessageReceived, Observer, PendingMessages, Result};

/// A stream of the messages and events of a device, which polls the service.
///
/// [`Device::messages`] builds it. [`next`](Self::next) and [`try_next`](Self::try_next) need no other crate; for the
/// combinators of the crate `futures-util` it is a [`Stream`].
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
/// # Guarantees
///
/// * Delivery is **at least once**. A message is deleted only after [`ack`](IncomingMessage::ack) was called on it. The
///   next stream yields again what was not acknowledged, or not deleted before the program ended.
/// * A stream yields each message once, even if the service lists it several times.
/// * A program that handles one message after another and is killed receives at most ten again: those that it
///   acknowledged since the last deletion. With push it receives at most nineteen again, because messages are yielded
///   while a deletion is sent, and those whose push repeated an id, which are deleted only after the next poll.
/// * Every pending message is yielded. One of an unknown type has that type; one that cannot be decoded has
///   [`undecodable`](crate::PendingMessage::undecodable), and does not block the others.
///
/// # Requests
///
/// The inbox works only while it is polled for the next message. After all received messages have been yielded, it
/// deletes the acknowledged ones, waits, and polls the service. It waits for the minimal interval after a poll with new
/// messages, and twice as long after each poll without, up to the maximum, less a random part of what exceeds the
/// minimum. The time since the last response counts. Messages are deleted ten in a request: at each tenth
/// acknowledgement, before each poll, and by [`close`](Self::close). With the feature `push`, messages can be pushed
/// instead: see `InboxBuilder::push`.
///
/// # Ids
///
/// Senders generate the ids, and the service deletes by id. Of several messages with the same id each is yielded, and
/// they are deleted after all received ones are acknowledged. A message without id cannot be deleted: each stream
/// yields it once, and acknowledging it has no effect.
///
/// # Errors
///
/// Any item may be an error; acknowledgements are kept. After a transient error (connection, overload, a response that
/// cannot be decoded) the stream continues: the next item is the result of the next poll, after an interval as for a
/// poll without messages. The stream ends after a permanent error: the credential was refused, and so was a renewed
/// token where it can be renewed; the device does not exist; an argument cannot be used.
///
/// A message that the service refuses to delete does not block the deletion of others: a refused request is split in
/// halves until that message is alone. An error that names it is yielded once and does not end the stream; the message
/// is not tried again in this stream, and [`undeletable`](Self::undeletable) lists it. If the service refuses every
/// message, that error is yielded once, too, and all acknowledged messages wait until a deletion succeeds.
///
/// Dropping the future of `next` or of `ack` before it completes loses nothing.
#[must_use = "nothing is sent until the stream is polled"]
pub struct Inbox {
    device: Device,
    tracker: Arc<AckTracker>,
    interval: PollInterval,
    push_interval: Duration,
    wake: Arc<Wake>,
    #[cfg(feature = "push")]
    push: Option<PushSource>,
    /// The items to yield before the next poll.
    ready: VecDeque<Item>,
    /// The running cycle. Stored here and not in the future of `next`, so that dropping that future loses nothing.
    cycle: Option<BoxFuture<'static, PollCycle>>,
    ended: bool,
    /// The messages whose error was yielded.
    undeletable: Vec<MessageId>,
}

/// An item to yield.
#[expect(clippy::large_enum_variant, reason = "nearly all are messages, and a box would cost an allocation each")]
enum Item {
    Message {
        message: IncomingMessage,
        /// Whether it was pushed, and not polled.
        is_pushed: bool,
    },
    Failure(Error),
    /// A message that cannot be deleted, and why.
    Undeletable(MessageId, Error),
}

/// The results of a cycle: of the deletion, and of the poll.
struct PollCycle {
    deleted: Result<()>,
    pending: Result<PendingMessages>,
    /// The requests for a poll that this one covers.
    asked: u64,
}

impl Inbox {
    /// Creates the stream.
    fn new(settings: InboxBuilder) -> Self {
        let wake = Arc::new(Wake::new(settings.is_pushed));
        Self {
            interval: PollInterval::new(settings.clock, settings.min_interval, settings.max_interval),
            push_interval: settings.push_interval,
            tracker: Arc::new(AckTracker::new(settings.device.clone(), wake.clone(), settings.is_pushed)),
            #[cfg(feature = "push")]
            push: settings.is_pushed.then(|| {
                let user = crate::User::new(settings.device.client.clone());
                PushSource::new(crate::Channel::new(user), wake.clone())
            }),
            wake,
            device: settings.device,
            ready: VecDeque::new(),
            cycle: None,
            ended: false,
            undeletable: Vec::new(),
        }
    }

    /// Returns the next message, or an error; `None` after a permanent error.
    ///
    /// Operations `message_list` and `message_delete`.
    ///
    /// ```
    /// # async fn example(mut inbox: kandy::Inbox) {
    /// while let Some(message) = inbox.next().await {
    ///     match message {
    ///         Ok(message) => println!("{:?}", message.id),
    ///         Err(error) => eprintln!("{error}"), // the stream continues
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
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no message: the cycle that it polled is kept, and the next call resumes it. Dropping the
    /// inbox stops it; see [`close`](Self::close).
    pub async fn next(&mut self) -> Option<Result<IncomingMessage>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Returns the next message, as [`next`](Self::next) does, for loops with `?`.
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
    /// Those of [`next`](Self::next).
    ///
    /// # Cancel safety
    ///
    /// That of [`next`](Self::next).
    pub async fn try_next(&mut self) -> Result<Option<IncomingMessage>> {
        self.next().await.transpose()
    }

    /// Deletes the acknowledged messages now, instead of at the tenth acknowledgement or the next poll.
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
    /// [`Error::Api`], [`Error::Transport`]. Messages that were not deleted stay acknowledged.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future keeps the messages acknowledged: a later deletion includes those that were not deleted.
    pub async fn flush(&mut self) -> Result<()> {
        // Dropping the cycle returns the ids that it is deleting to the tracker; otherwise this deletion would miss
        // them.
        self.cycle = None;
        self.tracker.flush_and_report().await
    }

    /// Returns the acknowledged messages that the service does not delete and whose errors the stream has yielded. The
    /// next stream yields them again.
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

    /// Deletes the acknowledged messages, and closes the inbox. Without it the next stream yields the last acknowledged
    /// messages again; it yields those that are not acknowledged in any case.
    ///
    /// Messages can still be acknowledged afterwards; each acknowledgement is then deleted at once.
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
    /// [`Error::Api`], [`Error::Transport`]. The next stream yields again what could not be deleted. To be able
    /// to retry, call [`flush`](Self::flush) first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the inbox without the rest of the deletions: the next stream yields those messages
    /// again.
    pub async fn close(mut self) -> Result<()> {
        // No later cycle deletes what is acknowledged from here on, so each acknowledgement has to.
        self.tracker.close();
        self.flush().await
    }

    /// Returns the future of a cycle: delete, wait, delete again, poll.
    fn start_cycle(&mut self) -> BoxFuture<'static, PollCycle> {
        let (tracker, device, wake) = (self.tracker.clone(), self.device.clone(), self.wake.clone());
        let (clock, wait) = (self.interval.clock(), self.interval.time_left());
        // Once for the cycle: deletions in between do not put the poll off.
        let begin = clock.now();
        let push_wait = self.interval.time_left_with_push(self.push_interval);
        let is_due = if wake.is_pushed() { push_wait.is_zero() } else { wait.is_zero() };
        let cycle = async move {
            if !is_due {
                loop {
                    // Flush acknowledgements before sleeping, so that an idle process that is killed sees no redelivery.
                    // A failure is retried below, so it is not reported here.
                    let _ = tracker.flush().await;
                    if wake.wait(clock.as_ref(), begin, wait, push_wait).await == Woken::Poll {
                        break;
                    }
                }
            }
            // Poll even if the deletion failed: a failure must not block new messages.
            let deleted = tracker.flush().await;
            let asked = wake.asked();
            tracker.begin_poll();
            PollCycle { deleted, pending: page::read(device.pending_messages()).await, asked }
        };
        #[cfg(feature = "push")]
        if let Some(push) = &self.push {
            return Box::pin(tracing::Instrument::instrument(cycle, push.span().clone()));
        }
        Box::pin(cycle)
    }

    /// Notifies the observers of a message that is yielded now.
    fn report(&self, message: &IncomingMessage, is_pushed: bool) {
        let inner = &self.device.client.inner;
        if !inner.observers.is_empty() {
            let now = inner.clock.now_utc();
            inner.observers.message_received(&MessageReceived::new(message.timestamp.as_ref(), is_pushed, now));
        }
    }

    /// Turns the results of a cycle into items, and updates the interval.
    fn end_cycle(&mut self, cycle: PollCycle) {
        self.wake.cover(cycle.asked);
        let pending = cycle.pending.map(|pending| self.tracker.receive(pending.messages));
        // After `receive`, which drops the errors of messages that the poll shows to be gone.
        let reports = self.tracker.take_reports().into_iter();
        self.ready.extend(reports.map(|(id, error)| Item::Undeletable(id, error)));
        let failed = cycle.deleted.err().filter(|error| !self.tracker.is_known(error));
        self.ready.extend(failed.map(Item::Failure));
        match pending {
            Ok(new_messages) => {
                self.interval.record_poll(!new_messages.is_empty());
                let tracker = &self.tracker;
                let new_messages =
                    new_messages.into_iter().map(|message| IncomingMessage::new(message, tracker.clone()));
                self.ready.extend(new_messages.map(|message| Item::Message { message, is_pushed: false }));
            }
            Err(error) => {
                self.interval.record_failure();
                self.ended = is_final(&error);
                #[cfg(feature = "push")]
                if self.ended
                    && let Some(push) = self.push.take()
                {
                    push.end();
                }
                self.ready.push_back(Item::Failure(error));
            }
        }
    }
}

#[cfg(feature = "push")]
impl Inbox {
    /// Whether messages are pushed at the moment. Otherwise the inbox polls: push was not asked for, or there is no data
    /// channel.
    ///
    /// ```
    /// # fn example(inbox: kandy::Inbox) {
    /// println!("{}", if inbox.is_pushed() { "live" } else { "polling" });
    /// # }
    /// ```
    pub fn is_pushed(&self) -> bool {
        self.wake.is_pushed()
    }

    /// Takes what is pushed; pending while there is nothing.
    fn poll_push(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(push) = &mut self.push else { return Poll::Pending };
        push.poll(context, &self.tracker).map(|pushed| match pushed {
            Pushed::Message(message) => {
                let message = IncomingMessage::new(*message, self.tracker.clone());
                self.ready.push_back(Item::Message { message, is_pushed: true });
            }
            Pushed::Woken => {}
        })
    }
}

/// Whether an error is permanent: another poll would fail, too.
fn is_final(error: &Error) -> bool {
    matches!(error, Error::Argument(_)) || error.is_unauthorized() || error.is_not_found()
}

impl Stream for Inbox {
    type Item = Result<IncomingMessage>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Poll::Ready(Some(match item {
                    Item::Message { message, is_pushed } => {
                        self.report(&message, is_pushed);
                        Ok(message)
                    }
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
            // Taken out above and stored again only while pending: a completed future must not be polled again.
            match cycle.as_mut().poll(context) {
                Poll::Ready(cycle) => self.end_cycle(cycle),
                Poll::Pending => self.cycle = Some(cycle),
            }
            // After the cycle, so that messages that are pushed without a pause do not keep it from running.
            #[cfg(feature = "push")]
            if self.cycle.is_some() && self.poll_push(context).is_ready() {
                continue;
            }
            if self.cycle.is_some() {
                return Poll::Pending;
            }
        }
    }
}

impl FusedStream for Inbox {
    /// Whether the stream has ended after a permanent error.
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
