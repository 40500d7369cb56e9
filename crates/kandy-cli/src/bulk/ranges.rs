//! A compact set of row numbers.

use std::collections::BTreeMap;

/// A set of row numbers, stored as ranges: small if most numbers are contiguous.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ranges {
    /// The first number of each range, and the number after its last one. Adjacent ranges are merged.
    ranges: BTreeMap<u64, u64>,
}

impl Ranges {
    pub(super) fn contains(&self, number: u64) -> bool {
        self.ranges.range(..=number).next_back().is_some_and(|(_, end)| number < *end)
    }

    pub(super) fn insert(&mut self, number: u64) {
        if self.contains(number) {
            return;
        }
        let mut begin = number;
        let end = self.ranges.remove(&(number + 1)).unwrap_or(number + 1);
        if let Some((first, last)) = self.ranges.range(..number).next_back()
            && *last == number
        {
            begin = *first;
        }
        self.ranges.insert(begin, end);
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some((begin, end)) = self.ranges.range(..=number).next_back().map(|(begin, end)| (*begin, *end)) else {
            return;
        };
        if number >= end {
            return;
        }
        self.ranges.remove(&begin);
        if begin < number {
            self.ranges.insert(begin, number);
        }
        if number + 1 < end {
            self.ranges.insert(number + 1, end);
        }
    }

    /// Returns the numbers that are not in another set.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = self.clone();
        for (begin, end) in &other.ranges {
            (*begin..*end).for_each(|number| left.remove(number));
        }
        left
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Returns the number of ranges.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.ranges.len()
    }

    /// Formats line numbers: `line 3`, or `lines 3-5, 9`.
    pub(super) fn lines(&self) -> String {
        let ranges: Vec<_> = self
            .ranges
            .iter()
            .map(|(begin, end)| if begin + 1 == *end { begin.to_string() } else { format!("{begin}-{}", end - 1) })
            .collect();
        let is_one = self.ranges.iter().map(|(begin, end)| end - begin).sum::<u64>() == 1;
        format!("{} {}", if is_one { "line" } else { "lines" }, ranges.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_merge_in_any_order() {
        let mut ranges = Ranges::default();
        for number in [3, 1, 0, 2, 5, 9, 8, 3] {
            ranges.insert(number);
        }
        assert_eq!(ranges.count(), 3);
        assert_eq!(ranges.lines(), "lines 0-3, 5, 8-9");
        assert!(ranges.contains(0) && ranges.contains(3) && !ranges.contains(4) && !ranges.contains(10));
        for number in [1, 5, 9, 4] {
            ranges.remove(number);
        }
        assert_eq!(ranges.lines(), "lines 0, 2-3, 8");
        ranges.insert(1);
        assert_eq!(ranges.lines(), "lines 0-3, 8");
        let mut other = Ranges::default();
        [2, 3, 7, 8].into_iter().for_each(|number| other.insert(number));
        assert_eq!(ranges.without(&other).lines(), "lines 0-1");
        assert!(ranges.without(&ranges).is_empty());
    }

    #[test]
    fn late_number_merges_ranges() {
        let mut ranges = Ranges::default();
        (1..100_000).for_each(|number| ranges.insert(number));
        assert_eq!(ranges.count(), 1);
        ranges.insert(0);
        assert_eq!(ranges.lines(), "lines 0-99999");
    }
}
