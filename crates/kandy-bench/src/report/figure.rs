//! Figures: the rounds of a measurement, or of a comparison of two.
//!
//! Depends on `unit` and `stats`. Begin with `Figure`.

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::stats::{Spread, paired};

/// A measured value of one client, or of a comparison, with every round.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "Stored")]
pub struct Figure {
    name: String,
    unit: Unit,
    spread: Spread,
    rounds: Vec<f64>,
}

impl Figure {
    /// Creates a figure of some rounds; none without rounds.
    pub fn new(name: impl Into<String>, unit: Unit, rounds: Vec<f64>) -> Option<Self> {
        Some(Self { name: name.into(), unit, spread: Spread::of(&rounds)?, rounds })
    }

    /// Compares two figures round by round.
    pub(super) fn compared(&self, other: &Self, unit: Unit, compare: fn(f64, f64) -> f64) -> Option<Self> {
        Self::new("", unit, paired(&self.rounds, &other.rounds, compare))
    }

    /// Returns the figure with another name.
    pub(super) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Returns the name: of the client, or empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the unit.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Returns the median with its interval.
    pub fn spread(&self) -> &Spread {
        &self.spread
    }

    /// Returns the median.
    pub fn median(&self) -> f64 {
        self.spread.median
    }

    pub(super) fn show(&self) -> String {
        let shown = self.unit.show_interval(self.spread.median, self.spread.interval);
        if self.name.is_empty() { shown } else { format!("{} {shown}", self.name) }
    }
}

/// What is read of a figure: the rest follows from the rounds.
#[derive(Deserialize)]
struct Stored {
    name: String,
    unit: Unit,
    /// JSON has no infinity, so that the division by zero of a round is `null`.
    rounds: Vec<Option<f64>>,
}

impl TryFrom<Stored> for Figure {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let rounds = stored.rounds.into_iter().map(|round| round.unwrap_or(f64::NAN)).collect();
        Self::new(stored.name, stored.unit, rounds).ok_or("a figure without rounds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_figure_is_read_with_its_interval() {
        let figure = Figure::new("kandy", Unit::PerSecond, (1..=10).map(f64::from).collect()).expect("rounds");
        let stored = serde_json::to_string(&figure).expect("JSON");
        assert!(stored.contains(r#""interval":{"low":2.0,"high":9.0,"kind":"confidence"}"#), "{stored}");
        let read: Figure = serde_json::from_str(&stored).expect("a figure");
        assert_eq!((read.show(), read.spread().interval), (figure.show(), figure.spread().interval));
    }

    #[test]
    fn a_round_that_is_no_number_is_read() {
        let infinite = Figure::new("", Unit::Ratio, vec![1.0, f64::INFINITY]).expect("rounds");
        let stored = serde_json::to_string(&infinite).expect("JSON");
        assert!(serde_json::from_str::<Figure>(&stored).is_ok(), "{stored}");
        assert!(serde_json::from_str::<Figure>(r#"{"name":"","unit":"ratio","rounds":[]}"#).is_err());
    }
}
