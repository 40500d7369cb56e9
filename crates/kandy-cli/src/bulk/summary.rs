//! The wording of the final report: a sentence, or a JSON object.

use std::time::Duration;

use indicatif::HumanCount;
use serde_json::{Value, json};

use super::outcome::Counts;

/// What the summary says of rows whose object the service already had.
pub(super) const EXISTING: &str = "already existed";

/// Returns the summary as a sentence: `2 users created, 1 already existed, 1 failed`. `nouns`, `verb` and `existing` are
/// such as `["user", "users"]`, `created` and `already existed`.
pub(super) fn sentence(counts: Counts, nouns: [&str; 2], verb: &str, existing: &str) -> String {
    let noun = nouns[usize::from(counts.done != 1)];
    let mut sentence = format!("{} {noun} {verb}", HumanCount(counts.done));
    let unknown = if counts.unknown == 1 { "has an unknown outcome" } else { "have an unknown outcome" };
    let others = [
        (counts.existing, existing),
        (counts.failed, "failed"),
        (counts.unknown, unknown),
        (counts.suppressed, "suppressed"),
    ];
    add_counts(&mut sentence, &others);
    sentence
}

/// Returns the summary as a JSON object with these members.
pub(super) fn json(counts: Counts, columns: &[&str], elapsed: Duration) -> Value {
    let member = |name: &&str| {
        let value = match *name {
            "existing" | "missing" => json!(counts.existing),
            "failed" => json!(counts.failed),
            "unknown" => json!(counts.unknown),
            "suppressed" => json!(counts.suppressed),
            "seconds" => json!(seconds(elapsed)),
            _ => json!(counts.done),
        };
        ((*name).to_owned(), value)
    };
    columns.iter().map(member).collect()
}

/// Returns a duration in seconds, to the millisecond.
pub(crate) fn seconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1000.0).round() / 1000.0
}

/// Adds what else became of rows to a sentence, where there are such: `, 2 failed`.
pub(crate) fn add_counts(sentence: &mut String, counts: &[(u64, &str)]) {
    for (count, what) in counts {
        if *count > 0 {
            sentence.push_str(&format!(", {} {what}", HumanCount(*count)));
        }
    }
}

/// Returns the duration and the rate, for runs that are long enough for a meaningful rate.
pub(super) fn pace(count: u64, elapsed: Duration) -> String {
    const SHORT: Duration = Duration::from_secs(10);
    if elapsed < SHORT || count == 0 {
        return String::new();
    }
    let took_seconds = Duration::from_secs(elapsed.as_secs());
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "for people"
    )]
    let rate = (count as f64 / elapsed.as_secs_f64()).round() as u64;
    format!(", in {} ({}/s)", humantime::format_duration(took_seconds), HumanCount(rate))
}
