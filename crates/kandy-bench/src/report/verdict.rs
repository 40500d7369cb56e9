//! Targets, and verdicts on figures.
//!
//! Depends on `unit` and `stats`. Begin with `Target::judge`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::stats::Spread;

/// The target of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// At least this value.
    AtLeast(f64),
    /// At most this value.
    AtMost(f64),
}

/// The verdict on a figure, without rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The whole interval meets the target.
    Pass,
    /// The whole interval misses the target.
    Miss,
    /// The interval contains the target, and the median passes: more rounds would decide. Counts as a miss.
    Unclear,
    /// The interval contains the target, and the median misses. Counts as a miss.
    UnclearMiss,
    /// The figure could not be measured.
    Unknown,
    /// The figure is not measured in a quick run.
    Skipped,
    /// The figure has no target.
    Shown,
}

impl Verdict {
    const ALL: [Self; 7] =
        [Self::Pass, Self::Miss, Self::Unclear, Self::UnclearMiss, Self::Unknown, Self::Skipped, Self::Shown];

    /// Returns the text of the table.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Miss => "miss",
            Self::Unclear => "unclear, median passes",
            Self::UnclearMiss => "unclear, median misses",
            Self::Unknown => "unknown",
            Self::Skipped => "skipped",
            Self::Shown => "",
        }
    }

    /// Returns the verdict with this text; none if there is none.
    pub(super) fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.label() == label)
    }
}

impl Target {
    /// Judges a figure by its interval: it passes when the worse end passes.
    pub fn judge(self, spread: &Spread) -> Verdict {
        let (low, high) = (spread.interval.low, spread.interval.high);
        let (worse, better) = match self {
            Self::AtLeast(_) => (low, high),
            Self::AtMost(_) => (high, low),
        };
        match (self.is_met_by(worse), self.is_met_by(better)) {
            (true, _) => Verdict::Pass,
            (false, false) => Verdict::Miss,
            (false, true) if self.is_met_by(spread.median) => Verdict::Unclear,
            (false, true) => Verdict::UnclearMiss,
        }
    }

    fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    /// Returns the value.
    pub fn value(self) -> f64 {
        match self {
            Self::AtLeast(value) | Self::AtMost(value) => value,
        }
    }

    /// Formats the target: `≥ 0.97`.
    pub fn show(self, unit: Unit) -> String {
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

/// The number of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pass: usize,
    miss: usize,
    /// Those of the misses whose interval contains the target.
    unclear: usize,
    unknown: usize,
    skipped: usize,
}

impl FromIterator<Verdict> for Tally {
    fn from_iter<I: IntoIterator<Item = Verdict>>(verdicts: I) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Pass => tally.pass += 1,
                Verdict::Miss => tally.miss += 1,
                Verdict::Unclear | Verdict::UnclearMiss => {
                    tally.miss += 1;
                    tally.unclear += 1;
                }
                Verdict::Unknown => tally.unknown += 1,
                Verdict::Skipped => tally.skipped += 1,
                Verdict::Shown => {}
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pass, {} miss", self.pass, self.miss)?;
        if self.unclear > 0 {
            write!(f, " ({} of them unclear)", self.unclear)?;
        }
        write!(f, ", {} unknown", self.unknown)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(target: Target, figures: &[f64]) -> Verdict {
        target.judge(&Spread::of(figures).expect("figures"))
    }

    #[test]
    fn a_target_is_met_at_its_edge_and_missed_beyond_it() {
        assert_eq!(judge(Target::AtLeast(0.97), &[0.97]), Verdict::Pass);
        assert_eq!(judge(Target::AtLeast(0.97), &[0.969_999]), Verdict::Miss);
        assert_eq!(judge(Target::AtMost(1.05), &[1.05]), Verdict::Pass);
        assert_eq!(judge(Target::AtMost(1.05), &[1.050_001]), Verdict::Miss);
        assert_eq!(judge(Target::AtMost(1.05), &[f64::NAN]), Verdict::Miss);
    }

    #[test]
    fn the_worse_end_of_the_interval_is_judged() {
        // The interval of ten figures is from the second to the ninth.
        let figures = [0.80, 0.95, 0.98, 0.99, 1.00, 1.01, 1.02, 1.03, 1.04, 1.20];
        assert_eq!(judge(Target::AtLeast(0.95), &figures), Verdict::Pass);
        assert_eq!(judge(Target::AtLeast(0.96), &figures), Verdict::Unclear);
        assert_eq!(judge(Target::AtLeast(1.03), &figures), Verdict::UnclearMiss);
        assert_eq!(judge(Target::AtLeast(1.05), &figures), Verdict::Miss);
        assert_eq!(judge(Target::AtMost(1.04), &figures), Verdict::Pass);
        assert_eq!(judge(Target::AtMost(1.03), &figures), Verdict::Unclear);
        assert_eq!(judge(Target::AtMost(0.97), &figures), Verdict::UnclearMiss);
        assert_eq!(judge(Target::AtMost(0.94), &figures), Verdict::Miss);
    }

    #[test]
    fn what_is_unclear_counts_as_a_miss() {
        let all = Verdict::ALL.into_iter().collect::<Tally>();
        assert_eq!(all.to_string(), "1 pass, 3 miss (2 of them unclear), 1 unknown, 1 skipped");
        assert_eq!(Tally::from_iter([Verdict::Miss]).to_string(), "0 pass, 1 miss, 0 unknown");
    }

    #[test]
    fn a_verdict_is_found_by_its_text() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::from_label(verdict.label()), Some(verdict));
        }
        assert_eq!(Verdict::from_label("verdict"), None);
    }
}
