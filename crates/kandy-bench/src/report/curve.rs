use serde::Serialize;

use super::{Figure, Row, Target, Unit};

/// How a cost depends on how much there is.
#[derive(Clone, Debug, Serialize)]
pub struct Curve {
    what: String,
    /// How much there was, and the cost then, in seconds.
    points: Vec<(u64, f64)>,
}

/// How many times the largest cost may be the smallest, for a cost that should not grow.
pub const FLAT: f64 = 2.0;

impl Curve {
    /// A curve about this.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), points: Vec::new() }
    }

    /// Adds a cost in seconds.
    pub fn add(&mut self, n: u64, seconds: f64) {
        self.points.push((n, seconds));
    }

    /// The largest cost by the smallest. The first point is left out: it pays for the first time.
    pub fn steepness(&self) -> Option<f64> {
        let costs = || self.points.iter().skip(1).map(|(_, cost)| *cost);
        let largest = costs().max_by(f64::total_cmp)?;
        let smallest = costs().min_by(f64::total_cmp)?;
        Some(largest / smallest)
    }

    /// The line that says whether it is flat.
    pub fn row(&self) -> Row {
        let figure = Figure::new("largest / smallest", Unit::Ratio, self.steepness().into_iter().collect());
        let point = |point: Option<&(u64, f64)>| {
            point.and_then(|(n, cost)| Figure::new(format!("{}:", count(*n)), Unit::Seconds, vec![*cost]))
        };
        let (first, last) = (point(self.points.get(1)), point(self.points.last()));
        Row::new(self.what.clone()).sides(first, last).figure(figure).target(Target::AtMost(FLAT))
    }

    /// Two lines of a table: how much there was, and the cost then.
    pub(super) fn cells(&self) -> [Vec<String>; 2] {
        let mut amounts = vec![self.what.clone()];
        let mut costs = vec![String::new()];
        for (n, cost) in &self.points {
            amounts.push(count(*n));
            costs.push(Unit::Seconds.show(*cost));
        }
        [amounts, costs]
    }
}

/// With a mark after each thousand: `1,000,000`.
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
    fn a_curve_without_points_is_unknown() {
        assert_eq!(curve(&[1.0]).row().verdict(), Verdict::Unknown);
    }

    #[test]
    fn thousands_are_marked() {
        assert_eq!([1, 999, 1_000, 1_000_000].map(count), ["1", "999", "1,000", "1,000,000"]);
    }
}
