//! Rows: two figures, their comparison, the target and the verdict.
//!
//! Depends on `unit` and `stats`. Begin with `Row`.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::Unit;
use crate::stats::{Spread, paired};

/// A measured value of one client, or of a comparison, with every round.
#[derive(Clone, Debug, Serialize)]
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

    /// Returns the median.
    pub fn median(&self) -> f64 {
        self.spread.median
    }

    pub(super) fn show(&self) -> String {
        let shown = self.unit.show_spread(self.spread);
        if self.name.is_empty() { shown } else { format!("{} {shown}", self.name) }
    }
}

/// The target of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// At least this value.
    AtLeast(f64),
    /// At most this value.
    AtMost(f64),
}

/// The verdict on a figure, without rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The figure meets its target.
    Pass,
    /// The figure misses its target.
    Miss,
    /// The figure could not be measured.
    Unknown,
    /// The figure has no target.
    Shown,
}

impl Target {
    /// Judges a figure.
    pub fn judge(self, figure: f64) -> Verdict {
        let passes = match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        };
        if passes { Verdict::Pass } else { Verdict::Miss }
    }

    fn show(self, unit: Unit) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", short(unit, least)),
            Self::AtMost(most) => format!("≤ {}", short(unit, most)),
        }
    }
}

/// Formats a target: `0.97`, not `0.970`.
fn short(unit: Unit, figure: f64) -> String {
    if unit == Unit::Ratio { format!("{figure}") } else { unit.show(figure) }
}

/// The result of a row.
#[derive(Clone, Debug)]
enum Finding {
    Figure(Figure),
    Truth(bool, String),
    Unknown(String),
}

/// A row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    what: String,
    operands: [Option<Figure>; 2],
    finding: Option<Finding>,
    target: Option<Target>,
}

impl Row {
    /// Creates a row.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), operands: [None, None], finding: None, target: None }
    }

    /// Sets the two compared figures.
    pub fn operands(mut self, a: Option<Figure>, b: Option<Figure>) -> Self {
        self.operands = [a, b];
        self
    }

    /// Sets the result: of the comparison, or of the row alone.
    pub fn figure(mut self, figure: Option<Figure>) -> Self {
        self.finding = Some(figure.map_or_else(|| Finding::Unknown("no rounds".to_owned()), Finding::Figure));
        self
    }

    /// Compares by the ratio of `a` and `b`, round by round.
    pub fn ratio(self, a: Option<Figure>, b: Option<Figure>) -> Self {
        self.compared("", Unit::Ratio, a, b, |a, b| a / b)
    }

    /// Compares by the difference of `a` and `b`, round by round.
    pub fn added(self, a: Option<Figure>, b: Option<Figure>) -> Self {
        let unit = a.as_ref().map_or(Unit::Count, |a| a.unit);
        self.compared("", unit, a, b, |a, b| a - b)
    }

    fn compared(
        self,
        name: &str,
        unit: Unit,
        a: Option<Figure>,
        b: Option<Figure>,
        compare: fn(f64, f64) -> f64,
    ) -> Self {
        let rounds = a.as_ref().zip(b.as_ref()).map(|(a, b)| paired(&a.rounds, &b.rounds, compare));
        let figure = Figure::new(name, unit, rounds.unwrap_or_default());
        self.operands(a, b).figure(figure)
    }

    /// Returns the result of a comparison as a figure.
    pub fn into_figure(self, name: &str) -> Option<Figure> {
        match self.finding {
            Some(Finding::Figure(figure)) => Some(Figure { name: name.to_owned(), ..figure }),
            _ => None,
        }
    }

    /// Sets a result that is true or false, with its text.
    pub fn truth(mut self, is_so: bool, text: impl Into<String>) -> Self {
        self.finding = Some(Finding::Truth(is_so, text.into()));
        self
    }

    /// Sets the reason why the row could not be measured.
    pub fn unknown(mut self, why: impl Into<String>) -> Self {
        self.finding = Some(Finding::Unknown(why.into()));
        self
    }

    /// Sets the target.
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Returns the verdict.
    pub fn verdict(&self) -> Verdict {
        match (&self.finding, self.target) {
            (Some(Finding::Figure(figure)), Some(target)) => target.judge(figure.median()),
            (Some(Finding::Truth(is_so, _)), _) => {
                if *is_so {
                    Verdict::Pass
                } else {
                    Verdict::Miss
                }
            }
            (Some(Finding::Unknown(_)), _) => Verdict::Unknown,
            _ => Verdict::Shown,
        }
    }

    /// Returns the cells of a table.
    pub(super) fn cells(&self) -> [String; 6] {
        let [a, b] = &self.operands;
        let client = |client: &Option<Figure>| client.as_ref().map(Figure::show).unwrap_or_default();
        let (finding, unit) = match &self.finding {
            Some(Finding::Figure(figure)) => (figure.show(), figure.unit),
            Some(Finding::Truth(_, text)) => (text.clone(), Unit::Count),
            Some(Finding::Unknown(why)) => (why.clone(), Unit::Count),
            None => (String::new(), Unit::Count),
        };
        let target = match (&self.finding, self.target) {
            (Some(Finding::Figure(_)), Some(target)) => target.show(unit),
            _ => String::new(),
        };
        let verdict = match self.verdict() {
            Verdict::Pass => "pass",
            Verdict::Miss => "miss",
            Verdict::Unknown => "unknown",
            Verdict::Shown => "",
        };
        [self.what.clone(), client(a), client(b), finding, target, verdict.to_owned()]
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 7)?;
        row.serialize_field("what", &self.what)?;
        row.serialize_field("a", &self.operands[0])?;
        row.serialize_field("b", &self.operands[1])?;
        let (figure, text) = match &self.finding {
            Some(Finding::Figure(figure)) => (Some(figure), None),
            Some(Finding::Truth(_, text) | Finding::Unknown(text)) => (None, Some(text)),
            None => (None, None),
        };
        row.serialize_field("figure", &figure)?;
        row.serialize_field("said", &text)?;
        row.serialize_field("target", &self.target)?;
        row.serialize_field("verdict", &self.verdict())?;
        row.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(rounds: &[f64]) -> Option<Figure> {
        Figure::new("client", Unit::PerSecond, rounds.to_vec())
    }

    #[test]
    fn a_target_is_met_at_its_edge_and_missed_beyond_it() {
        assert_eq!(Target::AtLeast(0.97).judge(0.97), Verdict::Pass);
        assert_eq!(Target::AtLeast(0.97).judge(0.969_999), Verdict::Miss);
        assert_eq!(Target::AtMost(1.05).judge(1.05), Verdict::Pass);
        assert_eq!(Target::AtMost(1.05).judge(1.050_001), Verdict::Miss);
        assert_eq!(Target::AtMost(1.05).judge(f64::NAN), Verdict::Miss);
    }

    #[test]
    fn a_ratio_is_of_rounds_and_not_of_medians() {
        // The medians are equal, but in most rounds one is half of the other.
        let row = Row::new("x").ratio(figure(&[1.0, 2.0, 3.0]), figure(&[2.0, 4.0, 1.0])).target(Target::AtLeast(0.9));
        assert_eq!(row.verdict(), Verdict::Miss);
        assert!(row.cells()[3].starts_with("0.500"), "{:?}", row.cells());
    }

    #[test]
    fn a_difference_keeps_its_unit() {
        let a = Figure::new("a", Unit::Seconds, vec![5e-6]);
        let b = Figure::new("b", Unit::Seconds, vec![3e-6]);
        let row = Row::new("x").added(a, b).target(Target::AtMost(3e-6));
        assert_eq!(row.cells(), ["x", "a 5.00 µs", "b 3.00 µs", "2.00 µs", "≤ 3.00 µs", "pass"].map(str::to_owned));
    }

    #[test]
    fn what_was_not_measured_never_passes() {
        assert_eq!(Row::new("x").unknown("no such tool").target(Target::AtMost(1.0)).verdict(), Verdict::Unknown);
        assert_eq!(Row::new("x").ratio(None, figure(&[1.0])).target(Target::AtMost(1.0)).verdict(), Verdict::Unknown);
        assert_eq!(Row::new("x").figure(figure(&[1.0])).verdict(), Verdict::Shown);
        assert_eq!(Row::new("x").truth(false, "it is not so").verdict(), Verdict::Miss);
    }
}
