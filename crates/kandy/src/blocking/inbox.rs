//! [`Inbox`] and [`IncomingMessage`]: the messages of a device, each deleted after it is acknowledged. Depends on
//! `polled`.

use std::{fmt, iter::FusedIterator, ops::Deref, sync::Arc, time::Duration};

use futures_util::{
    future::{Either, select},
    stream::FusedStream as _,
};

use super::{polled::Polled, runtime::Runtime};
use crate::{MessageId, PendingMessage, Result};

/// An iterator over the messages and events of a device: the blocking form of [`kandy::Inbox`](crate::Inbox), with the
/// same guarantees.
///
/// It has no end but a permanent error: [`next`](Iterator::next) waits as long as no message arrives, and
/// [`next_within`](Self::next_within) for a time, after which the program can do something else or stop. It polls the
/// service only meanwhile.
///
/// ```no_run
/// # fn example(phone: kandy::blocking::Device) -> kandy::Result<()> {
/// use std::time::Duration;
///
/// let mut inbox = phone.messages().iter();
/// while let Some(message) = inbox.next_within(Duration::from_secs(60))? {
///     println!("{:?}: {:?}", message.sender, message.content);
///     message.ack()?;
/// }
/// inbox.close()?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// An item may be an error, after which the iterator goes on, unless another attempt would fail, too.
#[must_use = "nothing is sent until the first message is taken"]
pub struct Inbox {
    inbox: Polled<crate::Inbox>,
}

impl Inbox {
    pub(super) fn of(inbox: crate::Inbox, runtime: Runtime) -> Self {
        Self { inbox: Polled::new(inbox, runtime) }
    }

    /// Waits for the next message for this long. `None` if none arrived, or after a permanent error:
    /// [`is_ended`](Self::is_ended) tells.
    ///
    /// ```no_run
    /// # fn example(mut inbox: kandy::blocking::Inbox) -> kandy::Result<()> {
    /// match inbox.next_within(std::time::Duration::from_secs(5))? {
    ///     Some(message) => message.ack()?,
    ///     None => println!("nothing new"),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the items.
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<IncomingMessage>> {
        let clock = self.inbox.runtime().clock().clone();
        let next = self.inbox.with(move |inbox| {
            Box::pin(async move {
                match select(Box::pin(inbox.next()), clock.sleep(timeout)).await {
                    Either::Left((next, _)) => next,
                    Either::Right(_) => None,
                }
            })
        });
        self.wrap(next).transpose()
    }

    /// Whether the inbox has ended after a permanent error.
    pub fn is_ended(&self) -> bool {
        self.inbox.stream().is_none_or(crate::Inbox::is_terminated)
    }

    /// Deletes the acknowledged messages now.
    ///
    /// ```no_run
    /// # fn example(mut inbox: kandy::blocking::Inbox) -> kandy::Result<()> {
    /// inbox.flush()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`kandy::Inbox::flush`](crate::Inbox::flush).
    pub fn flush(&mut self) -> Result<()> {
        self.inbox.with(|inbox| Box::pin(inbox.flush())).map_or(Ok(()), Result::flatten)
    }

    /// Returns the ids of the messages that the service refuses to delete: see
    /// [`kandy::Inbox::undeletable`](crate::Inbox::undeletable).
    pub fn undeletable(&self) -> &[MessageId] {
        self.inbox.stream().map_or(&[], crate::Inbox::undeletable)
    }

    /// Deletes the acknowledged messages, and closes the inbox. Without it the next inbox yields the last acknowledged
    /// messages again; it yields those that are not acknowledged in any case.
    ///
    /// # Errors
    ///
    /// Those of [`kandy::Inbox::close`](crate::Inbox::close).
    pub fn close(self) -> Result<()> {
        self.inbox.consume(crate::Inbox::close).unwrap_or(Ok(()))
    }

    /// Whether messages are pushed at the moment: see [`kandy::Inbox::is_pushed`](crate::Inbox::is_pushed).
    #[cfg(feature = "push")]
    pub fn is_pushed(&self) -> bool {
        self.inbox.stream().is_some_and(crate::Inbox::is_pushed)
    }

    fn wrap(&self, next: Option<Result<Option<Result<crate::IncomingMessage>>>>) -> Option<Result<IncomingMessage>> {
        let runtime = self.inbox.runtime();
        let next = next?.transpose()?.flatten();
        Some(next.map(|message| IncomingMessage { message: Arc::new(message), runtime: runtime.clone() }))
    }
}

impl Iterator for Inbox {
    type Item = Result<IncomingMessage>;

    fn next(&mut self) -> Option<Result<IncomingMessage>> {
        let next = self.inbox.with(|inbox| Box::pin(inbox.next()));
        self.wrap(next)
    }
}

impl FusedIterator for Inbox {}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("inbox", &self.inbox.stream()).finish()
    }
}

/// A message of an [`Inbox`], which stays with the service until it is acknowledged.
///
/// It dereferences to the [`PendingMessage`].
pub struct IncomingMessage {
    /// Shared with the thread while it acknowledges the message.
    message: Arc<crate::IncomingMessage>,
    runtime: Runtime,
}

impl IncomingMessage {
    /// Acknowledges the message, so that it may be deleted: see
    /// [`kandy::IncomingMessage::ack`](crate::IncomingMessage::ack).
    ///
    /// ```no_run
    /// # fn example(message: kandy::blocking::IncomingMessage) -> kandy::Result<()> {
    /// message.ack()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport), where a request was sent.
    pub fn ack(&self) -> Result<()> {
        let message = self.message.clone();
        self.runtime.run(async move { message.ack().await })
    }

    /// Returns the message.
    #[must_use]
    pub fn message(&self) -> &PendingMessage {
        self.message.message()
    }

    /// Returns the message without its acknowledgement.
    #[must_use]
    pub fn into_message(self) -> PendingMessage {
        match Arc::try_unwrap(self.message) {
            Ok(message) => message.into_message(),
            // The thread may hold it for a moment longer.
            Err(shared) => PendingMessage::clone(&shared),
        }
    }
}

impl AsRef<PendingMessage> for IncomingMessage {
    fn as_ref(&self) -> &PendingMessage {
        self.message()
    }
}

impl From<IncomingMessage> for PendingMessage {
    fn from(message: IncomingMessage) -> Self {
        message.into_message()
    }
}

impl Deref for IncomingMessage {
    type Target = PendingMessage;

    fn deref(&self) -> &PendingMessage {
        self.message()
    }
}

impl fmt::Debug for IncomingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}
