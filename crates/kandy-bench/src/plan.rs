//! The amount and the order of measurements.
//!
//! Depends on nothing. Begin with [`alternate`].

use std::{fmt, time::Duration};

/// The rounds of a quick run: the fewest with a confidence interval of 95 %.
const QUICK_ROUNDS: usize = 6;

/// The amount of measurements.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Few and short rounds, to check that everything works.
    pub quick: bool,
}

impl Plan {
    /// Selects a value for a full or a quick run.
    pub fn of<T>(self, real: T, quick: T) -> T {
        if self.quick { quick } else { real }
    }

    /// Returns the number of rounds of a comparison. A full run has at least twenty where they are affordable: their
    /// confidence interval is from the 6th to the 15th, so that a few disturbed rounds do not decide. A quick run has the six
    /// that an interval of 95 % needs.
    pub fn rounds(self, full: usize) -> usize {
        self.of(full, QUICK_ROUNDS.min(full))
    }

    /// Returns the number of rounds that are dropped.
    pub fn warm_up(self) -> usize {
        self.of(2, 1)
    }

    /// Returns the length of a round of a throughput.
    pub fn round(self) -> Duration {
        self.of(Duration::from_millis(250), Duration::from_millis(80))
    }
}

/// Measures each client once per round, and returns the rounds of each client.
///
/// The order rotates from round to round, so that no client always runs after the same one. The first
/// `warm_up` rounds are dropped.
///
/// # Errors
///
/// The first error of `measure`.
pub fn alternate<S, T, E>(
    warm_up: usize,
    rounds: usize,
    clients: &mut [S],
    mut measure: impl FnMut(&mut S) -> Result<T, E>,
) -> Result<Vec<Vec<T>>, E> {
    let mut measured: Vec<Vec<T>> = clients.iter().map(|_| Vec::with_capacity(rounds)).collect();
    let number = clients.len();
    for round in 0..warm_up + rounds {
        // Rotates by one in each round: the first place pays for cold caches, the others for the load of their
        // predecessor.
        for at in (0..number).map(|step| (round + step) % number) {
            let figure = measure(&mut clients[at])?;
            if round >= warm_up {
                measured[at].push(figure);
            }
        }
    }
    Ok(measured)
}

/// Writes progress to stderr, apart from the tables on stdout.
pub fn progress(what: impl fmt::Display) {
    use std::io::Write;
    // Ignores a closed pipe: the measurement continues without a reader.
    drop(writeln!(std::io::stderr(), "… {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{IntervalKind, Spread};

    #[test]
    fn sides_take_turns_and_the_first_changes() {
        let mut order = String::new();
        let measured = alternate(1, 2, &mut ['a', 'b', 'c'], |client| {
            order.push(*client);
            Ok::<_, ()>(order.len())
        });
        assert_eq!(order, "abcbcacab");
        assert_eq!(measured, Ok(vec![vec![6, 8], vec![4, 9], vec![5, 7]]));
    }

    #[test]
    fn a_quick_run_has_just_enough_rounds_for_an_interval() {
        let figures: Vec<f64> = (0..Plan { quick: true }.rounds(20)).map(|round| round as f64).collect();
        let kind = |figures: &[f64]| Spread::of(figures).map(|spread| spread.interval.kind);
        assert_eq!(kind(&figures), Some(IntervalKind::Confidence));
        assert_eq!(kind(&figures[1..]), Some(IntervalKind::Range));
        assert_eq!((Plan { quick: false }.rounds(20), Plan { quick: true }.rounds(3)), (20, 3));
    }

    #[test]
    fn a_failure_ends_it() {
        assert_eq!(
            alternate(0, 3, &mut [1, 2], |client| if *client == 2 { Err("broken") } else { Ok(()) }),
            Err("broken")
        );
    }
}
