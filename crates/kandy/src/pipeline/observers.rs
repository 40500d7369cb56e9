//! [`Observers`]: all observers of a client, as one. Depends on `observer`.

use std::sync::Arc;

#[cfg(feature = "push")]
use super::observer::ChannelState;
use super::observer::{AttemptEvent, CallEvent, MessageReceived, Observer};

/// The observers of a client, in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer) {
        self.0.push(Arc::new(observer));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Observer for Observers {
    fn call_finished(&self, call: &CallEvent<'_>) {
        self.0.iter().for_each(|observer| observer.call_finished(call));
    }

    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        self.0.iter().for_each(|observer| observer.attempt_finished(attempt));
    }

    fn message_received(&self, message: &MessageReceived) {
        self.0.iter().for_each(|observer| observer.message_received(message));
    }

    #[cfg(feature = "push")]
    fn channel_changed(&self, state: &ChannelState) {
        self.0.iter().for_each(|observer| observer.channel_changed(state));
    }
}

/// So that a program can keep the observer that it gives to a client, and give it to several.
impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn call_finished(&self, call: &CallEvent<'_>) {
        (**self).call_finished(call);
    }

    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        (**self).attempt_finished(attempt);
    }

    fn message_received(&self, message: &MessageReceived) {
        (**self).message_received(message);
    }

    #[cfg(feature = "push")]
    fn channel_changed(&self, state: &ChannelState) {
        (**self).channel_changed(state);
    }
}
