//! An index by text that stores hashes in place of the texts.
//!
//! Depends on nothing. Begin with `HashIndex`.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hash, RandomState},
};

/// Finds values by a text that they contain, without a second copy of the text.
///
/// A tree of hashes: a hash table is as fast to search, but moves all its entries when it grows, which takes long when
/// there are many.
pub(super) struct HashIndex<T> {
    hasher: RandomState,
    hashes: BTreeSet<(u64, T)>,
}

// Not derived: that would require `T: Default`.
impl<T> Default for HashIndex<T> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), hashes: BTreeSet::new() }
    }
}

impl<T: Copy + Ord + Default> HashIndex<T> {
    /// Adds a value with this text. No value may be less than the default one.
    pub(super) fn insert(&mut self, text: impl Hash, value: T) {
        self.hashes.insert((self.hasher.hash_one(text), value));
    }

    pub(super) fn remove(&mut self, text: impl Hash, value: T) {
        self.hashes.remove(&(self.hasher.hash_one(text), value));
    }

    /// The values that may have this text, in order. The caller compares the texts, because hashes can collide.
    pub(super) fn candidates(&self, text: impl Hash) -> impl Iterator<Item = T> {
        let hash = self.hasher.hash_one(text);
        // The entries of a hash are adjacent, and the default value sorts before all others.
        self.hashes.range((hash, T::default())..).take_while(move |(other, _)| *other == hash).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values_by_text() {
        let mut values = HashIndex::default();
        for (text, value) in [("a", 7_u32), ("b", 1), ("a", 0)] {
            values.insert(text, value);
        }
        assert_eq!(values.candidates("a").collect::<Vec<_>>(), [0, 7]);
        values.remove("a", 0);
        values.remove("b", 7);
        assert_eq!(values.candidates("a").collect::<Vec<_>>(), [7]);
        assert_eq!(values.candidates("b").collect::<Vec<_>>(), [1]);
    }
}
