//! Marks: a shape for each verdict, and one for each line of a plot.
//!
//! Depends on `svg`. Begin with `Mark`.

use super::svg::Svg;
use crate::report::Verdict;

/// The half of the size of a mark.
const SIZE: f64 = 5.0;

/// A shape with its class, so that the colour is not the only sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Circle,
    Cross,
    Diamond,
    Dot,
    Square,
    Triangle,
}

impl Mark {
    /// Draws the mark around a place.
    pub(super) fn draw(self, svg: &mut Svg, class: &str, (x, y): (f64, f64)) {
        let filled = format!("shape filled {class}");
        match self {
            Self::Circle => svg.circle(&filled, (x, y), SIZE),
            Self::Dot => svg.circle(&filled, (x, y), SIZE / 2.0),
            Self::Cross => {
                let class = format!("bar {class}");
                svg.line(&class, (x - SIZE, y - SIZE), (x + SIZE, y + SIZE));
                svg.line(&class, (x - SIZE, y + SIZE), (x + SIZE, y - SIZE));
            }
            Self::Diamond => {
                let size = SIZE + 1.5;
                let points = [(x - size, y), (x, y - size), (x + size, y), (x, y + size)];
                svg.polygon(&format!("shape open {class}"), &points);
            }
            Self::Square => svg.rect(&filled, x - SIZE + 1.0, y - SIZE + 1.0, 2.0 * SIZE - 2.0, 2.0 * SIZE - 2.0),
            Self::Triangle => svg.polygon(&filled, &[(x - SIZE, y + SIZE), (x + SIZE, y + SIZE), (x, y - SIZE)]),
        }
    }

    /// Returns the mark of a verdict, with its class and its word.
    pub(super) fn of(verdict: Verdict) -> (Self, &'static str, &'static str) {
        match verdict {
            Verdict::Pass => (Self::Circle, "pass", verdict.label()),
            Verdict::Miss => (Self::Cross, "miss", verdict.label()),
            Verdict::Unclear | Verdict::UnclearMiss => (Self::Diamond, "unclear", verdict.label()),
            Verdict::Shown | Verdict::Unknown | Verdict::Skipped => (Self::Dot, "none", "no target"),
        }
    }
}
