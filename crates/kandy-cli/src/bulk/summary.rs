use std::time::Duration;

use indicatif::HumanCount;
use serde_json::{Value, json};

use super::journal::Kind;

/// How many rows came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) done: u64,
    pub(super) existing: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
}

impl Counts {
    pub(super) fn add(&mut self, kind: Kind) {
        *self.of(kind) += 1;
    }

    /// A row turned out not to be settled.
    pub(super) fn remove(&mut self, kind: Kind) {
        let count = self.of(kind);
        *count = count.saturating_sub(1);
    }

    fn of(&mut self, kind: Kind) -> &mut u64 {
        match kind {
            Kind::Done => &mut self.done,
            Kind::Existing => &mut self.existing,
            Kind::Failed => &mut self.failed,
            Kind::Unknown => &mut self.unknown,
        }
    }

    pub(super) fn all(self) -> u64 {
        self.done + self.existing + self.failed + self.unknown
    }

    /// For people: `2 users created, 1 was there already, 1 failed`. `noun` and `verb` are `user` and `created`.
    pub(super) fn sentence(self, nouns: [&str; 2], verb: &str) -> String {
        let noun = nouns[usize::from(self.done != 1)];
        let mut sentence = format!("{} {noun} {verb}", HumanCount(self.done));
        for (count, [one, more]) in [
            (self.existing, ["already existed", "already existed"]),
            (self.failed, ["failed", "failed"]),
            (self.unknown, ["has an unknown outcome", "have an unknown outcome"]),
        ] {
            if count > 0 {
                sentence.push_str(&format!(", {} {}", HumanCount(count), if count == 1 { one } else { more }));
            }
        }
        sentence
    }

    /// For programs.
    pub(super) fn json(self, columns: &[&str], took: Duration) -> Value {
        let member = |name: &&str| {
            let value = match *name {
                "existing" => json!(self.existing),
                "failed" => json!(self.failed),
                "unknown" => json!(self.unknown),
                "seconds" => json!((took.as_secs_f64() * 1000.0).round() / 1000.0),
                _ => json!(self.done),
            };
            ((*name).to_owned(), value)
        };
        columns.iter().map(member).collect()
    }
}

/// How fast it went, where it took long enough to say.
pub(super) fn pace(count: u64, took: Duration) -> String {
    const SHORT: Duration = Duration::from_secs(10);
    if took < SHORT {
        return String::new();
    }
    let took_seconds = Duration::from_secs(took.as_secs());
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "for people"
    )]
    let rate = (count as f64 / took.as_secs_f64()).round() as u64;
    format!(", in {} ({}/s)", humantime::format_duration(took_seconds), HumanCount(rate))
}
