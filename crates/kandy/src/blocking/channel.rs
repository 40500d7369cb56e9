//! [`Channel`] and [`SendSessionData`]: the data channel of a user. Depends on `polled`.

use std::{fmt, iter::FusedIterator, time::Duration};

use futures_util::{
    future::{Either, select},
    stream::FusedStream as _,
};
use serde::Serialize;

use super::{
    polled::Polled,
    runtime::{Runtime, ended},
};
use crate::{ChannelEvent, ChannelFrame, FullUserId, Result, SessionId};

/// The data channel of a user: an iterator over the events that the service pushes, the blocking form of
/// [`kandy::Channel`](crate::Channel).
///
/// [`next`](Iterator::next) waits as long as nothing arrives, and [`next_within`](Self::next_within) for a time. The
/// channel stays open in between.
///
/// ```no_run
/// # fn example(russ: kandy::blocking::User) -> kandy::Result<()> {
/// use std::time::Duration;
///
/// let mut channel = russ.channel();
/// while let Some(event) = channel.next_within(Duration::from_secs(60))? {
///     println!("{event:?}");
/// }
/// channel.close();
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until the first event is taken"]
pub struct Channel {
    channel: Polled<crate::Channel>,
}

impl Channel {
    pub(super) fn of(channel: crate::Channel, runtime: Runtime) -> Self {
        Self { channel: Polled::new(channel, runtime) }
    }

    /// Sets the type and the version of the client software: see
    /// [`kandy::Channel::client_software`](crate::Channel::client_software).
    pub fn client_software(self, sw_type: impl Into<String>, sw_version: impl Into<String>) -> Self {
        Self { channel: self.channel.map(|channel| channel.client_software(sw_type, sw_version)) }
    }

    /// Waits for the next event for this long. `None` if nothing arrived, or after an error:
    /// [`is_ended`](Self::is_ended) tells.
    ///
    /// # Errors
    ///
    /// Those of [`kandy::Channel::next`](crate::Channel::next).
    pub fn next_within(&mut self, timeout: Duration) -> Result<Option<ChannelEvent>> {
        let clock = self.channel.runtime().clock().clone();
        let next = self.channel.with(move |channel| {
            Box::pin(async move {
                match select(Box::pin(channel.next()), clock.sleep(timeout)).await {
                    Either::Left((next, _)) => next.transpose(),
                    Either::Right(_) => Ok(None),
                }
            })
        });
        next.map_or(Ok(None), Result::flatten)
    }

    /// Whether the channel has ended after an error.
    pub fn is_ended(&self) -> bool {
        self.channel.stream().is_none_or(crate::Channel::is_terminated)
    }

    /// Waits for the next text frame as it was received, or a change of the state: see
    /// [`kandy::Channel::next_frame`](crate::Channel::next_frame).
    ///
    /// # Errors
    ///
    /// Those of [`kandy::Channel::next`](crate::Channel::next).
    pub fn next_frame(&mut self) -> Option<Result<ChannelFrame>> {
        self.channel.with(|channel| Box::pin(channel.next_frame()))?.transpose().map(Result::flatten)
    }

    /// Sends data to the participants of a session: any value that can be written as JSON. It waits until the channel
    /// is connected, and is never sent twice.
    ///
    /// ```no_run
    /// # fn example(channel: kandy::blocking::Channel) -> kandy::Result<()> {
    /// channel.send_session_data("0af3", ("cursor", 20, 30)).to("anna@example.com").confirmed().send()?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`kandy::Channel::send_session_data`](crate::Channel::send_session_data).
    pub fn send_session_data(&self, session_id: impl Into<SessionId>, payload: impl Serialize) -> SendSessionData {
        let inner = self.channel.stream().map(|channel| channel.send_session_data(session_id, payload));
        SendSessionData { inner, runtime: self.channel.runtime().clone() }
    }

    /// Closes the channel: tells the service, and waits until it confirms, for a second at most. A channel that is
    /// dropped ends at once, and the last data that was sent without confirmation may be lost.
    pub fn close(self) {
        // Closing does not fail; a thread that has ended has closed the channel, too.
        let _ = self.channel.consume(async |channel| {
            channel.close().await;
            Ok(())
        });
    }
}

impl Iterator for Channel {
    type Item = Result<ChannelEvent>;

    fn next(&mut self) -> Option<Result<ChannelEvent>> {
        self.channel.with(|channel| Box::pin(channel.next()))?.transpose().map(Result::flatten)
    }
}

impl FusedIterator for Channel {}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("channel", &self.channel.stream()).finish()
    }
}

/// Builder for [`Channel::send_session_data`].
#[must_use = "nothing is sent until `send` is called"]
pub struct SendSessionData {
    /// `None` if the channel is gone.
    inner: Option<crate::SendSessionData>,
    runtime: Runtime,
}

impl SendSessionData {
    /// Sends it to this participant only; to all others without it.
    pub fn to(self, full_user_id: impl Into<FullUserId>) -> Self {
        Self { inner: self.inner.map(|inner| inner.to(full_user_id)), ..self }
    }

    /// Waits until the service confirms it: see
    /// [`kandy::SendSessionData::confirmed`](crate::SendSessionData::confirmed).
    pub fn confirmed(self) -> Self {
        Self { inner: self.inner.map(crate::SendSessionData::confirmed), ..self }
    }

    /// Sets the timeout: of the wait for the channel, of the sending, and of the confirmation together.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { inner: self.inner.map(|inner| inner.timeout(timeout)), ..self }
    }

    /// Checks the arguments and returns the text of the frame that would be sent, without sending anything.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an argument cannot be used.
    pub fn preview(&self) -> Result<String> {
        match &self.inner {
            Some(inner) => inner.preview(),
            None => Err(ended()),
        }
    }

    /// Sends the data.
    ///
    /// # Errors
    ///
    /// Those of [`Channel::send_session_data`].
    pub fn send(self) -> Result<()> {
        match self.inner {
            Some(inner) => self.runtime.run(inner.into_future()),
            None => Err(ended()),
        }
    }
}

impl fmt::Debug for SendSessionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSessionData").field("inner", &self.inner).finish_non_exhaustive()
    }
}
