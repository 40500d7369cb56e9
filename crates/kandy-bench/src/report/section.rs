//! Sections: the rows of one part, and its curves.
//!
//! Depends on `row`, `curve` and `table`. Begin with `Section`.

use serde::{Deserialize, Serialize};

use super::{Curve, Row, table};

/// The heads of the columns.
const HEAD: [&str; 6] = ["measurement", "A", "B", "median (95 % interval)", "target", "verdict"];

/// The rows of one part, and its curves.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Section {
    title: String,
    rows: Vec<Row>,
    curves: Vec<Curve>,
}

impl Section {
    /// Creates a section without rows.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), rows: Vec::new(), curves: Vec::new() }
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

    /// Returns the title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Returns the rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Returns the curves.
    pub fn curves(&self) -> &[Curve] {
        &self.curves
    }

    /// Formats the section as a table for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("\n{}\n\n{}", self.title, table::plain(&self.lines()));
        if !self.curves.is_empty() {
            let curves: Vec<_> = self.curves.iter().flat_map(Curve::cells).collect();
            text.push_str(&format!("\n{}", table::plain(&curves)));
        }
        for note in self.notes() {
            text.push_str(&format!("{note}\n"));
        }
        text
    }

    /// Formats the tables and the notes as Markdown, without the title.
    pub fn markdown(&self) -> String {
        let mut text = format!("{}\n", table::markdown(&self.lines()));
        for curve in &self.curves {
            text.push_str(&format!("{}\n", table::markdown(&curve.cells())));
        }
        let notes: Vec<_> = self.notes().collect();
        if !notes.is_empty() {
            text.push_str(&format!("{}\n\n", notes.join("\n")));
        }
        text
    }

    fn notes(&self) -> impl Iterator<Item = String> {
        self.rows.iter().filter_map(Row::note_line)
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let head = HEAD.map(str::to_owned).to_vec();
        std::iter::once(head).chain(self.rows.iter().map(|row| row.cells().to_vec())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Figure, Target, Unit};

    #[test]
    fn notes_follow_the_table() {
        let mut section = Section::new("A part");
        let figure = Figure::new("", Unit::Ratio, vec![0.5]);
        section.add(Row::new("x").figure(figure).target(Target::AtLeast(0.9)).note("half of it is waiting"));
        assert_eq!(
            section.markdown(),
            "| measurement | A | B | median (95 % interval) | target | verdict |\n|---|---|---|---|---|---|\n\
             | x |  |  | 0.500 | ≥ 0.9 | miss |\n\n* x: half of it is waiting\n\n"
        );
        assert!(section.text().ends_with("miss\n* x: half of it is waiting\n"), "{}", section.text());
    }
}
