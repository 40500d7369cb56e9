//! [`IncomingMessage`]: a message that the inbox yields, with [`ack`](IncomingMessage::ack). Depends on `ack_tracker`.

use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::ack_tracker::AckTracker;
use crate::{PendingMessage, Result};

/// A message of an [`Inbox`](crate::Inbox), which stays with the service until it is acknowledged.
///
/// It dereferences to the [`PendingMessage`], as a guard does to what it guards; [`message`](Self::message) returns it by
/// name.
pub struct IncomingMessage {
    message: PendingMessage,
    tracker: Arc<AckTracker>,
    acknowledged: AtomicBool,
}

impl IncomingMessage {
    pub(super) fn new(message: PendingMessage, tracker: Arc<AckTracker>) -> Self {
        Self { message, tracker, acknowledged: AtomicBool::new(false) }
    }

    /// Acknowledges the message, so that it may be deleted.
    ///
    /// Cheap: only every tenth call sends a request, which deletes ten messages; after the inbox is closed or dropped,
    /// each call does. A second call has no effect, nor has a call on a message without id.
    ///
    /// Operation `message_delete`.
    ///
    /// ```
    /// # async fn example(message: kandy::IncomingMessage) -> kandy::Result<()> {
    /// message.ack().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport), where a request was sent. The
    /// message is acknowledged nevertheless, and a later request deletes it: a second call is not needed. The inbox
    /// reports a message that the service refuses to delete; this method does after the inbox is closed or dropped.
    ///
    /// # Cancel safety
    ///
    /// The message counts as acknowledged once the future was polled, also if it is dropped afterwards.
    pub async fn ack(&self) -> Result<()> {
        let Some(id) = &self.message.id else {
            return Ok(());
        };
        // `swap`: of two concurrent calls only one counts. A message that counted twice would let another of the same
        // id be deleted before it is acknowledged.
        match !self.acknowledged.swap(true, Ordering::Relaxed) && self.tracker.acknowledge(id) {
            true => self.tracker.flush_and_report().await,
            false => Ok(()),
        }
    }

    /// Returns the message.
    ///
    /// ```
    /// # async fn example(message: kandy::IncomingMessage) -> kandy::Result<()> {
    /// println!("{}", serde_json::to_string(message.message()).unwrap_or_default());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn message(&self) -> &PendingMessage {
        &self.message
    }

    /// Returns the message without its acknowledgement.
    ///
    /// ```
    /// # async fn example(message: kandy::IncomingMessage) -> kandy::Result<()> {
    /// message.ack().await?;
    /// let message: kandy::PendingMessage = message.into_message();
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn into_message(self) -> PendingMessage {
        self.message
    }
}

impl AsRef<PendingMessage> for IncomingMessage {
    fn as_ref(&self) -> &PendingMessage {
        &self.message
    }
}

impl From<IncomingMessage> for PendingMessage {
    fn from(message: IncomingMessage) -> Self {
        message.message
    }
}

impl Deref for IncomingMessage {
    type Target = PendingMessage;

    fn deref(&self) -> &PendingMessage {
        &self.message
    }
}

impl fmt::Debug for IncomingMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingMessage")
            .field("message", &self.message)
            .field("acknowledged", &self.acknowledged)
            .finish_non_exhaustive()
    }
}
