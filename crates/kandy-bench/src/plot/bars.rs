//! Clients beside each other: a panel for each measurement, and a bar for each client.
//!
//! A row compares the first client (A) with another one (B). Rows that follow each other and have the same measurement make a
//! panel: `throughput, 1 in flight: kandy / reqwest`.
//!
//! Depends on `svg`, `scale` and `report`. Begin with `draw`.

use super::{
    scale::Scale,
    svg::{Anchor, Svg, wrapped},
};
use crate::report::{Figure, Row, Section, Unit};

const WIDTH: f64 = 960.0;
const LABELS: f64 = 400.0;
/// The ends of the bars.
const AXIS: (f64, f64) = (420.0, 760.0);
const HEAD: f64 = 48.0;
const BAR: f64 = 26.0;
/// The title of a panel, with the space above it.
const PANEL: f64 = 44.0;
/// The end of the part of a name that names the measurement.
const SEPARATOR: &str = ": ";

/// A measurement of all clients.
struct Panel<'a> {
    what: &'a str,
    bars: Vec<Bar<'a>>,
}

struct Bar<'a> {
    client: String,
    figure: &'a Figure,
}

/// Draws the panels; none if there are none.
pub(super) fn draw(section: &Section) -> Option<String> {
    let panels = panels(section);
    if panels.is_empty() {
        return None;
    }
    let height: f64 = panels.iter().map(|panel| PANEL + BAR * panel.bars.len() as f64).sum();
    let mut svg = Svg::new(WIDTH, HEAD + height + 16.0, section.title(), &description(&panels));
    let mut top = HEAD;
    for panel in &panels {
        let better = if panel.bars[0].figure.unit() == Unit::PerSecond { "more is better" } else { "less is better" };
        let title = format!("{} ({better})", panel.what);
        svg.words("text strong", Anchor::Start, 16.0, top + 26.0, &title);
        top += PANEL;
        let most = panel.bars.iter().map(|bar| bar.figure.spread().interval.high).fold(0.0, f64::max);
        let scale = Scale::from_zero(most, AXIS);
        for (at, bar) in panel.bars.iter().enumerate() {
            draw_bar(&mut svg, &scale, top, bar, at == 0);
            top += BAR;
        }
    }
    Some(svg.finish())
}

fn draw_bar(svg: &mut Svg, scale: &Scale, top: f64, bar: &Bar<'_>, is_first: bool) {
    let (middle, weight) = (top + BAR / 2.0, if is_first { " strong" } else { "" });
    let name = wrapped(&bar.client, LABELS, 1).join(" ");
    svg.words(&format!("text{weight}"), Anchor::End, AXIS.0 - 12.0, middle + 4.0, &name);
    let spread = bar.figure.spread();
    let class = if is_first { "filled first" } else { "filled other" };
    svg.rect(class, AXIS.0, top + 3.0, scale.place(spread.median) - AXIS.0, BAR - 6.0);
    let (low, high) = (scale.place(spread.interval.low), scale.place(spread.interval.high));
    if low < high {
        svg.line("whisker", (low, middle), (high, middle));
        for end in [low, high] {
            svg.line("whisker", (end, middle - 4.0), (end, middle + 4.0));
        }
    }
    let shown = bar.figure.unit().show_interval(spread.median, spread.interval);
    svg.words(&format!("text{weight}"), Anchor::Start, AXIS.1 + 14.0, middle + 4.0, &shown);
}

/// Groups the rows. Rows without figures, as of a client that is not installed, are left out.
fn panels(section: &Section) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for row in section.rows() {
        let Some((what, own, others)) = figures(row) else { continue };
        let (what, detail) = split_detail(what);
        let named = |figure: &Figure, detail: &str| format!("{}{detail}", figure.name());
        let panel = match panels.last_mut() {
            // A row may name the measurement more briefly: `size, stripped` and `size (packages)`.
            Some(panel) if panel.what.starts_with(what) && panel.bars[0].figure.unit() == own.unit() => panel,
            _ => {
                panels.push(Panel { what, bars: vec![Bar { client: named(own, ""), figure: own }] });
                match panels.last_mut() {
                    Some(panel) => panel,
                    None => continue,
                }
            }
        };
        panel.bars.push(Bar { client: named(others, detail), figure: others });
    }
    panels
}

/// Returns the measurement of a row with the two figures.
fn figures(row: &Row) -> Option<(&str, &Figure, &Figure)> {
    let (what, _) = row.what().rsplit_once(SEPARATOR)?;
    let [own, other] = row.compared_figures();
    // Without a ratio, the figure of the other is the result.
    let other = other.as_ref().or_else(|| row.result().map(|(figure, _)| figure))?;
    Some((what, own.as_ref()?, other))
}

/// Splits what is particular to a client from the measurement: `memory (from 1,000 threads)`.
fn split_detail(what: &str) -> (&str, &str) {
    let end = what.find(" (").unwrap_or(what.len());
    what.split_at(end)
}

/// Describes the plot by its figures.
fn description(panels: &[Panel<'_>]) -> String {
    let panels = panels.iter().map(|panel| {
        let bars =
            panel.bars.iter().map(|bar| format!("{} {}", bar.client, bar.figure.unit().show(bar.figure.median())));
        format!("{}: {}", panel.what, bars.collect::<Vec<_>>().join(", "))
    });
    panels.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::svg_check::check;

    fn section() -> Section {
        let figure = |name: &str, unit, rounds: &[f64]| Figure::new(name, unit, rounds.to_vec());
        let own = || figure("kandy", Unit::PerSecond, &[10_000.0; 6]);
        let mut section = Section::new("Beside other clients");
        let rounds = [4e3, 5e3, 5e3, 5e3, 5e3, 6e3];
        section.add(Row::new("throughput: kandy / a & b").ratio(own(), figure("a & b", Unit::PerSecond, &rounds)));
        section.add(Row::new("throughput: kandy / c").ratio(own(), figure("c", Unit::PerSecond, &[20_000.0])));
        section.add(Row::new("throughput: kandy / d").unknown("d is not installed"));
        let bytes = |name: &str, size| figure(name, Unit::Bytes, &[size]);
        section.add(Row::new("memory, all (from 10 threads): kandy / c").ratio(bytes("kandy", 1e6), bytes("c", 2e6)));
        let none = Row::new("memory (packages): kandy / e").operands(bytes("kandy", 1e6), None);
        section.add(none.figure(bytes("e", 0.0)));
        section
    }

    #[test]
    fn each_measurement_has_a_panel_with_a_bar_for_each_client() {
        let svg = draw(&section()).expect("panels");
        let texts = check(&svg);
        for text in [
            "throughput (more is better)",
            "memory, all (less is better)",
            "kandy",
            "a & b",
            "5.00 k/s (4.00–6.00)",
            "c (from 10 threads)",
            "e (packages)",
        ] {
            assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
        }
        assert_eq!(texts.iter().filter(|text| *text == "kandy").count(), 2);
        assert!(!svg.contains("not installed"), "{svg}");
        // Half of the longest bar, which is 340 wide.
        assert!(
            svg.contains(r#"<rect class="filled first" x="420.0" y="95.0" width="170.0" height="20.0"/>"#),
            "{svg}"
        );
    }

    #[test]
    fn a_part_that_compares_nothing_has_no_plot() {
        assert_eq!(draw(&Section::new("Beside other clients")), None);
    }
}
