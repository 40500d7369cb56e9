//! [`InboxBuilder`]: the settings of an inbox. Depends on nothing but the [`Inbox`] that it builds.

use std::{sync::Arc, time::Duration};

use super::Inbox;
use crate::{Clock, Device};

impl Device {
    /// Returns a builder for the inbox of the device: a stream of its messages and events, each deleted only after it
    /// is acknowledged. See [`Inbox`] for its guarantees.
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
    /// Building it sends nothing; the errors of the stream are those of [`Inbox::next`](crate::Inbox::next).
    pub fn messages(&self) -> InboxBuilder {
        InboxBuilder::new(self.clone(), self.client.inner.clock.clone())
    }
}

/// Builder for [`Inbox`], returned by [`Device::messages`].
///
/// ```
/// use std::time::Duration;
///
/// # fn example(phone: kandy::Device) {
/// let inbox = phone.messages().min_interval(Duration::from_millis(100)).max_interval(Duration::from_secs(5)).stream();
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until the stream is polled"]
pub struct InboxBuilder {
    pub(super) device: Device,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) min_interval: Duration,
    pub(super) max_interval: Duration,
    pub(super) is_pushed: bool,
    pub(super) push_interval: Duration,
}

impl InboxBuilder {
    pub(crate) fn new(device: Device, clock: Arc<dyn Clock>) -> Self {
        Self {
            device,
            clock,
            min_interval: Duration::from_millis(500),
            max_interval: Duration::from_secs(30),
            is_pushed: false,
            push_interval: Duration::from_secs(300),
        }
    }

    /// Sets the time between polls while new messages arrive; half a second by default. Less than a millisecond counts
    /// as one.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.min_interval = interval;
        self
    }

    /// Sets the longest time between polls while no message arrives; 30 seconds by default. Less than the minimum
    /// counts as the minimum.
    pub fn max_interval(mut self, interval: Duration) -> Self {
        self.max_interval = interval;
        self
    }

    /// Receives messages over the data channel of the user as soon as they are sent, instead of at the next poll.
    ///
    /// The guarantees stay: the pending messages are read when the channel is established, when it announces messages,
    /// and every [five minutes](Self::push_interval), so that a message that is not pushed is not lost. A message that
    /// arrives in both ways is yielded once. While there is no channel, the inbox polls as without push, and the channel
    /// is opened again in the background: see [`Channel`](crate::Channel). [`Inbox::is_pushed`] tells which it is, the
    /// method `channel_changed` of an [`Observer`](crate::Observer) is called at each change, and the span
    /// `kandy.inbox` has the field `kandy.inbox.delivery`.
    ///
    /// The stream then spawns a task, so it has to be polled on a tokio runtime.
    ///
    /// ```
    /// # async fn example(phone: kandy::Device) -> kandy::Result<()> {
    /// let mut inbox = phone.messages().push().stream();
    /// while let Some(message) = inbox.try_next().await? {
    ///     println!("{:?}", message.content);
    ///     message.ack().await?;
    ///     # break;
    /// }
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "push")]
    pub fn push(mut self) -> Self {
        self.is_pushed = true;
        self
    }

    /// Sets the time between polls while messages are pushed; five minutes by default.
    #[cfg(feature = "push")]
    pub fn push_interval(mut self, interval: Duration) -> Self {
        self.push_interval = interval;
        self
    }

    /// Returns the stream. This sends nothing, spawns nothing and needs no runtime.
    pub fn stream(self) -> Inbox {
        Inbox::new(self)
    }
}
