//! Counts and names of what exists, for tests.
//!
//! Depends on the parent module. Begin with `Summary`.

use serde::Serialize;

use super::State;

/// How many names of each kind a summary has.
const NAMES: usize = 1000;

/// Counts and names of all objects. It contains no credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The emulator's clock, in milliseconds since 1970-01-01 UTC.
    pub now_ms: u64,
    /// Number of domains.
    pub domains: usize,
    /// Number of users in all domains.
    pub users: usize,
    /// Number of devices.
    pub devices: usize,
    /// Number of groups.
    pub groups: usize,
    /// Number of open sessions.
    pub sessions: usize,
    /// Number of access tokens that are neither expired nor revoked, of owners that exist.
    pub live_tokens: usize,
    /// Number of pending messages, counted on each device.
    pub pending_messages: usize,
    /// Number of uploaded files.
    pub contents: usize,
    /// Number of SMS in the outbox.
    pub sms: usize,
    /// Names of the domains in the order of their creation, at most 1,000.
    pub domain_names: Vec<String>,
    /// Full user ids of the users in the order of their creation, domain by domain, at most 1,000.
    pub full_user_ids: Vec<String>,
    /// Names of the groups that have one, in alphabetical order, at most 1,000.
    pub group_names: Vec<String>,
}

impl State {
    pub(crate) fn summary(&self) -> Summary {
        let now = self.clock.now();
        let users = self.domains.iter().flat_map(|domain| domain.users_after(None)).filter_map(|no| self.users.get(no));
        let mut group_names: Vec<_> = self.groups.iter().filter_map(|group| group.name.clone()).collect();
        group_names.sort_unstable();
        group_names.truncate(NAMES);
        Summary {
            now_ms: now,
            domains: self.domains.iter().len(),
            users: self.users.len(),
            devices: self.devices.len(),
            groups: self.groups.iter().len(),
            sessions: self.sessions.count_open(now),
            live_tokens: self.tokens.count_live(now, |owner| self.exists(owner)),
            pending_messages: self.devices.count_pending(),
            contents: self.contents.len(),
            sms: self.outbox.len(),
            domain_names: self.domains.iter().map(|domain| domain.name.to_string()).take(NAMES).collect(),
            full_user_ids: users.map(|user| self.full_user_id(user)).take(NAMES).collect(),
            group_names,
        }
    }
}
