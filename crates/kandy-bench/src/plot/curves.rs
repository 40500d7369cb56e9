//! The curves of a part: the cost by the number of items, which is logarithmic.
//!
//! Depends on `svg`, `scale`, `mark` and `report`. Begin with `draw`.

use std::collections::BTreeSet;

use super::{
    mark::Mark,
    scale::Scale,
    svg::{Anchor, Svg, wrapped},
};
use crate::report::{Curve, Point, Section, Unit, count};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 400.0;
/// The ends of the horizontal axis.
const ACROSS: (f64, f64) = (90.0, 640.0);
/// The ends of the vertical axis, from below.
const UPWARDS: (f64, f64) = (340.0, 76.0);
/// The place of the names of the curves.
const NAMES: f64 = 684.0;
/// The least distance between two names.
const NAME: f64 = 58.0;

/// The marks and the classes of the curves, in their order.
const LINES: [(Mark, &str); 4] =
    [(Mark::Circle, "first"), (Mark::Square, "second"), (Mark::Triangle, "third"), (Mark::Diamond, "other")];

/// Draws the curves; none if there are none.
pub(super) fn draw(section: &Section) -> Option<String> {
    let curves: Vec<_> = section.curves().iter().filter(|curve| !curve.points().is_empty()).collect();
    let points = || curves.iter().flat_map(|curve| curve.points());
    let numbers: BTreeSet<u64> = points().map(|point| point.n).collect();
    let most = points().map(|point| point.cost).filter(|cost| cost.is_finite()).max_by(f64::total_cmp)?;
    let ends = (*numbers.first()?, *numbers.last()?);

    let mut svg = Svg::new(WIDTH, HEIGHT, section.title(), &description(&curves));
    svg.words("text muted", Anchor::Start, 16.0, 50.0, "time of each, by number (logarithmic)");
    let across = Scale::log((ends.0.max(1) as f64, ends.1.max(1) as f64), ACROSS);
    let upwards = Scale::from_zero(1.08 * most, UPWARDS);
    for tick in upwards.ticks() {
        let y = upwards.place(tick);
        svg.line("grid", (ACROSS.0, y), (ACROSS.1, y));
        let label = if tick == 0.0 { "0".to_owned() } else { Unit::Seconds.show(tick) };
        svg.words("text muted", Anchor::End, ACROSS.0 - 10.0, y + 4.0, &label);
    }
    for number in numbers {
        let x = across.place(number as f64);
        svg.line("grid", (x, UPWARDS.1), (x, UPWARDS.0));
        svg.words("text muted", Anchor::Middle, x, UPWARDS.0 + 20.0, &count(number));
    }
    let place = |point: &Point| (across.place(point.n as f64), upwards.place(point.cost));
    let mut names: Vec<_> = curves.iter().zip(LINES.iter().cycle()).collect();
    for (curve, (mark, class)) in &names {
        let places: Vec<_> = curve.points().iter().map(place).collect();
        svg.polyline(&format!("line {class}"), &places);
        for place in places {
            mark.draw(&mut svg, class, place);
        }
    }
    // The names are in the order of the last points, apart from each other.
    let last = |curve: &Curve| curve.points().last().map_or(UPWARDS.0, |point| place(point).1);
    names.sort_by(|(a, _), (b, _)| last(a).total_cmp(&last(b)));
    let mut least = UPWARDS.1;
    for (at, (curve, (mark, class))) in names.iter().enumerate() {
        let rest = (names.len() - at) as f64;
        let y = last(curve).max(least).min(HEIGHT - rest * NAME);
        least = y + NAME;
        mark.draw(&mut svg, class, (NAMES - 16.0, y));
        let lines = wrapped(curve.what(), WIDTH - NAMES - 8.0, 2);
        for (line, words) in lines.iter().enumerate() {
            svg.words("text", Anchor::Start, NAMES, y + 4.0 + 16.0 * line as f64, words);
        }
        let steepness = steepness(curve);
        svg.words("text muted", Anchor::Start, NAMES, y + 4.0 + 16.0 * lines.len() as f64, &steepness);
    }
    Some(svg.finish())
}

fn steepness(curve: &Curve) -> String {
    curve.steepness().map_or(String::new(), |steepness| {
        format!("largest / smallest {}: {}", Unit::Ratio.show(steepness), curve.row().verdict().label())
    })
}

/// Describes the plot by its figures.
fn description(curves: &[&Curve]) -> String {
    let lines = curves.iter().map(|curve| {
        let points = curve.points().iter();
        let points: Vec<_> =
            points.map(|point| format!("{}: {}", count(point.n), Unit::Seconds.show(point.cost))).collect();
        format!("{}: {}", curve.what(), points.join(", "))
    });
    lines.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::svg_check::check;

    fn section(curves: &[(&str, &[f64])]) -> Section {
        let mut section = Section::new("Costs");
        for (what, costs) in curves {
            let mut curve = Curve::new(*what);
            for (power, cost) in costs.iter().enumerate() {
                curve.add(10_u64.pow(power as u32), *cost);
            }
            section.add_curve(curve);
        }
        section
    }

    #[test]
    fn the_number_is_logarithmic_and_the_cost_begins_at_zero() {
        let svg = draw(&section(&[("x", &[1e-6, 1e-6, 1e-6, 2e-6])])).expect("a curve");
        let texts = check(&svg);
        for text in ["1", "10", "100", "1,000", "0", "1.00 µs", "largest / smallest 2.000: pass"] {
            assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
        }
        // 1 of 1.08 · 2 µs is 46 % of the height; each power of ten is a third of the width.
        assert!(svg.contains(r#"points="90.0,217.8 273.3,217.8 456.7,217.8 640.0,95.6""#), "{svg}");
    }

    #[test]
    fn names_of_lines_that_end_together_are_apart() {
        let same: &[f64] = &[1e-6, 1e-6, 1e-6];
        let svg = draw(&section(&[("a & b", same), ("c", same), ("d", same), ("e", same)])).expect("curves");
        let texts = check(&svg);
        assert!(texts.iter().any(|text| text == "a & b"), "{texts:?}");
        for class in ["line first", "line second", "line third", "line other"] {
            assert_eq!(svg.matches(&format!(r#"class="{class}""#)).count(), 1, "{class}");
        }
        let places: BTreeSet<_> = svg.lines().filter(|line| line.contains(r#"x="684.0""#)).collect();
        assert_eq!(places.len(), 8, "{places:?}");
    }

    #[test]
    fn a_part_without_curves_has_no_plot() {
        assert_eq!(draw(&section(&[])), None);
        assert!(check(&draw(&section(&[("one point", &[1e-6])])).expect("a curve")).contains(&"one point".to_owned()));
    }
}
