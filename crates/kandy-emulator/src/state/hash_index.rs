//! An index by text that stores hashes in place of the texts.
//!
//! Depends on nothing. Begin with `HashIndex`.

use std::{
    array,
    hash::{BuildHasher, Hash, RandomState},
};

use hashbrown::HashTable;

/// Number of tables of an index of all objects of a kind. With a million objects, a table that grows moves four thousand.
const TABLES: usize = 256;

/// Finds values by a text or an id that they contain, without a second copy of it.
///
/// Several tables, which grow one by one: a table moves all its entries when it grows, so that one request among many
/// would wait until all are moved. A tree takes three times the memory, and a search in it reads a dozen places.
pub(super) struct HashIndex<T, const N: usize = TABLES> {
    hasher: RandomState,
    /// Each value with its hash, so that a table grows without looking at what it refers to.
    tables: Box<[HashTable<(u32, T)>; N]>,
}

// Not derived: that would require `T: Default`.
impl<T, const N: usize> Default for HashIndex<T, N> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), tables: Box::new(array::from_fn(|_| HashTable::new())) }
    }
}

impl<T: Copy + Eq, const N: usize> HashIndex<T, N> {
    /// Adds a value with this text. The caller does not add the same one twice.
    pub(super) fn insert(&mut self, text: impl Hash, value: T) {
        let (table, hash) = self.place(text);
        if let Some(table) = self.tables.get_mut(table) {
            table.insert_unique(spread(hash), (hash, value), |(hash, _)| spread(*hash));
        }
    }

    pub(super) fn remove(&mut self, text: impl Hash, value: T) {
        let (table, hash) = self.place(text);
        let found =
            self.tables.get_mut(table).map(|table| table.find_entry(spread(hash), |entry| *entry == (hash, value)));
        if let Some(Ok(entry)) = found {
            entry.remove();
        }
    }

    /// The values that may have this text, in no order. The caller compares the texts, because hashes can collide.
    pub(super) fn candidates(&self, text: impl Hash) -> impl Iterator<Item = T> {
        let (table, hash) = self.place(text);
        let entries = self.tables.get(table).into_iter().flat_map(move |table| table.iter_hash(spread(hash)));
        entries.filter(move |(other, _)| *other == hash).map(|(_, value)| *value)
    }

    /// The table of a text, and its hash there: one half of the bits for each.
    fn place(&self, text: impl Hash) -> (usize, u32) {
        let hash = self.hasher.hash_one(text);
        ((hash >> 32) as usize % N, hash as u32)
    }
}

/// A hash for a table, which looks at the lowest bits and at the highest ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted<const N: usize>(values: &HashIndex<u32, N>, text: &str) -> Vec<u32> {
        let mut found: Vec<_> = values.candidates(text).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_values_by_text() {
        let mut values = HashIndex::<u32>::default();
        for (text, value) in [("a", 7), ("b", 1), ("a", 0)] {
            values.insert(text, value);
        }
        assert_eq!(sorted(&values, "a"), [0, 7]);
        values.remove("a", 0);
        values.remove("b", 7);
        assert_eq!(sorted(&values, "a"), [7]);
        assert_eq!(sorted(&values, "b"), [1]);
    }

    #[test]
    fn finds_all_values_after_it_has_grown_and_some_are_removed() {
        fn check<const N: usize>() {
            let mut values = HashIndex::<u32, N>::default();
            (0..10_000_u32).for_each(|value| values.insert(value / 2, value));
            (0..10_000_u32).filter(|value| value % 3 == 0).for_each(|value| values.remove(value / 2, value));
            for value in 0..10_000_u32 {
                let count = values.candidates(value / 2).filter(|found| *found == value).count();
                assert_eq!(count, usize::from(value % 3 != 0), "{value} of {N} tables");
            }
        }
        check::<1>();
        check::<TABLES>();
    }
}
