//! A map of values by numbers that are given in order.
//!
//! Depends on nothing. Begin with `Numbered`.

use std::{collections::BTreeMap, marker::PhantomData, ops::Bound};

/// Number of values in a page.
const PAGE: u32 = 64;

/// Values by their numbers, in pages of neighbours.
///
/// A tree would leave nearly half of each node unused, because all numbers are added at its end, and would take more steps
/// to find one. Pages are allocated one by one, so that no request waits for all values to be moved.
pub(super) struct Numbered<K, V> {
    pages: BTreeMap<u32, Page<V>>,
    len: usize,
    key: PhantomData<K>,
}

struct Page<V> {
    /// One for each number of the page.
    values: Box<[Option<V>]>,
    used: u32,
}

// Not derived: that would require `V: Default`.
impl<K, V> Default for Numbered<K, V> {
    fn default() -> Self {
        Self { pages: BTreeMap::new(), len: 0, key: PhantomData }
    }
}

/// The page of a number, and its place there.
fn place(number: u32) -> (u32, usize) {
    (number / PAGE, (number % PAGE) as usize)
}

impl<K: Copy + Into<u32> + From<u32>, V> Numbered<K, V> {
    pub(super) fn get(&self, key: K) -> Option<&V> {
        let (page, at) = place(key.into());
        self.pages.get(&page)?.values.get(at)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let (page, at) = place(key.into());
        self.pages.get_mut(&page)?.values.get_mut(at)?.as_mut()
    }

    pub(super) fn contains_key(&self, key: K) -> bool {
        self.get(key).is_some()
    }

    /// Adds a value, and returns the one before.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (page, at) = place(key.into());
        let page = self
            .pages
            .entry(page)
            .or_insert_with(|| Page { values: std::iter::repeat_with(|| None).take(PAGE as usize).collect(), used: 0 });
        let before = page.values.get_mut(at)?.replace(value);
        if before.is_none() {
            page.used += 1;
            self.len += 1;
        }
        before
    }

    pub(super) fn remove(&mut self, key: K) -> Option<V> {
        let (number, at) = place(key.into());
        let page = self.pages.get_mut(&number)?;
        let removed = page.values.get_mut(at)?.take()?;
        page.used -= 1;
        self.len -= 1;
        if page.used == 0 {
            self.pages.remove(&number);
        }
        Some(removed)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Those after a bound, in the order of their numbers.
    pub(super) fn after(&self, after: Bound<K>) -> impl Iterator<Item = (K, &V)> {
        let first = match after {
            Bound::Unbounded => Some(0),
            Bound::Included(key) => Some(key.into()),
            Bound::Excluded(key) => key.into().checked_add(1),
        };
        first.into_iter().flat_map(|first| {
            let (page, at) = place(first);
            let pages = self.pages.range(page..);
            pages.flat_map(move |(number, values)| {
                let skipped = if *number == page { at } else { 0 };
                let first = number * PAGE;
                let values = (first..=first + (PAGE - 1)).zip(&values.values).skip(skipped);
                values.filter_map(|(number, value)| Some((K::from(number), value.as_ref()?)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::UserNo;

    #[test]
    fn values_are_found_by_number_and_in_order() {
        let mut map = Numbered::<UserNo, String>::default();
        let numbers = [0, 1, 63, 64, 200, 1_000_000, u32::MAX];
        for number in numbers.into_iter().rev() {
            assert_eq!(map.insert(number.into(), number.to_string()), None);
        }
        assert_eq!(map.insert(64.into(), "other".to_owned()).as_deref(), Some("64"));
        assert_eq!((map.len(), map.get(64.into()).map(String::as_str)), (7, Some("other")));
        assert!(map.get(2.into()).is_none() && !map.contains_key(128.into()) && map.contains_key(200.into()));
        map.get_mut(200.into()).expect("there").push('!');
        let after =
            |map: &Numbered<UserNo, String>, bound| -> Vec<u32> { map.after(bound).map(|(no, _)| no.into()).collect() };
        assert_eq!(after(&map, Bound::Unbounded), numbers);
        assert_eq!(after(&map, Bound::Excluded(63.into())), [64, 200, 1_000_000, u32::MAX]);
        assert_eq!(after(&map, Bound::Included(63.into())), [63, 64, 200, 1_000_000, u32::MAX]);
        assert_eq!(after(&map, Bound::Excluded(65.into())), [200, 1_000_000, u32::MAX]);
        assert!(after(&map, Bound::Excluded(u32::MAX.into())).is_empty());
        assert_eq!(map.remove(200.into()).as_deref(), Some("200!"));
        assert_eq!(map.remove(200.into()), None);
        for number in [0, 1, 63, 64, 1_000_000, u32::MAX] {
            assert!(map.remove(number.into()).is_some());
        }
        assert!(map.len() == 0 && map.pages.is_empty());
    }
}
