//! [`MessageSource`]: the inbox that `kandy message watch` follows, and when it is empty.

use std::{future::poll_fn, pin::Pin, task::Poll};

use futures_util::{Stream, stream::FusedStream};
use kandy::{Inbox, IncomingMessage};

use super::watch_observer::WatchObserver;
use crate::{
    eprint::eprint,
    failure::{Failure, Result},
    interrupt::Interrupt,
};

/// The messages of a device, one after another.
pub(super) struct MessageSource {
    inbox: Inbox,
    observer: WatchObserver,
    /// Whether it ends when the inbox is empty.
    until_empty: bool,
    /// The number of finished polls when the inbox yielded its last item.
    polls_at_last_item: u64,
    /// The number of undeletable messages that were reported.
    undeletable: usize,
    /// The error that ended the inbox.
    last: Option<kandy::Error>,
}

impl MessageSource {
    /// Returns the source. The observer is that of the client.
    pub(super) fn new(inbox: Inbox, observer: WatchObserver, until_empty: bool) -> Self {
        Self { inbox, observer, until_empty, polls_at_last_item: 0, undeletable: 0, last: None }
    }

    /// Returns the next message; `None` when the inbox is empty, with `until_empty`. Prints errors that do not end the
    /// inbox. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Result<Option<IncomingMessage>> {
        loop {
            match self.next_item().await {
                Next::Message(message) => return Ok(Some(*message)),
                // Each undeletable message is reported once; the others are still deleted.
                Next::Failure(error) if self.inbox.undeletable().len() > self.undeletable => {
                    self.undeletable = self.inbox.undeletable().len();
                    eprint(format_args!("kandy: {error}"));
                }
                Next::Failure(error) if self.until_empty => return Err(error.into()),
                Next::Failure(error) if self.inbox.is_terminated() => self.last = Some(error),
                Next::Failure(error) => eprint(format_args!("kandy: {error}")),
                Next::Empty => return Ok(None),
                Next::End => return self.last.take().map_or(Ok(None), |error| Err(error.into())),
            }
        }
    }

    async fn next_item(&mut self) -> Next {
        let (until_empty, before) = (self.until_empty, self.polls_at_last_item);
        let (inbox, observer) = (&mut self.inbox, &self.observer);
        // The inbox never ends by itself: it is empty if it is pending after a complete poll that began after the last message.
        let next = poll_fn(|context| match Pin::new(&mut *inbox).poll_next(context) {
            Poll::Ready(Some(Ok(message))) => Poll::Ready(Next::Message(Box::new(message))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Next::Failure(error)),
            Poll::Ready(None) => Poll::Ready(Next::End),
            // The second poll begins only after all messages of the first were yielded.
            Poll::Pending if until_empty && observer.polls() >= before + 2 => Poll::Ready(Next::Empty),
            Poll::Pending => Poll::Pending,
        })
        .await;
        self.polls_at_last_item = self.observer.polls();
        next
    }

    /// Deletes the acknowledged messages and returns the result of the command, which is `ended` unless that fails. The
    /// second signal ends it at once.
    pub(super) async fn close(self, ended: Result, interrupt: &Interrupt) -> Result {
        let undeletable = self.inbox.undeletable().len();
        let closed = tokio::select! {
            closed = self.inbox.close() => closed.map_err(|error| match error {
                // The argument error concerns the id of one message, not the command line.
                kandy::Error::Argument(_) => Failure::Some(error.to_string()),
                error => error.into(),
            }),
            () = interrupt.signaled(2) => Err(Interrupt::failure()),
        };
        match (ended, closed) {
            (Ok(()), Ok(())) if undeletable > 0 => Err(Failure::Some(format!(
                "the service refused to delete {undeletable} of the processed messages; the next `watch` receives \
                 them again"
            ))),
            (Ok(()), closed) => closed,
            (Err(ended), Ok(())) => Err(ended),
            (Err(ended), Err(closed)) => {
                eprint(format_args!("kandy: not all processed messages could be deleted: {closed}"));
                Err(ended)
            }
        }
    }
}

/// The next event of an inbox.
enum Next {
    Message(Box<IncomingMessage>),
    Failure(kandy::Error),
    /// The inbox is empty for now.
    Empty,
    /// A permanent failure.
    End,
}
