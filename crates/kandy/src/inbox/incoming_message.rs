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
/// It can be read as the [`PendingMessage`] that it is.
pub struct IncomingMessage {
    message: PendingMessage,
    tracker: Arc<AckTracker>,
    acknowledged: AtomicBool,
}

impl IncomingMessage {
    pub(super) fn new(message: PendingMessage, tracker: Arc<AckTracker>) -> Self {
        Self { message, tracker, acknowledged: AtomicBool::new(false) }
    }

    /// Says that the message has been dealt with, so that it may be deleted.
    ///
    /// It is cheap: each tenth sends a request, which deletes those ten; when the inbox is gone each does.
    /// Doing it twice is the same as once. On a message without id it does nothing.
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
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport), where a request was made. The
    /// message counts as acknowledged all the same, and is deleted with a later request: there is no need to
    /// do it again. A message that the service refuses to delete is reported by the inbox, or here when the inbox is gone.
    pub async fn ack(&self) -> Result<()> {
        let Some(id) = &self.message.id else {
            return Ok(());
        };
        match !self.acknowledged.swap(true, Ordering::Relaxed) && self.tracker.acknowledge(id) {
            true => self.tracker.flush_and_report().await,
            false => Ok(()),
        }
    }

    /// The message alone, which can then no longer be acknowledged.
    ///
    /// ```
    /// # async fn example(message: kandy::IncomingMessage) -> kandy::Result<()> {
    /// message.ack().await?;
    /// let message: kandy::PendingMessage = message.into_message();
    /// # Ok(()) }
    /// ```
    pub fn into_message(self) -> PendingMessage {
        self.message
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
