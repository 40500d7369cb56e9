//! The last events of groups, as the page of the emulator shows them. Their receivers have them as pending messages, which are gone
//! once they are deleted.
//!
//! They are no part of a snapshot: only what happened since the emulator was started is there.
//!
//! Depends on `number` and `id`. Begin with `GroupEvents`.

use std::{collections::VecDeque, sync::Arc};

use kandy_sys::types::PendingMessage;

use super::{id::Id, number::UserNo};

/// How many events are kept.
const EVENTS: usize = 1000;

/// An event of a group.
pub(crate) struct GroupEvent {
    group: Id,
    pub(crate) sent: u64,
    pub(crate) event: Arc<PendingMessage>,
    pub(crate) receivers: Vec<UserNo>,
}

/// The last events of all groups, oldest first.
#[derive(Default)]
pub(crate) struct GroupEvents(VecDeque<GroupEvent>);

impl GroupEvents {
    pub(crate) fn add(&mut self, group: Id, sent: u64, event: Arc<PendingMessage>, receivers: Vec<UserNo>) {
        if self.0.len() == EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(GroupEvent { group, sent, event, receivers });
    }

    pub(crate) fn of(&self, group: Id) -> impl Iterator<Item = &GroupEvent> {
        self.0.iter().filter(move |event| event.group == group)
    }
}
