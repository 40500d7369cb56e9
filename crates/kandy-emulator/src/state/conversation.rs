//! Conversations: the messages that a user sent and received, by the other user or the group.
//!
//! Depends on `number` and `snapshot::tracked`. Begin with `Conversations`.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};

use kandy_sys::types::PendingMessage;

use super::{
    number::UserNo,
    snapshot::{Items, Tracked},
};

/// How many messages of a conversation are kept.
const MESSAGES: usize = 1000;
/// How many conversations of a user are kept.
const CONVERSATIONS: usize = 1000;

/// A message in a conversation.
pub(crate) struct Entry {
    /// Numbers the messages of the conversation, from 1.
    pub(crate) number: u64,
    pub(crate) sent: u64,
    pub(crate) message: Arc<PendingMessage>,
}

/// The messages between a user and another user or a group, as the user sees them.
#[derive(Default)]
pub(crate) struct Conversation {
    /// The number of the last message that there was.
    pub(crate) last: u64,
    /// When that was sent.
    pub(crate) last_sent: u64,
    /// Orders the conversations of a user by their last use.
    pub(super) used: u64,
    /// Oldest first.
    pub(super) entries: VecDeque<Entry>,
}

impl Conversation {
    /// Oldest first.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Deletes the messages with one of the ids, with or without hyphens and in any case.
    pub(crate) fn delete(&mut self, uuids: &[String]) {
        let uuids: HashSet<_> = uuids.iter().map(|uuid| super::device::plain(uuid)).collect();
        self.entries.retain(|entry| {
            let uuid = super::device::plain(entry.message.uuid.as_deref().unwrap_or_default());
            !uuids.contains(&uuid)
        });
    }

    fn add(&mut self, message: Arc<PendingMessage>, sent: u64) {
        self.last += 1;
        self.last_sent = sent;
        if self.entries.len() == MESSAGES {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { number: self.last, sent, message });
    }
}

/// The conversations of all users, each by its id.
#[derive(Default)]
pub(crate) struct Conversations {
    pub(super) uses: u64,
    pub(super) by_user: BTreeMap<UserNo, BTreeMap<String, Conversation>>,
    pub(super) tracked: Tracked<(UserNo, String)>,
}

impl Conversations {
    /// Adds a message to a conversation of a user, which is created if it does not exist. When there are too many, the
    /// least recently used one is deleted.
    pub(crate) fn add(&mut self, user: UserNo, id: &str, message: Arc<PendingMessage>, sent: u64) {
        self.uses += 1;
        let conversations = self.by_user.entry(user).or_default();
        if conversations.len() >= CONVERSATIONS
            && !conversations.contains_key(id)
            // A scan of at most 1,000 conversations, and only for a new one beyond the limit: cheaper than an index by
            // use.
            && let Some(oldest) = conversations.iter().min_by_key(|(_, it)| it.used).map(|(id, _)| id.clone())
        {
            let write = |removed: &Conversation| {
                let write = |_, items: &mut Items| removed.write(user, &oldest, items);
                self.tracked.before_change(|| (user, oldest.clone()), write);
            };
            conversations.remove(&oldest).as_ref().map(write);
        }
        let conversation = match conversations.get_mut(id) {
            Some(conversation) => {
                let write = |_, items: &mut Items| conversation.write(user, id, items);
                self.tracked.before_change(|| (user, id.to_owned()), write);
                conversation
            }
            None => {
                self.tracked.created(|| (user, id.to_owned()));
                conversations.entry(id.to_owned()).or_default()
            }
        };
        conversation.used = self.uses;
        conversation.add(message, sent);
    }

    pub(crate) fn get(&self, user: UserNo, id: &str) -> Option<&Conversation> {
        self.by_user.get(&user)?.get(id)
    }

    pub(crate) fn get_mut(&mut self, user: UserNo, id: &str) -> Option<&mut Conversation> {
        let conversation = self.by_user.get_mut(&user)?.get_mut(id)?;
        let write = |_, items: &mut Items| conversation.write(user, id, items);
        self.tracked.before_change(|| (user, id.to_owned()), write);
        Some(conversation)
    }

    /// The conversations of a user, the one that was used last first.
    pub(crate) fn of(&self, user: UserNo) -> Vec<(&str, &Conversation)> {
        let conversations = self.by_user.get(&user).into_iter().flatten();
        let mut conversations: Vec<_> = conversations.map(|(id, it)| (id.as_str(), it)).collect();
        conversations.sort_unstable_by_key(|(_, it)| std::cmp::Reverse(it.used));
        conversations
    }

    pub(crate) fn delete(&mut self, user: UserNo, id: &str) {
        if let Some(conversations) = self.by_user.get_mut(&user) {
            if let Some(removed) = conversations.remove(id) {
                let write = |_, items: &mut Items| removed.write(user, id, items);
                self.tracked.before_change(|| (user, id.to_owned()), write);
            }
            if conversations.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }

    /// Deletes all conversations of a user.
    pub(super) fn forget(&mut self, user: UserNo) {
        for (id, removed) in self.by_user.remove(&user).unwrap_or_default() {
            let write = |_, items: &mut Items| removed.write(user, &id, items);
            self.tracked.before_change(|| (user, id.clone()), write);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Account, NewDomain, NewUser, State};

    fn message(uuid: &str) -> Arc<PendingMessage> {
        let message = serde_json::json!({"UUID": uuid});
        Arc::new(serde_json::from_value(message).expect("a message"))
    }

    /// Two users of a domain.
    fn users() -> (State, [UserNo; 2]) {
        let account = Account { key: "AAK".into(), secret: "AAS".into() };
        let mut state = State::new(account, std::time::Duration::from_secs(60));
        let key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&key).expect("there").0;
        let users = ["russ", "anna"]
            .map(|user_id| state.create_user(domain, NewUser { user_id: user_id.into(), ..NewUser::default() }));
        (state, users)
    }

    #[test]
    fn deleted_users_leave_nothing() {
        let (mut state, [russ, anna]) = users();
        for user in [russ, anna] {
            state.conversations.add(user, "bert@example.com", message("1"), 0);
        }
        state.delete_user(russ);
        assert!(state.conversations.of(russ).is_empty());
        assert_eq!(state.conversations.of(anna).len(), 1);
        let domain = state.users.get(anna).expect("there").domain;
        state.delete_domain(domain);
        while state.purge_chunk() {}
        assert!(state.conversations.by_user.is_empty());
    }

    #[test]
    fn oldest_entries_are_dropped() {
        let (mut conversations, (_, [user, _])) = (Conversations::default(), users());
        for number in 0..=MESSAGES {
            conversations.add(user, "anna@example.com", message(&number.to_string()), 0);
        }
        let anna = conversations.get(user, "anna@example.com").expect("there");
        let numbers: Vec<_> = anna.entries().map(|entry| entry.number).collect();
        assert_eq!((numbers.len(), numbers[0], anna.last), (MESSAGES, 2, 1001));
        for number in 0..CONVERSATIONS {
            conversations.add(user, &format!("{number}@example.com"), message("1"), 0);
        }
        assert!(conversations.get(user, "anna@example.com").is_none());
        let all = conversations.of(user);
        assert_eq!((all.len(), all[0].0), (CONVERSATIONS, "999@example.com"));
    }

    #[test]
    fn deletes_messages_in_either_spelling() {
        let (mut conversations, (_, [user, _])) = (Conversations::default(), users());
        for uuid in ["ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0", "1", "1"] {
            conversations.add(user, "anna@example.com", message(uuid), 0);
        }
        let anna = conversations.get_mut(user, "anna@example.com").expect("there");
        anna.delete(&["abc2fa752c3c4edf97de8b0a12f622f0".to_owned(), "2".to_owned()]);
        assert_eq!(anna.entries().map(|entry| entry.number).collect::<Vec<_>>(), [2, 3]);
        conversations.delete(user, "anna@example.com");
        conversations.delete(user, "anna@example.com");
        assert!(conversations.of(user).is_empty());
    }
}
