//! The ratios of a part: a mark at the median, a bar for the interval, and a line at the target.
//!
//! Depends on `svg`, `scale`, `mark` and `report`. Begin with `draw`.

use super::{
    mark::Mark,
    scale::Scale,
    svg::{Anchor, Svg, wrapped},
};
use crate::report::{Figure, Row, Section, Target, Unit, Verdict};

const WIDTH: f64 = 960.0;
/// The width of the texts on the left.
const LABELS: f64 = 380.0;
/// The ends of the axis.
const AXIS: (f64, f64) = (405.0, 750.0);
/// The place of the texts on the right.
const RESULTS: f64 = 768.0;
const HEAD: f64 = 72.0;
const ROW: f64 = 40.0;
/// Below the rows: the ticks and the legend.
const FOOT: f64 = 66.0;

/// A row with a ratio.
struct Ratio<'a> {
    row: &'a Row,
    figure: &'a Figure,
    target: Option<Target>,
}

impl Ratio<'_> {
    fn values(&self) -> impl Iterator<Item = f64> + Clone + use<> {
        let interval = self.figure.spread().interval;
        [Some(interval.low), Some(interval.high), self.target.map(Target::value)].into_iter().flatten()
    }
}

/// Draws the ratios; none if there are none.
pub(super) fn draw(section: &Section) -> Option<String> {
    let ratios = section.rows().iter().filter_map(|row| {
        let (figure, target) = row.result()?;
        let ratio = Ratio { row, figure, target };
        (figure.unit() == Unit::Ratio && ratio.values().all(f64::is_finite)).then_some(ratio)
    });
    let ratios: Vec<_> = ratios.collect();
    if ratios.is_empty() {
        return None;
    }
    let bottom = HEAD + ROW * ratios.len() as f64;
    let mut svg = Svg::new(WIDTH, bottom + FOOT, section.title(), &description(&ratios));
    let scale = Scale::around(ratios.iter().flat_map(Ratio::values).collect::<Vec<_>>().into_iter(), AXIS);
    let kind = if scale.is_log() { "ratio, logarithmic" } else { "ratio" };
    svg.words(
        "text muted",
        Anchor::Start,
        16.0,
        50.0,
        &format!("{kind}: median, and its 95 % interval where it has rounds"),
    );
    for tick in scale.ticks() {
        let x = scale.place(tick);
        svg.line("grid", (x, HEAD), (x, bottom));
        svg.words("text muted", Anchor::Middle, x, bottom + 18.0, &tick_label(tick));
    }
    for (at, ratio) in ratios.iter().enumerate() {
        draw_ratio(&mut svg, &scale, HEAD + ROW * at as f64, ratio);
    }
    legend(&mut svg, bottom + 48.0);
    Some(svg.finish())
}

fn draw_ratio(svg: &mut Svg, scale: &Scale, top: f64, ratio: &Ratio<'_>) {
    let middle = top + ROW / 2.0;
    let lines = wrapped(ratio.row.what(), LABELS, 2);
    let first = if lines.len() > 1 { middle - 4.0 } else { middle + 4.0 };
    for (at, line) in lines.iter().enumerate() {
        svg.words("text", Anchor::Start, 16.0, first + 16.0 * at as f64, line);
    }
    if let Some(target) = ratio.target {
        let x = scale.place(target.value());
        svg.line("target", (x, top + 4.0), (x, top + ROW - 4.0));
        // Points to the side that passes.
        let tip = match target {
            Target::AtLeast(_) => x + 7.0,
            Target::AtMost(_) => x - 7.0,
        };
        svg.polygon("side", &[(x, top + 3.0), (tip, top + 7.0), (x, top + 11.0)]);
    }
    let (mark, class, word) = Mark::of(ratio.row.verdict());
    let spread = ratio.figure.spread();
    let (low, high) = (scale.place(spread.interval.low), scale.place(spread.interval.high));
    if low < high {
        svg.line(&format!("bar {class}"), (low, middle), (high, middle));
    }
    mark.draw(svg, class, (scale.place(spread.median), middle));
    let shown = Unit::Ratio.show_interval(spread.median, spread.interval);
    let verdict = ratio.row.verdict();
    let baseline = if verdict == Verdict::Shown { middle + 4.0 } else { middle - 4.0 };
    svg.words("text", Anchor::Start, RESULTS, baseline, &shown);
    if verdict != Verdict::Shown {
        svg.words(&format!("text word {class}"), Anchor::Start, RESULTS, middle + 12.0, word);
    }
}

fn legend(svg: &mut Svg, baseline: f64) {
    let mut x = 24.0;
    for (verdict, words) in [
        (Verdict::Pass, "pass"),
        (Verdict::Unclear, "unclear: the interval contains the target"),
        (Verdict::Miss, "miss"),
        (Verdict::Shown, "no target"),
    ] {
        let (mark, class, _) = Mark::of(verdict);
        mark.draw(svg, class, (x, baseline - 4.0));
        svg.words("text muted", Anchor::Start, x + 14.0, baseline, words);
        x += 14.0 + super::svg::width(words) + 24.0;
    }
    svg.line("target", (x, baseline - 13.0), (x, baseline + 3.0));
    svg.polygon("side", &[(x, baseline - 13.0), (x + 7.0, baseline - 9.0), (x, baseline - 5.0)]);
    svg.words("text muted", Anchor::Start, x + 14.0, baseline, "target, and the side that passes");
}

/// Formats a tick without trailing zeros.
fn tick_label(tick: f64) -> String {
    let text = format!("{tick:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Describes the plot by its figures.
fn description(ratios: &[Ratio<'_>]) -> String {
    let lines = ratios.iter().map(|ratio| {
        let spread = ratio.figure.spread();
        let target = ratio.target.map_or(String::new(), |target| {
            format!(", target {}, {}", target.show(Unit::Ratio), ratio.row.verdict().label())
        });
        format!("{}: {}{target}", ratio.row.what(), Unit::Ratio.show_interval(spread.median, spread.interval))
    });
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::svg_check::check;

    fn section() -> Section {
        let ratio = |rounds: &[f64]| Figure::new("", Unit::Ratio, rounds.to_vec());
        let mut section = Section::new("A <part> & more");
        section.add(Row::new("a < b").figure(ratio(&[0.95; 6])).target(Target::AtLeast(0.9)));
        let rounds = [0.85, 0.88, 0.91, 0.92, 0.93, 0.94];
        section.add(Row::new("a name that is long ".repeat(9)).figure(ratio(&rounds)).target(Target::AtLeast(0.9)));
        section.add(Row::new("c").figure(ratio(&[1.2])).target(Target::AtMost(1.1)));
        section.add(Row::new("no target").figure(ratio(&[4.5])));
        section.add(Row::new("no ratio").figure(Figure::new("", Unit::Bytes, vec![1.0])));
        section.add(Row::new("infinite").figure(ratio(&[f64::INFINITY])));
        section
    }

    #[test]
    fn each_ratio_has_a_mark_an_interval_and_a_word() {
        let svg = draw(&section()).expect("ratios");
        let texts = check(&svg);
        for text in ["A <part> & more", "a < b", "pass", "unclear, median passes", "miss", "0.915 (0.850–0.940)"] {
            assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
        }
        assert!(!svg.contains("no ratio") && !svg.contains("infinite"), "{svg}");
        // One of a row, and one of the legend.
        for class in ["shape filled pass", "shape open unclear", "shape filled none"] {
            assert_eq!(svg.matches(&format!(r#"class="{class}""#)).count(), 2, "{class}");
        }
        // A cross has two lines. Only one interval is not a point.
        assert_eq!((svg.matches(r#""bar miss""#).count(), svg.matches(r#""bar unclear""#).count()), (4, 1));
    }

    #[test]
    fn a_target_is_between_what_passes_and_what_misses() {
        let mut section = Section::new("x");
        section.add(Row::new("x").figure(Figure::new("", Unit::Ratio, vec![1.0])).target(Target::AtLeast(0.9)));
        let svg = draw(&section).expect("a ratio");
        check(&svg);
        // The axis is from 0.9 to 1.0, with 6 % room on each side of 345 pixels; the triangle points to the right.
        assert!(svg.contains(r#"<line class="target" x1="423.5" y1="76.0" x2="423.5" y2="108.0"/>"#), "{svg}");
        assert!(svg.contains(r#"<polygon class="side" points="423.5,75.0 430.5,79.0 423.5,83.0"/>"#), "{svg}");
        assert!(svg.contains(r#"<circle class="shape filled pass" cx="731.5" cy="92.0" r="5.0"/>"#), "{svg}");
    }

    #[test]
    fn a_part_without_ratios_has_no_plot() {
        assert_eq!(draw(&Section::new("x")), None);
    }
}
