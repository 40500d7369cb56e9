//! The open channels, and the queues of what is pushed to them.
//!
//! Operations push while they hold the state, so that each channel receives everything in the order in which it
//! happened. Nothing here knows of sockets: the task of a channel empties its queue.
//!
//! Depends on `number` and `limits`. Begin with `Channels::push`.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use kandy_sys::types::PendingMessage;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot, watch};

use super::number::UserNo;
use crate::limits;

/// Something to push to a user.
#[derive(Clone, Debug)]
pub(crate) enum Push {
    /// A message that became pending. The task of the channel writes its JSON, so that the state is not locked for it.
    Message(Arc<PendingMessage>),
    /// The text of a frame.
    Frame(Arc<str>),
}

/// Why the emulator ends a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelEnd {
    /// With a close frame of this code.
    Closed(u16),
    /// The connection is reset.
    Reset,
}

impl ChannelEnd {
    /// The user or the domain was deleted, or everything was.
    pub(crate) const DELETED: Self = Self::Closed(1000);
    /// The token has expired or was revoked.
    pub(crate) const TOKEN_ENDED: Self = Self::Closed(4401);
    /// The client does not read what is pushed.
    pub(crate) const OVERLOADED: Self = Self::Closed(1013);
}

/// The software of a client, as it was named in the query of the upgrade.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientSoftware {
    pub(crate) sw_type: Option<String>,
    pub(crate) sw_version: Option<String>,
}

/// How many frames a channel has carried.
#[derive(Debug, Default)]
pub(crate) struct FrameCounts {
    pub(crate) received: AtomicU64,
    pub(crate) sent: AtomicU64,
}

/// A channel that a client holds open, from [`Emulator::channels`](crate::Emulator::channels).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenChannel {
    /// The full user id of its user.
    pub full_user_id: String,
    /// When it was opened, in milliseconds since 1970-01-01 UTC of the emulator's clock.
    pub since_ms: u64,
    /// The type of the client, if it was sent: `js`.
    pub client_sw_type: Option<String>,
    /// The version of the client, if it was sent.
    pub client_sw_version: Option<String>,
    /// Number of text and binary frames from the client.
    pub frames_received: u64,
    /// Number of text frames to the client.
    pub frames_sent: u64,
}

/// What the task of a channel holds.
#[derive(Debug)]
pub(crate) struct ChannelHandle {
    pub(crate) user: UserNo,
    pub(crate) queue: mpsc::Receiver<Push>,
    /// Receives the end, unless the client ends the channel.
    pub(crate) ended: oneshot::Receiver<ChannelEnd>,
    /// Changes when the token may have ended: after a revocation, a deletion, and a move of the clock.
    pub(crate) rechecks: watch::Receiver<()>,
    pub(crate) counts: Arc<FrameCounts>,
}

/// A channel as the state sees it.
struct Channel {
    since: u64,
    software: ClientSoftware,
    queue: mpsc::Sender<Push>,
    ended: oneshot::Sender<ChannelEnd>,
    counts: Arc<FrameCounts>,
}

impl Channel {
    /// By what both share, and not by a number, which could be given again after a reset.
    fn is(&self, handle: &ChannelHandle) -> bool {
        Arc::ptr_eq(&self.counts, &handle.counts)
    }

    fn end(self, end: ChannelEnd) {
        // An error means that its task has ended already.
        let _ = self.ended.send(end);
    }
}

/// The open channels of all users.
#[derive(Default)]
pub(crate) struct Channels {
    /// A user without a channel has no entry.
    by_user: BTreeMap<UserNo, Vec<Channel>>,
    rechecks: watch::Sender<()>,
}

impl Channels {
    /// Adds a channel of a user; none if the user has as many as allowed.
    pub(crate) fn open(&mut self, user: UserNo, software: ClientSoftware, since: u64) -> Option<ChannelHandle> {
        let channels = self.by_user.entry(user).or_default();
        if channels.len() >= limits::CHANNELS {
            return None;
        }
        let (queue, queued) = mpsc::channel(limits::CHANNEL_QUEUE);
        let (ended, end) = oneshot::channel();
        let counts = Arc::new(FrameCounts::default());
        channels.push(Channel { since, software, queue, ended, counts: Arc::clone(&counts) });
        Some(ChannelHandle { user, queue: queued, ended: end, rechecks: self.rechecks.subscribe(), counts })
    }

    /// Ends a channel.
    pub(crate) fn end(&mut self, handle: &ChannelHandle, end: ChannelEnd) {
        let Some(channels) = self.by_user.get_mut(&handle.user) else { return };
        if let Some(at) = channels.iter().position(|channel| channel.is(handle)) {
            channels.remove(at).end(end);
        }
        self.retain(handle.user, |_| true);
    }

    /// Removes a channel that has ended.
    pub(crate) fn remove(&mut self, handle: &ChannelHandle) {
        self.retain(handle.user, |channel| !channel.is(handle));
    }

    fn retain(&mut self, user: UserNo, keep: impl FnMut(&Channel) -> bool) {
        if let Some(channels) = self.by_user.get_mut(&user) {
            channels.retain(keep);
            if channels.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_user.is_empty()
    }

    /// Pushes to each channel of a user, and returns to how many. A channel with a full queue ends: its client does not
    /// read, and what waits for it must not grow.
    pub(crate) fn push(&mut self, user: UserNo, push: &Push) -> usize {
        let Some(channels) = self.by_user.get_mut(&user) else { return 0 };
        let has_room = |channel: &mut Channel| channel.queue.try_send(push.clone()).is_ok();
        let overloaded: Vec<_> = channels.extract_if(.., |channel| !has_room(channel)).collect();
        let pushed = channels.len();
        for channel in overloaded {
            channel.end(ChannelEnd::OVERLOADED);
        }
        if pushed == 0 {
            self.by_user.remove(&user);
        }
        pushed
    }

    /// Pushes a message that became pending.
    pub(crate) fn push_message(&mut self, user: UserNo, message: &Arc<PendingMessage>) {
        // Nothing is cloned or searched as long as no channel is open.
        if !self.is_empty() {
            self.push(user, &Push::Message(Arc::clone(message)));
        }
    }

    /// Lets the task of each channel check its token again, and the time that is left.
    pub(crate) fn recheck(&self) {
        if !self.is_empty() {
            self.rechecks.send_replace(());
        }
    }

    /// Ends all channels, and returns how many there were.
    pub(crate) fn end_all(&mut self, end: ChannelEnd) -> usize {
        let channels: Vec<_> = std::mem::take(&mut self.by_user).into_values().flatten().collect();
        let ended = channels.len();
        for channel in channels {
            channel.end(end);
        }
        ended
    }

    /// Describes the open channels, by user and in the order of opening.
    pub(crate) fn describe(&self, full_user_id: impl Fn(UserNo) -> Option<String>) -> Vec<OpenChannel> {
        let channels = self.by_user.iter().flat_map(|(user, channels)| channels.iter().map(|channel| (*user, channel)));
        let described = channels.filter_map(|(user, channel)| {
            Some(OpenChannel {
                full_user_id: full_user_id(user)?,
                since_ms: channel.since,
                client_sw_type: channel.software.sw_type.clone(),
                client_sw_version: channel.software.sw_version.clone(),
                frames_received: channel.counts.received.load(Ordering::Relaxed),
                frames_sent: channel.counts.sent.load(Ordering::Relaxed),
            })
        });
        described.collect()
    }
}
