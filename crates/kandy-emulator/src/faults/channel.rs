//! Faults of data channels: what happens to an upgrade or to a push.
//!
//! A channel fault matches no operation. Its requests are the events of the channels: upgrades for
//! `close_after_upgrade`, and for the other kinds the pushes, each counted once for each channel that it goes to.
//!
//! Depends on the types of the parent module. Begin with `ChannelEvent`.

use std::time::Duration;

use super::{InjectedFault, Kind};

/// What a channel fault matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChannelEvent {
    /// The emulator accepts a channel.
    Upgrade,
    /// A message, an event of a session, session data or an incoming call is pushed to a channel.
    Push,
}

/// What a fault does with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushFault {
    Drop,
    Stall,
    HalfOpen,
    Duplicate,
    Lost,
    Late(Duration),
}

impl InjectedFault {
    /// Closes a data channel with 4401 as soon as it is open, in place of refusing the upgrade.
    ///
    /// Matches the channels that are opened: `nth(2)` is the second of them.
    ///
    /// ```
    /// use kandy_emulator::InjectedFault;
    ///
    /// let fault = InjectedFault::close_after_upgrade().times(2);
    /// assert_eq!(fault.to_string(), "close_after_upgrade, on upgrades of channels, at most 2 times");
    /// ```
    pub fn close_after_upgrade() -> Self {
        Self::new(Kind::CloseAfterUpgrade)
    }

    /// Resets the connection of a data channel in place of a push.
    ///
    /// Matches pushes: messages, events and data of sessions, and incoming calls. One that goes to several channels is
    /// counted for each, also with the other faults of pushes.
    ///
    /// ```
    /// use kandy_emulator::InjectedFault;
    ///
    /// let fault = InjectedFault::drop_channel().nth(3);
    /// assert_eq!(fault.to_string(), "drop_channel, on pushes to channels, request 3 only");
    /// ```
    pub fn drop_channel() -> Self {
        Self::new(Kind::DropChannel)
    }

    /// Keeps a push and all further frames of its data channel back. Pings are answered.
    pub fn stall_channel() -> Self {
        Self::new(Kind::StallChannel)
    }

    /// Keeps a push and all further frames of its data channel back, and ignores what the client sends: Pings, too,
    /// have no Pong.
    pub fn half_open_channel() -> Self {
        Self::new(Kind::HalfOpenChannel)
    }

    /// Pushes twice.
    pub fn duplicate_push() -> Self {
        Self::new(Kind::DuplicatePush)
    }

    /// Leaves a push out. A message stays pending.
    pub fn lost_push() -> Self {
        Self::new(Kind::LostPush)
    }

    /// Delays a push. Those after it are not delayed, and overtake it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use kandy_emulator::InjectedFault;
    ///
    /// let fault = InjectedFault::late_push(Duration::from_millis(300));
    /// assert_eq!(fault.to_string(), "late_push, delayed by 300ms, on pushes to channels");
    /// ```
    pub fn late_push(delay: Duration) -> Self {
        Self { latency: delay, ..Self::new(Kind::LatePush) }
    }

    /// The events that a channel fault matches; none for a fault of requests.
    pub(crate) fn channel_event(&self) -> Option<ChannelEvent> {
        match self.kind {
            Kind::CloseAfterUpgrade => Some(ChannelEvent::Upgrade),
            _ => self.push_fault().map(|_| ChannelEvent::Push),
        }
    }

    /// Names the events that a channel fault matches.
    pub(super) fn channel_events(&self) -> Option<&'static str> {
        self.channel_event().map(|event| match event {
            ChannelEvent::Upgrade => "upgrades of channels",
            ChannelEvent::Push => "pushes to channels",
        })
    }

    pub(crate) fn push_fault(&self) -> Option<PushFault> {
        Some(match self.kind {
            Kind::DropChannel => PushFault::Drop,
            Kind::StallChannel => PushFault::Stall,
            Kind::HalfOpenChannel => PushFault::HalfOpen,
            Kind::DuplicatePush => PushFault::Duplicate,
            Kind::LostPush => PushFault::Lost,
            Kind::LatePush => PushFault::Late(self.latency),
            _ => return None,
        })
    }
}
