//! The confidence interval of a median, from the order of the figures alone.
//!
//! A figure is below the true median with probability 1/2, however the figures are distributed. So the number of figures
//! below it follows the binomial distribution, which tells between which two of the sorted figures the median lies.
//!
//! Depends on nothing. Begin with [`Interval`].

use serde::Serialize;

/// The least probability with which an interval contains the median.
pub const CONFIDENCE: f64 = 0.95;

/// Where the true median lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The low end.
    pub low: f64,
    /// The high end.
    pub high: f64,
    /// What the ends are.
    pub kind: IntervalKind,
}

/// What the ends of an interval are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IntervalKind {
    /// The only figure: a count, a size, or something that is measured once.
    Exact,
    /// The smallest and the largest figure, because fewer than six give no interval of 95 %.
    Range,
    /// A confidence interval of at least 95 %.
    Confidence,
}

impl Interval {
    /// Computes the interval from sorted figures; none without figures.
    pub fn of_sorted(sorted: &[f64]) -> Option<Self> {
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        Some(match rank(sorted.len()) {
            Some(rank) => {
                Self { low: sorted[rank - 1], high: sorted[sorted.len() - rank], kind: IntervalKind::Confidence }
            }
            None if sorted.len() == 1 => Self { low: first, high: last, kind: IntervalKind::Exact },
            None => Self { low: first, high: last, kind: IntervalKind::Range },
        })
    }
}

/// Returns the rank of the low end among `n` figures, from 1; that of the high end is the same from above. None when even the
/// smallest and the largest figure contain the median with less than [`CONFIDENCE`].
fn rank(n: usize) -> Option<usize> {
    // P(fewer than `rank` figures are below the median) = Σ binomial(n, i) / 2^n for i < rank; the same holds above it. The
    // terms are logarithms, because 2^n exceeds a float for many figures.
    let most = (1.0 - CONFIDENCE) / 2.0;
    let (mut rank, mut sum) = (0, 0.0);
    let mut term = -(n as f64) * std::f64::consts::LN_2;
    while rank < n {
        sum += term.exp();
        if sum > most {
            break;
        }
        term += ((n - rank) as f64 / (rank + 1) as f64).ln();
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranks_are_those_of_the_published_tables() {
        let table = [
            (6, 1),
            (8, 1),
            (9, 2),
            (10, 2),
            (12, 3),
            (15, 4),
            (20, 6),
            (25, 8),
            (30, 10),
            (40, 14),
            (50, 18),
            (100, 40),
        ];
        for (n, expected) in table {
            assert_eq!(rank(n), Some(expected), "{n} figures");
        }
    }

    #[test]
    fn fewer_than_six_figures_give_their_range() {
        assert_eq!((0..6).find_map(rank), None);
        let interval = Interval::of_sorted(&[1.0, 2.0, 3.0, 4.0, 9.0]);
        assert_eq!(interval, Some(Interval { low: 1.0, high: 9.0, kind: IntervalKind::Range }));
        let interval = Interval::of_sorted(&[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]);
        assert_eq!(interval, Some(Interval { low: 1.0, high: 9.0, kind: IntervalKind::Confidence }));
    }

    #[test]
    fn one_figure_is_exact_and_none_is_none() {
        assert_eq!(Interval::of_sorted(&[3.0]), Some(Interval { low: 3.0, high: 3.0, kind: IntervalKind::Exact }));
        assert_eq!(Interval::of_sorted(&[]), None);
    }

    #[test]
    fn of_ten_figures_the_second_and_the_ninth_are_the_ends() {
        let sorted: Vec<f64> = (1..=10).map(f64::from).collect();
        let interval = Interval::of_sorted(&sorted).expect("figures");
        assert_eq!((interval.low, interval.high), (2.0, 9.0));
    }

    #[test]
    fn many_figures_do_not_underflow() {
        // The normal approximation: n/2 − 1.96 √n / 2.
        let rank = rank(10_000).expect("enough figures");
        assert!((4_900..=4_903).contains(&rank), "{rank}");
    }

    #[test]
    fn the_interval_contains_the_true_median_as_often_as_it_says() {
        // A fixed sequence of pseudo-random figures in 0..1, whose median is 1/2.
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let contains = (0..2_000).filter(|_| {
            let mut figures: Vec<f64> = (0..20).map(|_| next()).collect();
            figures.sort_by(f64::total_cmp);
            Interval::of_sorted(&figures).is_some_and(|interval| interval.low <= 0.5 && 0.5 <= interval.high)
        });
        let share = contains.count() as f64 / 2_000.0;
        // 0.9586 in theory, with a standard deviation of 0.0045.
        assert!((0.94..0.975).contains(&share), "{share}");
    }
}
