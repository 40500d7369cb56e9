//! Keeps the former form of objects that change while a snapshot is written.
//!
//! A snapshot shows the state of one moment, and is written in chunks with the lock released in between. Each collection
//! is walked in the order of its keys. Before an object that is not walked yet changes or is deleted, its collection
//! writes it into [`Items`] of its own, which the walk puts first; objects that are created in the meantime are skipped.
//!
//! Depends on `items`. Begin with [`Tracked`].

use std::{collections::BTreeSet, ops::Bound};

use super::items::Items;

/// The most bytes that are kept for a snapshot in one collection. A snapshot that needs more, because its reader is too
/// slow, is given up.
const MOST_HELD: usize = 256 * 1024 * 1024;
/// The size of a chunk in bytes, and the most objects that are visited for one: less than a millisecond with the state
/// locked.
const CHUNK: usize = 64 * 1024;
const MOST_VISITED: usize = 1000;

/// Identifies a snapshot that is being written.
pub(crate) type SnapshotNo = u64;

/// The number of changes of a collection, and the snapshots that are being written of it.
pub(crate) struct Tracked<K> {
    changes: u64,
    /// Mostly empty, so that a change costs a comparison.
    snapshots: Vec<Walk<K>>,
}

// Not derived: that would require `K: Default`.
impl<K> Default for Tracked<K> {
    fn default() -> Self {
        Self { changes: 0, snapshots: Vec::new() }
    }
}

/// How far a snapshot is.
struct Walk<K> {
    no: SnapshotNo,
    /// All objects up to this key are written.
    walked: Option<K>,
    /// Keys after `walked` that the walk skips: written already, or created after the snapshot was begun.
    skipped: BTreeSet<K>,
    /// Objects before their change.
    held: Items,
    is_lost: bool,
}

/// Whether a collection has more to write after a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    More,
    Done,
    /// The snapshot is given up.
    Lost,
}

/// What the collections have in common, whatever their keys are.
pub(crate) trait Tracking {
    /// The number of changes since the collection was created.
    fn changes(&self) -> u64;

    fn begin(&mut self, no: SnapshotNo);

    fn end(&mut self, no: SnapshotNo);
}

impl<K: Ord> Tracking for Tracked<K> {
    fn changes(&self) -> u64 {
        self.changes
    }

    fn begin(&mut self, no: SnapshotNo) {
        let (skipped, held) = (BTreeSet::new(), Items::default());
        self.snapshots.push(Walk { no, walked: None, skipped, held, is_lost: false });
    }

    fn end(&mut self, no: SnapshotNo) {
        self.snapshots.retain(|walk| walk.no != no);
    }
}

impl<K: Ord + Clone> Tracked<K> {
    /// Counts a change that no object shows.
    pub(crate) fn changed(&mut self) {
        self.changes = self.changes.wrapping_add(1);
    }

    /// Called before an object changes or is deleted.
    pub(crate) fn before_change(&mut self, key: impl FnOnce() -> K, write: impl Fn(SnapshotNo, &mut Items)) {
        self.changed();
        if self.snapshots.is_empty() {
            return;
        }
        let key = key();
        for walk in self.snapshots.iter_mut().filter(|walk| !walk.is_lost) {
            if walk.walked.as_ref() < Some(&key) && walk.skipped.insert(key.clone()) {
                write(walk.no, &mut walk.held);
                if walk.held.size() > MOST_HELD {
                    walk.is_lost = true;
                    (walk.skipped, walk.held) = (BTreeSet::new(), Items::default());
                }
            }
        }
    }

    /// Called when an object is created.
    pub(crate) fn created(&mut self, key: impl FnOnce() -> K) {
        // As if it had been written.
        self.before_change(key, |_, _| ());
    }

    /// Writes the objects from where the chunk before ended. `objects` returns those within a bound.
    pub(crate) fn walk<V, I: Iterator<Item = (K, V)>>(
        &mut self,
        no: SnapshotNo,
        items: &mut Items,
        objects: impl FnOnce(Bound<K>) -> I,
        write: impl Fn(&K, V, &mut Items),
    ) -> Progress {
        let Some(walk) = self.snapshots.iter_mut().find(|walk| walk.no == no && !walk.is_lost) else {
            return Progress::Lost;
        };
        items.append(&mut walk.held);
        let bound = walk.walked.clone().map_or(Bound::Unbounded, Bound::Excluded);
        for (visited, (key, object)) in objects(bound).enumerate() {
            if visited == MOST_VISITED || items.size() >= CHUNK {
                return Progress::More;
            }
            if walk.skipped.is_empty() || !walk.skipped.remove(&key) {
                write(&key, object, items);
            }
            walk.walked = Some(key);
        }
        self.end(no);
        Progress::Done
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::state::snapshot::record::{Part, Record};

    /// A collection of numbers with texts.
    #[derive(Default)]
    struct Texts {
        by_no: BTreeMap<u32, String>,
        tracked: Tracked<u32>,
    }

    fn write(no: u32, text: &str, items: &mut Items) {
        items.record(&Record::Part(Part { base64: format!("{no}{text}").into() }));
    }

    impl Texts {
        fn set(&mut self, no: u32, text: &str) {
            match self.by_no.get(&no) {
                Some(old) => self.tracked.before_change(|| no, |_, items| write(no, old, items)),
                None => self.tracked.created(|| no),
            }
            self.by_no.insert(no, text.to_owned());
        }

        fn remove(&mut self, no: u32) {
            if let Some(old) = self.by_no.remove(&no) {
                self.tracked.before_change(|| no, |_, items| write(no, &old, items));
            }
        }

        /// Walks to the end, and returns the texts in order.
        fn rest(&mut self, no: SnapshotNo) -> Vec<String> {
            let (mut items, mut all) = (Items::default(), Vec::new());
            loop {
                let by_no = &self.by_no;
                let range = |after| by_no.range((after, Bound::Unbounded)).map(|(no, text)| (*no, text));
                let progress = self.tracked.walk(no, &mut items, range, |no, text, items| write(*no, text, items));
                all.extend(items.texts());
                match progress {
                    Progress::More => items = Items::default(),
                    Progress::Done => break,
                    Progress::Lost => panic!("lost"),
                }
            }
            all.sort();
            all
        }
    }

    #[test]
    fn walk_shows_the_moment_of_its_begin() {
        let mut texts = Texts::default();
        (0..3000).for_each(|no| texts.set(no, "a"));
        let expected: Vec<_> = {
            texts.tracked.begin(1);
            texts.rest(1)
        };
        assert_eq!(expected.len(), 3000);
        // Two at the same time, of different moments.
        texts.tracked.begin(2);
        let by_no = &texts.by_no;
        let mut items = Items::default();
        let range = |after| by_no.range((after, Bound::Unbounded)).map(|(no, text)| (*no, text));
        let progress = texts.tracked.walk(2, &mut items, range, |no, text, items| write(*no, text, items));
        assert_eq!(progress, Progress::More);
        let walked = [(0, Some("b"))];
        let not_walked = [(2900, Some("b")), (2900, Some("c")), (2800, None), (2700, None), (2700, Some("d"))];
        let walked_or_new = [(1, None), (5000, Some("e")), (5000, None), (5001, Some("f"))];
        for (no, text) in walked.into_iter().chain(not_walked).chain(walked_or_new) {
            match text {
                Some(text) => texts.set(no, text),
                None => texts.remove(no),
            }
        }
        texts.tracked.begin(3);
        texts.set(2950, "g");
        let mut found = items.texts();
        found.extend(texts.rest(2));
        found.sort();
        assert!(found == expected, "{} and {}", found.len(), expected.len());
        let later = texts.rest(3);
        assert!(later.iter().any(|text| text == "0b") && later.iter().any(|text| text == "5001f"));
        assert!(later.iter().any(|text| text == "2950a") && later.len() == 2999);
        assert!(texts.tracked.snapshots.is_empty());
    }
}
