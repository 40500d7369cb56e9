//! The state: domains, users, devices, groups, messages and tokens, with their ids and the clock.
//!
//! Each kind has a module with its own collection and indexes. [`State`] combines them where an operation touches more
//! than one, and [`SharedState`] locks it for all requests. Collections are trees: a hash table moves all its entries
//! when it grows, so that one request among a million would wait for that. The indexes of users, domains and devices are
//! many small tables for that reason.
//!
//! Depends on [`limits`](crate::limits) alone; nothing here knows of requests. Begin with [`State`].

mod channels;
pub(crate) mod clock;
mod content;
mod conversation;
mod device;
mod domain;
mod group;
mod group_events;
mod hash_index;
mod hunt_group;
pub(crate) mod id;
mod number;
mod numbered;
mod outbox;
mod packed_texts;
mod personal_contact;
mod session;
mod session_event;
mod shared;
mod snapshot;
mod summary;
mod token;
mod user;
mod verification;

use std::{collections::BTreeSet, mem, time::Duration};

use kandy_sys::Secret;

pub use channels::OpenChannel;
pub(crate) use channels::{ChannelEnd, ChannelHandle, Channels, ClientSoftware, FrameCounts, Push};
pub(crate) use content::{Content, Contents};
pub(crate) use conversation::{Conversation, Conversations, Entry};
pub(crate) use device::{Device, DeviceDetails, Devices, uuid_of};
pub(crate) use domain::{Domain, Domains, NewDomain};
pub(crate) use group::{Group, Groups, MAX_MEMBERS, Member};
pub(crate) use group_events::GroupEvents;
pub(crate) use hunt_group::{HuntGroup, HuntGroups, Role};
pub(crate) use id::CredentialText;
pub(crate) use number::{DomainNo, UserNo};
pub(crate) use outbox::Outbox;
pub use outbox::SentSms;
pub(crate) use personal_contact::PersonalContacts;
pub(crate) use session::{NewSession, Participant, Session, Sessions, Shown};
pub(crate) use session_event::SessionEvent;
pub(crate) use shared::SharedState;
pub use snapshot::SnapshotError;
pub(crate) use snapshot::{Loader, SnapshotWriter, Version};
pub use summary::Summary;
pub(crate) use token::{ListedToken, TokenOwner, TokenStatus, Tokens};
pub(crate) use user::{NewUser, Profile, User, Users};
pub use verification::VerificationCode;
pub(crate) use verification::{PhoneNumber, Verifications};

use crate::state::{
    clock::{Clock, millis},
    id::Id,
};

/// The account of the emulator.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) key: Secret,
    pub(crate) secret: Secret,
}

impl Account {
    pub(crate) const NUMBER: &'static str = "00000012";
    pub(crate) const EMAIL: &'static str = "owner@example.com";
}

/// Number of objects that a chunk of a purge removes: less than a millisecond with the state locked.
const PURGE_CHUNK: usize = 100;

/// Everything that exists.
pub(crate) struct State {
    pub(crate) account: Account,
    pub(crate) clock: Clock,
    token_ttl: u64,
    pub(crate) tokens: Tokens,
    pub(crate) domains: Domains,
    pub(crate) users: Users,
    pub(crate) devices: Devices,
    pub(crate) groups: Groups,
    pub(crate) group_events: GroupEvents,
    pub(crate) contents: Contents,
    pub(crate) sessions: Sessions,
    pub(crate) hunt_groups: HuntGroups,
    pub(crate) verifications: Verifications,
    pub(crate) conversations: Conversations,
    pub(crate) personal_contacts: PersonalContacts,
    pub(crate) outbox: Outbox,
    pub(crate) channels: Channels,
    /// Whether the sender of a chat message learns of its first deletion.
    pub(crate) sends_remote_acks: bool,
    /// Deleted users, whose devices and other objects are not removed yet.
    pending_purge: Vec<BTreeSet<UserNo>>,
    /// Counts the states that were replaced. Numbers of domains and users are those of one generation: a list that was
    /// begun before ends.
    pub(crate) generation: u64,
    /// The number of snapshots that were begun.
    snapshots: u64,
}

impl State {
    pub(crate) fn new(account: Account, token_ttl: Duration) -> Self {
        Self::with_ttl(account, millis(token_ttl))
    }

    fn with_ttl(account: Account, token_ttl: u64) -> Self {
        Self {
            account,
            clock: Clock::default(),
            token_ttl,
            tokens: Tokens::default(),
            domains: Domains::default(),
            users: Users::default(),
            devices: Devices::default(),
            groups: Groups::default(),
            group_events: GroupEvents::default(),
            contents: Contents::default(),
            sessions: Sessions::default(),
            hunt_groups: HuntGroups::default(),
            verifications: Verifications::default(),
            conversations: Conversations::default(),
            personal_contacts: PersonalContacts::default(),
            outbox: Outbox::default(),
            channels: Channels::default(),
            sends_remote_acks: true,
            pending_purge: Vec::new(),
            generation: 0,
            snapshots: 0,
        }
    }

    /// Replaces the state by an empty one with the same account and the system's clock, and returns the old one. The
    /// caller drops it after unlocking, because freeing many objects takes long.
    #[must_use]
    pub(crate) fn reset(&mut self) -> Self {
        let new = Self::with_ttl(self.account.clone(), self.token_ttl);
        // Numbers continue, so that what is bound to an old number finds nothing.
        let (domains, users) = (Domains::none_after(&self.domains), Users::none_after(&self.users));
        let new = Self { domains, users, ..new };
        self.replace(new)
    }

    /// Replaces the state by another one, and returns the old one, which the caller drops after unlocking. Channels are
    /// closed: their users may be others now.
    #[must_use]
    pub(crate) fn replace(&mut self, new: Self) -> Self {
        self.channels.end_all(ChannelEnd::DELETED);
        // A list that was begun before must not find new objects under old numbers
        // (`long_lists::list_has_nothing_created_after_a_reset`).
        let (generation, snapshots) = (self.generation + 1, self.snapshots);
        // A setting, and no part of a snapshot.
        let sends_remote_acks = self.sends_remote_acks;
        mem::replace(self, Self { generation, snapshots, sends_remote_acks, ..new })
    }

    /// Moves the clock forward.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.clock.advance(by);
        self.channels.recheck();
    }

    /// Revokes all access tokens.
    pub(crate) fn revoke_all_tokens(&mut self) {
        self.tokens.revoke_all();
        self.channels.recheck();
    }

    /// Revokes an access token.
    pub(crate) fn revoke_token(&mut self, token: &str) {
        self.tokens.revoke(token);
        self.channels.recheck();
    }

    /// Returns how many milliseconds a channel with a token may wait until it asks again: until the token expires, or
    /// the first session does, whose end is pushed.
    pub(crate) fn channel_deadline(&mut self, token: &str) -> Result<u64, ChannelEnd> {
        self.expire_sessions();
        let now = self.clock.now();
        let expires = match self.token_status(token) {
            TokenStatus::Live(_) => self.tokens.expires(token).unwrap_or(now),
            TokenStatus::Expired(_) | TokenStatus::Revoked(_) => return Err(ChannelEnd::TOKEN_ENDED),
            TokenStatus::Unknown => return Err(ChannelEnd::DELETED),
        };
        let first = self.sessions.next_expiry().map_or(expires, |session| session.min(expires));
        Ok(first.saturating_sub(now))
    }

    /// Describes the open channels.
    pub(crate) fn open_channels(&self) -> Vec<OpenChannel> {
        self.channels.describe(|user| self.users.get(user).map(|user| self.full_user_id(user)))
    }

    /// The lifetime of new tokens, in milliseconds.
    pub(crate) fn token_ttl(&self) -> u64 {
        self.token_ttl
    }

    /// Makes an access token.
    pub(crate) fn mint(&mut self, owner: TokenOwner) -> String {
        let now = self.clock.now();
        self.tokens.mint(owner, now, now.saturating_add(self.token_ttl))
    }

    /// The status of a text as an access token.
    ///
    /// Deleting a domain or a user leaves its tokens in place; this check makes them unknown, so that a deletion does
    /// not search a million tokens. They are forgotten by age like all others.
    pub(crate) fn token_status(&self, token: &str) -> TokenStatus {
        match self.tokens.token_status(token, self.clock.now()) {
            TokenStatus::Live(owner) | TokenStatus::Expired(owner) | TokenStatus::Revoked(owner)
                if !self.exists(owner) =>
            {
                TokenStatus::Unknown
            }
            status => status,
        }
    }

    pub(crate) fn exists(&self, owner: TokenOwner) -> bool {
        match owner {
            TokenOwner::Account => true,
            TokenOwner::Domain(domain) => self.domains.get(domain).is_some(),
            TokenOwner::User(user) => {
                self.users.domain_of(user).is_some_and(|domain| self.domains.get(domain).is_some())
            }
        }
    }

    /// Deletes a domain with everything in it. Its users cannot be found from then on; their objects are removed by
    /// [`purge_chunk`](Self::purge_chunk).
    pub(crate) fn delete_domain(&mut self, domain: DomainNo) {
        self.channels.recheck();
        self.sessions.remove_domain(domain);
        self.hunt_groups.forget_domain(domain);
        self.verifications.forget_domain(domain);
        if let Some(domain) = self.domains.remove(domain)
            && !domain.users.is_empty()
        {
            self.pending_purge.push(domain.users);
        }
    }

    /// Removes a bounded number of the objects of deleted users, and returns whether there are more. Removing all at
    /// once would block other requests.
    pub(crate) fn purge_chunk(&mut self) -> bool {
        for _ in 0..PURGE_CHUNK {
            let Some(users) = self.pending_purge.last_mut() else { break };
            match users.first().copied() {
                // Devices first, one for each step: a user with many of them spans several chunks.
                Some(user) if self.devices.remove_one_of(user) => {}
                Some(user) => {
                    users.remove(&user);
                    // A group has members of one domain only, so the whole group is removed.
                    self.groups.remove_all_of(user);
                    self.remove_user(user);
                }
                None => drop(self.pending_purge.pop()),
            }
        }
        !self.pending_purge.is_empty()
    }

    /// How many deletions have objects left to [purge](Self::purge_chunk).
    pub(crate) fn count_pending_purges(&self) -> usize {
        self.pending_purge.len()
    }

    /// Deletes a user, with devices, contacts, memberships and own sessions. A group without members is deleted
    /// too. Many devices are removed by [`purge_chunk`](Self::purge_chunk).
    pub(crate) fn delete_user(&mut self, user: UserNo) {
        self.leave_sessions(user);
        self.channels.recheck();
        self.groups.leave_all(user);
        // Nearly all users have fewer devices than a chunk, and are removed here without a purge.
        if (0..PURGE_CHUNK).all(|_| self.devices.remove_one_of(user)) {
            self.pending_purge.push(BTreeSet::from([user]));
        }
        if let Some(removed) = self.remove_user(user) {
            self.hunt_groups.forget_user(removed.domain, user);
            if let Some(domain) = self.domains.get_mut(removed.domain) {
                domain.users.remove(&user);
            }
        }
    }

    fn remove_user(&mut self, user: UserNo) -> Option<Box<User>> {
        self.contents.remove_all_of(user);
        self.conversations.forget(user);
        self.personal_contacts.forget(user);
        self.users.remove(user)
    }

    /// Creates a user with one device.
    pub(crate) fn create_user(&mut self, domain: DomainNo, new: NewUser) -> UserNo {
        let device = new.device.unwrap_or_else(Id::random);
        let user = self.users.create(domain, &new);
        if let Some(domain) = self.domains.get_mut(domain) {
            domain.users.insert(user);
        }
        self.create_device_with(device, user, None);
        user
    }

    /// Generates a user id for the next anonymous user of a domain.
    pub(crate) fn anonymous_user_id(&mut self, no: DomainNo) -> Option<Box<str>> {
        let domain = self.domains.get_mut(no)?;
        loop {
            let user_id = domain.anonymous_user_id()?;
            if self.users.by_name(no, &user_id).is_none() {
                return Some(user_id);
            }
        }
    }

    /// Creates a device, and returns its id. The first one of a user has no details.
    pub(crate) fn create_device(&mut self, user: UserNo, details: Option<DeviceDetails>) -> Id {
        let id = Id::random();
        self.create_device_with(id, user, details);
        id
    }

    /// Creates a device with an id that no other one has.
    pub(crate) fn create_device_with(&mut self, id: Id, user: UserNo, details: Option<DeviceDetails>) {
        self.devices.create(id, user, self.clock.now(), details);
    }

    /// The user with an API key.
    pub(crate) fn user_by_key(&self, key: &str) -> Option<UserNo> {
        self.users.by_key(key).filter(|user| self.exists(TokenOwner::User(*user)))
    }

    /// User id, `@` and the name of the domain.
    pub(crate) fn full_user_id(&self, user: &User) -> String {
        let domain_name = self.domains.get(user.domain).map_or("", |domain| &domain.name);
        format!("{}@{domain_name}", user.user_id())
    }

    /// The validation codes that were sent and not used up, oldest first.
    pub(crate) fn verification_codes(&self) -> Vec<VerificationCode> {
        self.verifications.all(|domain| self.domains.get(domain).map(|domain| &*domain.name))
    }

    /// The user with a full user id, which must have an `@`.
    pub(crate) fn user_by_full_id(&self, full_user_id: &str) -> Option<UserNo> {
        let (user_id, domain_name) = full_user_id.rsplit_once('@')?;
        self.users.by_name(self.domains.by_name(domain_name)?.0, user_id)
    }
}
