use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hash, RandomState},
};

/// Finds things by a text that they have themselves, so that nobody keeps it twice.
///
/// It is a tree of hashes. A hash table would find things as fast, but now and then move all that is in it at once,
/// for as long as there are many.
pub(super) struct HashIndex<T> {
    hasher: RandomState,
    hashes: BTreeSet<(u64, T)>,
}

// Not derived, which would ask for more than is needed.
impl<T> Default for HashIndex<T> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), hashes: BTreeSet::new() }
    }
}

impl<T: Copy + Ord + Default> HashIndex<T> {
    /// Takes note of a thing that has this text. No thing may be less than the default one.
    pub(super) fn insert(&mut self, text: impl Hash, thing: T) {
        self.hashes.insert((self.hasher.hash_one(text), thing));
    }

    pub(super) fn remove(&mut self, text: impl Hash, thing: T) {
        self.hashes.remove(&(self.hasher.hash_one(text), thing));
    }

    /// The things that may have this text, in their order. Others have the same hash once in an age, so whoever asks
    /// has to look.
    pub(super) fn candidates(&self, text: impl Hash) -> impl Iterator<Item = T> {
        let hash = self.hasher.hash_one(text);
        self.hashes.range((hash, T::default())..).take_while(move |(other, _)| *other == hash).map(|(_, thing)| *thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_the_text_is_found() {
        let mut things = HashIndex::default();
        for (text, thing) in [("a", 7_u32), ("b", 1), ("a", 0)] {
            things.insert(text, thing);
        }
        assert_eq!(things.candidates("a").collect::<Vec<_>>(), [0, 7]);
        things.remove("a", 0);
        things.remove("b", 7);
        assert_eq!(things.candidates("a").collect::<Vec<_>>(), [7]);
        assert_eq!(things.candidates("b").collect::<Vec<_>>(), [1]);
    }
}
