//! Medians, spreads and confidence intervals. A mean would include the time that other programs take.
//!
//! Depends on nothing. Begin with [`Spread`].

mod interval;

use serde::Serialize;

pub use interval::{CONFIDENCE, Interval, IntervalKind};

/// Median, quartiles and the confidence interval of the median.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// Where the true median lies.
    pub interval: Interval,
    /// The first quartile.
    pub low: f64,
    /// The third quartile.
    pub high: f64,
}

impl Spread {
    /// Computes the spread; none without figures.
    pub fn of(figures: &[f64]) -> Option<Self> {
        let mut sorted = figures.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            median: quantile(&sorted, 0.5)?,
            interval: Interval::of_sorted(&sorted)?,
            low: quantile(&sorted, 0.25)?,
            high: quantile(&sorted, 0.75)?,
        })
    }
}

/// Returns a quantile, interpolated between two figures.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    Some(below + (above - below) * place.fract())
}

/// Compares two clients round by round, so that a disturbance of a whole round cancels out.
pub fn paired(a: &[f64], b: &[f64], compare: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| compare(*a, *b)).collect()
}

/// Returns the median; 0 without figures.
pub fn median(figures: &[f64]) -> f64 {
    Spread::of(figures).map_or(0.0, |spread| spread.median)
}

/// Returns the 99th percentile.
pub fn high(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    quantile(&times, 0.99).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let spread = Spread::of(&[9.0, 1.0, 5.0, 3.0, 7.0]).expect("figures");
        assert_eq!((spread.median, spread.low, spread.high), (5.0, 3.0, 7.0));
        let spread = Spread::of(&[4.0, 1.0, 2.0, 3.0]).expect("figures");
        assert_eq!((spread.median, spread.low, spread.high), (2.5, 1.75, 3.25));
    }

    #[test]
    fn one_outlier_moves_nothing() {
        let calm = Spread::of(&[1.0, 1.1, 1.2, 1.3, 1.4]).expect("figures");
        let noisy = Spread::of(&[1.0, 1.1, 1.2, 1.3, 1_000.0]).expect("figures");
        assert_eq!((calm.median, calm.low, calm.high), (noisy.median, noisy.low, noisy.high));
    }

    #[test]
    fn nothing_has_no_median_and_one_figure_is_its_own() {
        assert_eq!(Spread::of(&[]), None);
        let one = Spread::of(&[3.0]).expect("a figure");
        assert_eq!((one.median, one.low, one.high, one.interval.kind), (3.0, 3.0, 3.0, IntervalKind::Exact));
    }

    #[test]
    fn the_ends_are_the_quantiles_0_and_1() {
        let sorted = [1.0, 2.0, 10.0];
        assert_eq!((quantile(&sorted, 0.0), quantile(&sorted, 1.0)), (Some(1.0), Some(10.0)));
        assert_eq!(quantile(&sorted, 0.99), Some(9.84));
    }

    #[test]
    fn a_slow_round_does_not_count_when_both_are_slow_in_it() {
        let ratios = paired(&[90.0, 9.0, 90.0], &[100.0, 10.0, 100.0], |a, b| a / b);
        assert_eq!(Spread::of(&ratios).map(|spread| spread.median), Some(0.9));
    }
}
