//! The report: rows with their rounds, as tables and as JSON.
//!
//! Depends on `stats`. Begin with [`Report`].

mod curve;
mod figure;
mod machine;
mod row;
mod section;
mod table;
mod unit;
mod verdict;

use serde::{Deserialize, Serialize};

pub use curve::{Curve, FLAT, Point, count};
pub use figure::Figure;
pub use machine::Machine;
pub(crate) use machine::{kilobytes, member};
pub use row::Row;
pub use section::Section;
pub use unit::Unit;
pub use verdict::{Tally, Target, Verdict};

/// The results of one run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// Whether it was a quick run, whose figures are rough.
    pub quick: bool,
    /// The parts.
    pub sections: Vec<Section>,
}

impl Report {
    /// Counts the rows by verdict.
    pub fn tally(&self) -> Tally {
        self.sections.iter().flat_map(Section::rows).map(Row::verdict).collect()
    }

    /// Counts the verdicts in tables of Markdown.
    pub fn tally_of_tables(markdown: &str) -> Tally {
        let lines = markdown.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
        lines.filter_map(|line| Verdict::from_label(line.rsplit(" | ").next()?)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_counted_as_the_rows_are() {
        let figure = |rounds: &[f64]| Figure::new("", Unit::Ratio, rounds.to_vec());
        let mut section = Section::new("A part");
        for rounds in [&[1.0][..], &[0.5], &[0.5, 1.0, 1.0], &[0.5, 0.5, 1.0]] {
            section.add(Row::new("x").figure(figure(rounds)).target(Target::AtLeast(0.9)));
        }
        section.add(Row::new("y").unknown("no such tool"));
        section.add(Row::new("z").skipped("quick"));
        section.add(Row::new("shown").figure(figure(&[1.0])));
        let markdown = section.markdown();
        let report = Report { machine: Machine::this(), quick: false, sections: vec![section] };
        assert_eq!(report.tally().to_string(), "1 pass, 3 miss (2 of them unclear), 1 unknown, 1 skipped");
        assert_eq!(Report::tally_of_tables(&markdown), report.tally());
    }
}
