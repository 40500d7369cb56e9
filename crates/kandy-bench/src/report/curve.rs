//! Curves: the cost of a call by the number of items.
//!
//! Depends on `row`. Begin with `Curve::steepness`.

use serde::{Deserialize, Serialize};

use super::{Figure, Row, Target, Unit};

/// The cost of a call by the number of items.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Curve {
    what: String,
    points: Vec<Point>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Point {
    /// The number of items.
    pub n: u64,
    /// The cost in seconds.
    pub cost: f64,
    /// The cost relative to that of few items at the same time; otherwise the cost itself.
    beside: f64,
}

/// The accepted ratio of the largest and the smallest cost.
pub const FLAT: f64 = 2.0;

impl Curve {
    /// Creates an empty curve.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), points: Vec::new() }
    }

    /// Adds a cost in seconds.
    pub fn add(&mut self, n: u64, cost: f64) {
        self.points.push(Point { n, cost, beside: cost });
    }

    /// Adds a cost in seconds, and its ratio to that of few items at the same time. The ratio is judged, because the
    /// load of the machine changes during a long run.
    pub fn add_beside(&mut self, n: u64, cost: f64, beside: f64) {
        self.points.push(Point { n, cost, beside });
    }

    /// Returns what is measured.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the points.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// Returns the ratio of the largest and the smallest cost. The first point is excluded: it includes warming up.
    pub fn steepness(&self) -> Option<f64> {
        let costs = || self.points.iter().skip(1).map(|point| point.beside);
        let largest = costs().max_by(f64::total_cmp)?;
        let smallest = costs().min_by(f64::total_cmp)?;
        Some(largest / smallest)
    }

    /// Returns the row with the verdict.
    pub fn row(&self) -> Row {
        let figure = Figure::new("largest / smallest", Unit::Ratio, self.steepness().into_iter().collect());
        let point = |point: Option<&Point>| {
            point.and_then(|point| Figure::new(format!("{}:", count(point.n)), Unit::Seconds, vec![point.cost]))
        };
        let (first, last) = (point(self.points.get(1)), point(self.points.last()));
        Row::new(self.what.clone()).operands(first, last).figure(figure).target(Target::AtMost(FLAT))
    }

    /// Returns two lines of a table: numbers and costs.
    pub(super) fn cells(&self) -> [Vec<String>; 2] {
        let mut amounts = vec![self.what.clone()];
        let mut costs = vec![String::new()];
        for point in &self.points {
            amounts.push(count(point.n));
            costs.push(Unit::Seconds.show(point.cost));
        }
        [amounts, costs]
    }
}

/// Formats a number with thousands separators: `1,000,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Verdict;

    fn curve(costs: &[f64]) -> Curve {
        let mut curve = Curve::new("cost");
        for (at, cost) in costs.iter().enumerate() {
            curve.add(10_u64.pow(at as u32), *cost);
        }
        curve
    }

    #[test]
    fn a_cost_that_grows_with_the_amount_is_not_flat() {
        assert_eq!(curve(&[1.0, 1.0, 10.0, 100.0]).row().verdict(), Verdict::Miss);
        assert_eq!(curve(&[1.0, 1.0, 1.5, 1.2]).row().verdict(), Verdict::Pass);
    }

    #[test]
    fn the_first_point_may_cost_more() {
        assert_eq!(curve(&[50.0, 1.0, 1.5, 1.2]).steepness(), Some(1.5));
    }

    #[test]
    fn a_slow_moment_is_no_slope() {
        let mut curve = Curve::new("cost");
        for (n, cost, beside) in [(1, 1.0, 1.0), (10, 1.0, 1.0), (100, 7.0, 1.1), (1_000, 1.2, 1.2)] {
            curve.add_beside(n, cost, beside);
        }
        assert_eq!(curve.steepness(), Some(1.2));
    }

    #[test]
    fn a_curve_without_points_is_unknown() {
        assert_eq!(curve(&[1.0]).row().verdict(), Verdict::Unknown);
    }

    #[test]
    fn thousands_are_marked() {
        assert_eq!([1, 999, 1_000, 1_000_000].map(count), ["1", "999", "1,000", "1,000,000"]);
    }
}
