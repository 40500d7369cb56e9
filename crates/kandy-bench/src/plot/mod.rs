//! Plots of a report as SVG: the ratios of a part with their intervals and targets, its curves, and the bars of the clients.
//!
//! ```text
//! intervals  a row for each ratio
//! curves     a line for each curve
//! bars       a panel for each measurement of the part "Beside other clients"
//! svg        elements and texts
//! scale      from values to places, and ticks
//! style      colours, light and dark
//! ```
//!
//! Depends on `report`. Begin with [`plots`].

mod bars;
mod curves;
mod intervals;
mod mark;
mod scale;
mod style;
mod svg;
#[cfg(test)]
mod svg_check;

use crate::report::{Report, Section};

/// The part whose rows compare clients, and are shown as bars.
const CLIENTS: &str = "Beside other clients";

/// A plot of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    /// The name of the file.
    pub file: String,
    /// What is to be seen, for those who do not see it.
    pub description: String,
    /// The file.
    pub svg: String,
}

/// Draws the plots of a part; none if it has no ratios and no curves.
pub fn plots(section: &Section) -> Vec<Plot> {
    let title = section.title();
    let plot = |ending: &str, description: String, svg: Option<String>| {
        svg.map(|svg| Plot { file: format!("{}{ending}.svg", slug(title)), description, svg })
    };
    let compared = match title {
        CLIENTS => plot("", format!("{title}, as bars"), bars::draw(section)),
        _ => plot("", format!("{title}: ratios with 95 % intervals and targets"), intervals::draw(section)),
    };
    let curves = plot("-curves", format!("{title}: cost by number"), curves::draw(section));
    compared.into_iter().chain(curves).collect()
}

/// Draws the plots of all parts of a report.
pub fn all(report: &Report) -> Vec<Plot> {
    report.sections.iter().flat_map(plots).collect()
}

/// Returns a title as the name of a file: `a-list-of-100-000-users`.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Curve, Figure, Row, Target, Unit};

    #[test]
    fn a_title_becomes_the_name_of_a_file() {
        assert_eq!(slug("A list of 100,000 users"), "a-list-of-100-000-users");
        assert_eq!(slug("The emulator: speed"), "the-emulator-speed");
    }

    #[test]
    fn a_part_has_the_plots_of_what_it_measures() {
        let mut section = Section::new("A part");
        assert_eq!(plots(&section), []);
        section.add(Row::new("memory").figure(Figure::new("", Unit::Bytes, vec![1.0])).target(Target::AtMost(2.0)));
        assert_eq!(plots(&section), []);
        let mut curve = Curve::new("cost");
        for n in [1, 10, 100] {
            curve.add(n, 1.0);
        }
        section.add_curve(curve);
        let files: Vec<_> = plots(&section).into_iter().map(|plot| plot.file).collect();
        assert_eq!(files, ["a-part.svg", "a-part-curves.svg"]);
    }
}
