//! The report: rows with their rounds, as tables and as JSON.
//!
//! Depends on `stats`. Begin with [`Report`].

mod curve;
mod docs;
mod machine;
mod row;
mod table;
mod unit;

use serde::Serialize;

pub use curve::{Curve, FLAT, count};
pub use docs::{BEGIN, END, between_markers};
pub use machine::Machine;
pub(crate) use machine::{kilobytes, member};
pub use row::{Figure, Row, Target, Verdict};
pub use unit::Unit;

const HEAD: [&str; 6] = ["measurement", "A", "B", "median (middle half)", "target", "verdict"];

/// The rows of one part, and its curves.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    title: &'static str,
    rows: Vec<Row>,
    curves: Vec<Curve>,
}

impl Section {
    /// Creates a section without rows.
    pub fn new(title: &'static str) -> Self {
        Self { title, rows: Vec::new(), curves: Vec::new() }
    }

    /// Adds a row.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Adds a curve, and the row with its verdict.
    pub fn add_curve(&mut self, curve: Curve) {
        self.rows.push(curve.row());
        self.curves.push(curve);
    }

    /// Formats the section as a table for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("\n{}\n\n{}", self.title, table::plain(&self.lines()));
        if !self.curves.is_empty() {
            let curves: Vec<_> = self.curves.iter().flat_map(Curve::cells).collect();
            text.push_str(&format!("\n{}", table::plain(&curves)));
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n{}\n", self.title, table::markdown(&self.lines()));
        for curve in &self.curves {
            let [amounts, costs] = curve.cells();
            text.push_str(&format!("{}\n", table::markdown(&[amounts, costs])));
        }
        text
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let head = HEAD.map(str::to_owned).to_vec();
        std::iter::once(head).chain(self.rows.iter().map(|row| row.cells().to_vec())).collect()
    }
}

/// The results of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The machine.
    pub machine: Machine,
    /// Whether it was a quick run, whose figures are rough.
    pub quick: bool,
    /// The parts.
    pub sections: Vec<Section>,
}

impl Report {
    /// Counts the rows that pass, miss and are unknown.
    pub fn summary(&self) -> String {
        let rows = || self.sections.iter().flat_map(|section| &section.rows);
        let number = |verdict| rows().filter(|row| row.verdict() == verdict).count();
        format!("{} pass, {} miss, {} unknown", number(Verdict::Pass), number(Verdict::Miss), number(Verdict::Unknown))
    }

    /// Formats the report for the docs.
    pub fn markdown(&self) -> String {
        let mut text = format!("Measured on {}. {}.\n\n", self.machine, self.summary());
        if self.quick {
            text.push_str("This was a quick run (`--quick`), with fewer calls than named: the figures are rough.\n\n");
        }
        for section in &self.sections {
            text.push_str(&section.markdown());
        }
        text
    }
}
