//! Walks each collection, from where the chunk before ended.
//!
//! The state is taken apart without `..`: a new field does not compile until it is in a snapshot, or named here with the
//! reason.
//!
//! Depends on `items`, `tracked` and the collections. Begin with `State::walk_snapshot`.

use std::ops::Bound;

use super::{
    items::Items,
    tracked::{Progress, SnapshotNo},
};
use crate::state::{DomainNo, HuntGroup, PhoneNumber, State, UserNo};

/// Number of collections, each a stage of the walk.
pub(super) const STAGES: usize = 12;

impl State {
    /// Writes objects of a collection from where the chunk before ended.
    pub(super) fn walk_snapshot(&mut self, no: SnapshotNo, stage: usize, items: &mut Items) -> Progress {
        let Self {
            // Settings of the program, which a snapshot does not change.
            account: _,
            token_ttl: _,
            // What the page shows of them is only what happened since the start.
            group_events: _,
            sends_remote_acks: _,
            // Connections, which end with the process or with the state.
            channels: _,
            // In the header.
            clock: _,
            // Empty when a snapshot is begun. What is purged meanwhile, the collections keep for the snapshot.
            pending_purge: _,
            generation: _,
            snapshots: _,
            tokens,
            domains,
            users,
            devices,
            groups,
            contents,
            sessions,
            hunt_groups,
            verifications,
            conversations,
            personal_contacts,
            outbox,
        } = self;
        match stage {
            0 => {
                let objects = |after| domains.by_no.range((after, Bound::Unbounded)).map(|(no, it)| (*no, it));
                domains.tracked.walk(no, items, objects, |no, domain, items| domain.write(*no, items))
            }
            1 => {
                let objects = |after| users.by_no.after(after);
                users.tracked.walk(no, items, objects, |no, user, items| user.write(*no, items))
            }
            2 => {
                let objects = |after| devices.by_user.range((after, Bound::Unbounded)).map(|(no, it)| (*no, it));
                devices.tracked.walk(no, items, objects, |_, device, items| device.write(items))
            }
            3 => {
                let objects = |after| groups.by_id.range((after, Bound::Unbounded)).map(|(id, it)| (*id, it));
                groups.tracked.walk(no, items, objects, |id, group, items| group.write(*id, items))
            }
            4 => {
                let objects = |after| contents.by_id.range((after, Bound::Unbounded)).map(|(key, it)| (*key, it));
                contents.tracked.walk(no, items, objects, |key, content, items| content.write(*key, items))
            }
            5 => {
                let objects = |after| sessions.by_no.range((after, Bound::Unbounded)).map(|(no, it)| (*no, it));
                sessions.tracked.walk(no, items, objects, |no, session, items| session.write(*no, items))
            }
            6 => {
                let objects = |after: Bound<(DomainNo, Box<str>)>| {
                    let (begin, after) = (first(&after), second(after));
                    hunt_groups.by_domain.range(begin..).flat_map(move |(domain, groups)| {
                        let after = if *domain == begin { after.clone() } else { Bound::Unbounded };
                        let groups = groups.by_name.range((after, Bound::Unbounded));
                        groups.map(|(name, group)| ((*domain, name.clone()), group))
                    })
                };
                let write = |(domain, name): &(_, Box<str>), group: &HuntGroup, items: &mut Items| {
                    group.write(*domain, name, items);
                };
                hunt_groups.tracked.walk(no, items, objects, write)
            }
            7 => {
                let objects = |after: Bound<(DomainNo, PhoneNumber)>| {
                    let (begin, after) = (first(&after), second(after));
                    verifications.by_domain.range(begin..).flat_map(move |(domain, codes)| {
                        let after = if *domain == begin { after.clone() } else { Bound::Unbounded };
                        let codes = codes.by_number.range((after, Bound::Unbounded));
                        codes.map(|(number, code)| ((*domain, number.clone()), *code))
                    })
                };
                verifications.tracked.walk(no, items, objects, |(domain, number), (no, code), items| {
                    code.write(*domain, number, no, items);
                })
            }
            8 => {
                let objects = |after: Bound<(UserNo, String)>| {
                    let (begin, after) = (first(&after), second(after));
                    conversations.by_user.range(begin..).flat_map(move |(user, of_user)| {
                        let after = if *user == begin { after.clone() } else { Bound::Unbounded };
                        let of_user = of_user.range((after, Bound::Unbounded));
                        of_user.map(|(id, conversation)| ((*user, id.clone()), conversation))
                    })
                };
                conversations.tracked.walk(no, items, objects, |(user, id), conversation, items| {
                    conversation.write(*user, id, items);
                })
            }
            9 => {
                let objects = |after: Bound<(UserNo, u64)>| {
                    let (begin, after) = (first(&after), second(after));
                    personal_contacts.by_user.range(begin..).flat_map(move |(user, book)| {
                        let after = if *user == begin { after } else { Bound::Unbounded };
                        book.by_age.range((after, Bound::Unbounded)).map(|(no, contact)| ((*user, *no), contact))
                    })
                };
                personal_contacts.tracked.walk(no, items, objects, |key, (id, contact), items| {
                    items.personal_contact(*key, *id, contact);
                })
            }
            10 => {
                let (by_id, revoked_before) = (&tokens.by_id, tokens.begun.get(&no));
                let objects = |after| tokens.by_age.range((after, Bound::Unbounded)).map(|(no, id)| (*no, *id));
                tokens.tracked.walk(no, items, objects, |_, id, items| {
                    if let Some(token) = by_id.get(&id) {
                        token.write(id, revoked_before, items);
                    }
                })
            }
            _ => {
                let first = outbox.first;
                let objects = |after: Bound<u64>| {
                    let skipped = match after {
                        Bound::Excluded(after) | Bound::Included(after) => (after + 1).saturating_sub(first),
                        Bound::Unbounded => 0,
                    };
                    (first + skipped..).zip(outbox.sms.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)))
                };
                outbox.tracked.walk(no, items, objects, |_, sms, items| sms.write(items))
            }
        }
    }
}

/// The first part of the key that a walk begins after.
fn first<A: Copy + Default, B>(after: &Bound<(A, B)>) -> A {
    match after {
        Bound::Excluded((first, _)) | Bound::Included((first, _)) => *first,
        Bound::Unbounded => A::default(),
    }
}

/// The second part of the key that a walk begins after.
fn second<A, B>(after: Bound<(A, B)>) -> Bound<B> {
    after.map(|(_, second)| second)
}
