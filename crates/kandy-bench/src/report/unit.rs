//! Units of figures, and how they are shown.
//!
//! Depends on `stats`. Begin with `Unit`.

use serde::{Deserialize, Serialize};

use crate::stats::{Interval, IntervalKind};

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Calls or objects per second.
    PerSecond,
    /// Seconds, shown with a suitable prefix.
    Seconds,
    /// Bytes, shown with a suitable prefix.
    Bytes,
    /// A count.
    Count,
    /// A ratio.
    Ratio,
}

impl Unit {
    /// Returns divisor and name of the unit for a figure of this size.
    fn scale(self, size: f64) -> (f64, &'static str) {
        let steps: &[(f64, &str)] = match self {
            Self::PerSecond => &[(1e6, " M/s"), (1e3, " k/s"), (1.0, " /s")],
            Self::Seconds => &[(1.0, " s"), (1e-3, " ms"), (1e-6, " µs"), (1e-9, " ns")],
            Self::Bytes => &[(1e9, " GB"), (1e6, " MB"), (1e3, " kB"), (1.0, " B")],
            Self::Count | Self::Ratio => &[(1.0, "")],
        };
        let fits = steps.iter().find(|(step, _)| size.abs() >= *step);
        fits.or(steps.last()).copied().unwrap_or((1.0, ""))
    }

    fn digits(self, scaled: f64) -> usize {
        match self {
            Self::Ratio if scaled < 10.0 => 3,
            Self::Count if scaled.fract() == 0.0 => 0,
            _ if scaled.abs() >= 100.0 => 0,
            _ if scaled.abs() >= 10.0 => 1,
            _ => 2,
        }
    }

    /// Formats one figure.
    pub fn show(self, figure: f64) -> String {
        let (step, name) = self.scale(figure);
        let scaled = figure / step;
        format!("{scaled:.*}{name}", self.digits(scaled))
    }

    /// Formats a median with its interval: `41.2 k/s (40.1–41.9)`, or `(range 40.1–41.9)` where the rounds are too few.
    pub fn show_interval(self, median: f64, interval: Interval) -> String {
        if interval.low == interval.high {
            return self.show(median);
        }
        let (step, _) = self.scale(median);
        let digits = self.digits(median / step);
        let kind = if interval.kind == IntervalKind::Range { "range " } else { "" };
        let (low, high) = (interval.low / step, interval.high / step);
        format!("{} ({kind}{low:.digits$}–{high:.digits$})", self.show(median))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_in_what_suits() {
        assert_eq!(Unit::PerSecond.show(41_234.0), "41.2 k/s");
        assert_eq!(Unit::Seconds.show(0.000_003_2), "3.20 µs");
        assert_eq!(Unit::Seconds.show(0.000_000_000_4), "0.40 ns");
        assert_eq!(Unit::Seconds.show(-0.000_003_2), "-3.20 µs");
        assert_eq!(Unit::Bytes.show(24_000_000.0), "24.0 MB");
        assert_eq!((Unit::Count.show(36.0), Unit::Count.show(36.25)), ("36".to_owned(), "36.2".to_owned()));
        assert_eq!(Unit::Ratio.show(0.9666), "0.967");
    }

    #[test]
    fn an_interval_is_in_the_unit_of_its_median() {
        let interval = |low, high, kind| Interval { low, high, kind };
        let shown = Unit::PerSecond.show_interval(1_200.0, interval(900.0, 1_500.0, IntervalKind::Confidence));
        assert_eq!(shown, "1.20 k/s (0.90–1.50)");
        let shown = Unit::PerSecond.show_interval(1_200.0, interval(900.0, 1_500.0, IntervalKind::Range));
        assert_eq!(shown, "1.20 k/s (range 0.90–1.50)");
        assert_eq!(Unit::Count.show_interval(3.0, interval(3.0, 3.0, IntervalKind::Exact)), "3");
    }
}
