//! [`PushSource`]: the data channel of an inbox. Depends on `channel`, `ack_tracker` and `wake`.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt as _, stream::BoxStream};
use tracing::Span;

use super::{ack_tracker::AckTracker, received::Receipt, wake::Wake};
use crate::{ChannelEvent, ChannelState, PendingMessage, Result, pipeline::trace};

/// The data channel of an inbox. The pending messages stay the truth: what is pushed saves the wait for the next poll.
pub(super) struct PushSource {
    channel: BoxStream<'static, Result<ChannelEvent>>,
    wake: Arc<Wake>,
    span: Span,
    /// Whether the channel has ended: it cannot be opened.
    is_ended: bool,
    /// The request for the poll that follows a connection.
    catching_up: u64,
}

/// What the channel has for the inbox.
pub(super) enum Pushed {
    /// A new message.
    Message(Box<PendingMessage>),
    /// The cycle was woken.
    Woken,
}

impl PushSource {
    pub(super) fn new(channel: impl Stream<Item = Result<ChannelEvent>> + Send + 'static, wake: Arc<Wake>) -> Self {
        Self { channel: channel.boxed(), wake, span: trace::inbox(), is_ended: false, catching_up: 0 }
    }

    /// Returns the span of the cycles of the inbox.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Returns what the channel has for the inbox; pending while it has nothing.
    pub(super) fn poll(&mut self, context: &mut Context<'_>, tracker: &AckTracker) -> Poll<Pushed> {
        // What came before the channel was opened is older than what is pushed, and comes first. Meanwhile pushes wait in
        // the channel.
        if self.is_ended || !self.wake.is_covered(self.catching_up) {
            return Poll::Pending;
        }
        loop {
            let event = match self.channel.poll_next_unpin(context) {
                Poll::Ready(event) => event,
                // The inbox is idle: what is acknowledged need not wait for the next poll.
                Poll::Pending if tracker.is_unflushed() && self.wake.ask_for_flush() => {
                    return Poll::Ready(Pushed::Woken);
                }
                Poll::Pending => return Poll::Pending,
            };
            match event {
                Some(Ok(ChannelEvent::Message(message))) => match tracker.receive_pushed(&message) {
                    Receipt::New => return Poll::Ready(Pushed::Message(message)),
                    Receipt::Polled => {}
                    Receipt::Repeated => {
                        self.wake.ask_for_poll();
                        return Poll::Ready(Pushed::Woken);
                    }
                },
                Some(Ok(ChannelEvent::MessagesAvailable)) => {
                    self.wake.ask_for_poll();
                    return Poll::Ready(Pushed::Woken);
                }
                Some(Ok(ChannelEvent::State(ChannelState::Connected))) => {
                    self.set_pushed(true);
                    // What came while there was no channel was not pushed.
                    self.catching_up = self.wake.ask_for_poll();
                    return Poll::Ready(Pushed::Woken);
                }
                // The first attempt follows at once: polling begins only when it fails.
                Some(Ok(ChannelEvent::State(ChannelState::Lost { retry_in, .. }))) if !retry_in.is_zero() => {
                    self.set_pushed(false);
                    return Poll::Ready(Pushed::Woken);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.is_ended = true;
                    self.set_pushed(false);
                    return Poll::Ready(Pushed::Woken);
                }
            }
        }
    }

    /// Ends the channel, because the inbox has ended.
    pub(super) fn end(self) {
        self.set_pushed(false);
    }

    fn set_pushed(&self, is_pushed: bool) {
        if self.wake.set_pushed(is_pushed) {
            trace::delivery(&self.span, is_pushed);
        }
    }
}
