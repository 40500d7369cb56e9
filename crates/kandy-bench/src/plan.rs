//! How much is measured, and in what order.

use std::{fmt, time::Duration};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Few and short rounds: to see that all works, not to quote.
    pub quick: bool,
}

impl Plan {
    /// One number for a real run, and one for a hasty one.
    pub fn of<T>(self, real: T, quick: T) -> T {
        if self.quick { quick } else { real }
    }

    /// How long a round of a throughput takes.
    pub fn round(self) -> Duration {
        self.of(Duration::from_millis(350), Duration::from_millis(120))
    }
}

/// Measures each side once in every round, and answers the rounds of each side.
///
/// What comes first in a round changes from round to round, so that no side always follows the same other one. The first
/// `warm_up` rounds are thrown away.
///
/// # Errors
///
/// The first that measuring answers.
pub fn alternate<S, T, E>(
    warm_up: usize,
    rounds: usize,
    sides: &mut [S],
    mut measure: impl FnMut(&mut S) -> Result<T, E>,
) -> Result<Vec<Vec<T>>, E> {
    let mut measured: Vec<Vec<T>> = sides.iter().map(|_| Vec::with_capacity(rounds)).collect();
    let number = sides.len();
    for round in 0..warm_up + rounds {
        for at in (0..number).map(|step| (round + step) % number) {
            let figure = measure(&mut sides[at])?;
            if round >= warm_up {
                measured[at].push(figure);
            }
        }
    }
    Ok(measured)
}

/// Says what is going on, where it does not get into the tables.
pub fn progress(what: impl fmt::Display) {
    use std::io::Write;
    // Nobody may be there to read it, which is no reason to stop.
    drop(writeln!(std::io::stderr(), "… {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_take_turns_and_the_first_changes() {
        let mut order = String::new();
        let measured = alternate(1, 2, &mut ['a', 'b', 'c'], |side| {
            order.push(*side);
            Ok::<_, ()>(order.len())
        });
        assert_eq!(order, "abcbcacab");
        assert_eq!(measured, Ok(vec![vec![6, 8], vec![4, 9], vec![5, 7]]));
    }

    #[test]
    fn a_failure_ends_it() {
        assert_eq!(alternate(0, 3, &mut [1, 2], |side| if *side == 2 { Err("broken") } else { Ok(()) }), Err("broken"));
    }
}
