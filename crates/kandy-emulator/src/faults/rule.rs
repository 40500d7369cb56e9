//! Which requests trigger a fault: the operations, and a number or a probability among their requests.
//!
//! Depends on the operation table alone. Begin with `Scope` and `When`.

use std::fmt;

use kandy_sys::{
    OPERATIONS, Operation,
    operation::{Credential, Level},
};

/// The operations of a fault.
#[derive(Clone, Copy)]
pub(super) enum Scope {
    Everything,
    Operation(&'static Operation),
    Tag(&'static str),
    Level(Level),
}

impl Scope {
    pub(super) fn tag(tag: &str) -> Option<Self> {
        OPERATIONS.iter().map(|operation| operation.tag).find(|known| *known == tag).map(Self::Tag)
    }

    pub(super) fn covers(self, operation: &Operation) -> bool {
        match self {
            Self::Everything => true,
            Self::Operation(only) => only.id == operation.id,
            Self::Tag(tag) => tag == operation.tag,
            Self::Level(level) => {
                let (Credential::ApiKey(of) | Credential::AccessToken(of)) = operation.credential();
                level == of
            }
        }
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, Self::Everything) => true,
            (Self::Operation(one), Self::Operation(other)) => one.id == other.id,
            (Self::Tag(one), Self::Tag(other)) => one == other,
            (Self::Level(one), Self::Level(other)) => one == other,
            _ => false,
        }
    }
}

/// The id of an operation only: its row of the operation table is long.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("on every operation"),
            Self::Operation(operation) => write!(f, "on {}", operation.id),
            Self::Tag(tag) => write!(f, "on tag {tag}"),
            Self::Level(level) => write!(f, "on operations with {level} credentials"),
        }
    }
}

/// Which of the requests to those operations trigger the fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    Always,
    Nth(u64),
    Every(u64),
    Probability { probability: f64, seed: u64 },
}

impl When {
    /// Returns whether the request with this number, counted from 1, triggers the fault.
    pub(super) fn triggers(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::Every(every) => number.is_multiple_of(every),
            Self::Probability { probability, seed } => draw(seed, number) < probability,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Nth(nth) => write!(f, ", request {nth} only"),
            Self::Every(every) => write!(f, ", every {every} requests"),
            Self::Probability { probability, seed } => write!(f, ", with probability {probability} (seed {seed})"),
        }
    }
}

/// Returns the nth number, from 0 to below 1, of the sequence of a seed (splitmix64). Each number is computed without
/// the ones before it, so a fault keeps no generator between requests.
fn draw(seed: u64, number: u64) -> f64 {
    let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // The 53 bits of the mantissa of a double, taken from the upper end, which splitmix64 mixes best.
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(when: When, of: u64) -> Vec<u64> {
        (1..=of).filter(|number| when.triggers(*number)).collect()
    }

    #[test]
    fn requests_are_counted_from_one() {
        assert_eq!(hits(When::Always, 3), [1, 2, 3]);
        assert_eq!(hits(When::Nth(3), 10), [3]);
        assert_eq!(hits(When::Every(3), 10), [3, 6, 9]);
    }

    #[test]
    fn probability_is_seeded_and_right() {
        let when = |probability, seed| When::Probability { probability, seed };
        assert_eq!(hits(when(0.3, 42), 1000), hits(when(0.3, 42), 1000));
        assert_ne!(hits(when(0.3, 42), 1000), hits(when(0.3, 43), 1000));
        let share = hits(when(0.3, 42), 100_000).len();
        assert!((29_000..31_000).contains(&share), "{share}");
        assert!(hits(when(0.0, 1), 1000).is_empty());
        assert_eq!(hits(when(1.0, 1), 1000).len(), 1000);
    }

    #[test]
    fn the_sequence_is_that_of_splitmix64() {
        // The published first number for seed 1234567.
        assert_eq!(draw(1_234_567, 1), (6_457_827_717_110_365_317_u64 >> 11) as f64 / (1_u64 << 53) as f64);
    }
}
