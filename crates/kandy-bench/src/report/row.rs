//! Rows: two figures, their comparison, the target and the verdict.
//!
//! Depends on `figure` and `verdict`. Begin with `Row`.

use serde::{Deserialize, Serialize};

use super::{Figure, Target, Unit, Verdict};

/// The result of a row.
#[derive(Clone, Debug)]
enum Finding {
    Figure(Figure),
    Truth(bool, String),
    Unknown(String),
    Skipped(String),
}

/// A row of the table.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Row {
    what: String,
    operands: [Option<Figure>; 2],
    finding: Option<Finding>,
    target: Option<Target>,
    note: Option<String>,
}

impl Row {
    /// Creates a row.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), operands: [None, None], finding: None, target: None, note: None }
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
        self.compared(Unit::Ratio, a, b, |a, b| a / b)
    }

    /// Compares by the difference of `a` and `b`, round by round.
    pub fn added(self, a: Option<Figure>, b: Option<Figure>) -> Self {
        let unit = a.as_ref().map_or(Unit::Count, Figure::unit);
        self.compared(unit, a, b, |a, b| a - b)
    }

    fn compared(self, unit: Unit, a: Option<Figure>, b: Option<Figure>, compare: fn(f64, f64) -> f64) -> Self {
        let figure = a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.compared(b, unit, compare));
        self.operands(a, b).figure(figure)
    }

    /// Returns the result of a comparison as a figure.
    pub fn into_figure(self, name: &str) -> Option<Figure> {
        match self.finding {
            Some(Finding::Figure(figure)) => Some(figure.named(name)),
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

    /// Sets the reason why the row is not measured in this run.
    pub fn skipped(mut self, why: impl Into<String>) -> Self {
        self.finding = Some(Finding::Skipped(why.into()));
        self
    }

    /// Sets the target.
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Sets a note, which is shown below the table: what explains the figure, or was tried for it.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Returns what is measured.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// Returns the two compared figures.
    pub fn compared_figures(&self) -> &[Option<Figure>; 2] {
        &self.operands
    }

    /// Returns the result, with its target; none if there is no figure.
    pub fn result(&self) -> Option<(&Figure, Option<Target>)> {
        match &self.finding {
            Some(Finding::Figure(figure)) => Some((figure, self.target)),
            _ => None,
        }
    }

    /// Returns the verdict.
    pub fn verdict(&self) -> Verdict {
        match (&self.finding, self.target) {
            (Some(Finding::Figure(figure)), Some(target)) => target.judge(figure.spread()),
            (Some(Finding::Truth(true, _)), _) => Verdict::Pass,
            (Some(Finding::Truth(false, _)), _) => Verdict::Miss,
            (Some(Finding::Unknown(_)), _) => Verdict::Unknown,
            (Some(Finding::Skipped(_)), _) => Verdict::Skipped,
            _ => Verdict::Shown,
        }
    }

    /// Returns the cells of a table.
    pub(super) fn cells(&self) -> [String; 6] {
        let [a, b] = &self.operands;
        let client = |client: &Option<Figure>| client.as_ref().map(Figure::show).unwrap_or_default();
        let (finding, target) = match &self.finding {
            Some(Finding::Figure(figure)) => {
                (figure.show(), self.target.map(|target| target.show(figure.unit())).unwrap_or_default())
            }
            Some(Finding::Truth(_, text) | Finding::Unknown(text) | Finding::Skipped(text)) => {
                (text.clone(), String::new())
            }
            None => (String::new(), String::new()),
        };
        [self.what.clone(), client(a), client(b), finding, target, self.verdict().label().to_owned()]
    }

    /// Returns the line of the note.
    pub(super) fn note_line(&self) -> Option<String> {
        self.note.as_ref().map(|note| format!("* {}: {note}", self.what))
    }
}

/// A row in JSON.
#[derive(Deserialize, Serialize)]
struct Stored {
    what: String,
    a: Option<Figure>,
    b: Option<Figure>,
    figure: Option<Figure>,
    said: Option<String>,
    target: Option<Target>,
    verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        let verdict = row.verdict();
        let [a, b] = row.operands;
        let (figure, said) = match row.finding {
            Some(Finding::Figure(figure)) => (Some(figure), None),
            Some(Finding::Truth(_, text) | Finding::Unknown(text) | Finding::Skipped(text)) => (None, Some(text)),
            None => (None, None),
        };
        Self { what: row.what, a, b, figure, said, target: row.target, verdict, note: row.note }
    }
}

impl From<Stored> for Row {
    fn from(stored: Stored) -> Self {
        let finding = match (stored.figure, stored.said) {
            (Some(figure), _) => Some(Finding::Figure(figure)),
            (None, Some(text)) => Some(match stored.verdict {
                Verdict::Unknown => Finding::Unknown(text),
                Verdict::Skipped => Finding::Skipped(text),
                verdict => Finding::Truth(verdict == Verdict::Pass, text),
            }),
            (None, None) => None,
        };
        let Stored { what, a, b, target, note, .. } = stored;
        Self { what, operands: [a, b], finding, target, note }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(rounds: &[f64]) -> Option<Figure> {
        Figure::new("client", Unit::PerSecond, rounds.to_vec())
    }

    #[test]
    fn a_ratio_is_of_rounds_and_not_of_medians() {
        // The medians are equal, but in most rounds one is half of the other.
        let row = Row::new("x").ratio(figure(&[1.0, 2.0, 3.0]), figure(&[2.0, 4.0, 1.0])).target(Target::AtLeast(0.9));
        assert_eq!(row.verdict(), Verdict::UnclearMiss);
        assert_eq!(row.cells()[3], "0.500 (range 0.500–3.000)");
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
        assert_eq!(Row::new("x").skipped("quick").target(Target::AtMost(1.0)).verdict(), Verdict::Skipped);
        assert_eq!(Row::new("x").ratio(None, figure(&[1.0])).target(Target::AtMost(1.0)).verdict(), Verdict::Unknown);
        assert_eq!(Row::new("x").figure(figure(&[1.0])).verdict(), Verdict::Shown);
        assert_eq!(Row::new("x").truth(false, "it is not so").verdict(), Verdict::Miss);
    }

    #[test]
    fn a_stored_row_is_read_as_it_was() {
        let rows = [
            Row::new("a").ratio(figure(&[1.0]), figure(&[2.0])).target(Target::AtLeast(0.6)).note("why"),
            Row::new("b").truth(true, "it is so"),
            Row::new("c").truth(false, "it is not so"),
            Row::new("d").unknown("no such tool"),
            Row::new("e").skipped("quick"),
            Row::new("f").operands(figure(&[1.0]), None),
        ];
        let stored = serde_json::to_string(&rows.to_vec()).expect("JSON");
        let read: Vec<Row> = serde_json::from_str(&stored).expect("rows");
        for (row, read) in rows.iter().zip(&read) {
            assert_eq!((row.cells(), row.note_line()), (read.cells(), read.note_line()));
        }
    }
}
