//! Rows whose outcome could not be recorded, for the final report.

use std::path::Path;

use super::ranges::Ranges;

/// The lines of rows with a known outcome that could not be recorded. They are few: no call is started after the first
/// one.
#[derive(Debug, Default)]
pub(super) struct UnrecordedRows {
    /// Done since the last commit. A list, because only a failed commit needs the set.
    uncommitted: Vec<u64>,
    /// Done, but not in the journal.
    done: Ranges,
    /// Not sent, but the journal announces their calls.
    pub(super) not_sent: Ranges,
    /// Failed, but not in the file for failed rows.
    pub(super) failed: Ranges,
    /// With unknown outcome, but not in the file for such rows.
    pub(super) unknown: Ranges,
}

/// What the report refers to.
pub(super) struct ReportContext<'a> {
    /// The participle for messages: `sent`.
    pub(super) verb: &'a str,
    pub(super) failures: &'a Path,
    pub(super) unknown: &'a Path,
    /// Whether calls may be repeated.
    pub(super) is_repeatable: bool,
    /// Whether a journal is kept.
    pub(super) is_kept: bool,
}

impl UnrecordedRows {
    /// Notes that a row is done and will be in the journal with its next commit.
    pub(super) fn note_done(&mut self, line: u64) {
        self.uncommitted.push(line);
    }

    /// Notes that the journal has everything.
    pub(super) fn committed(&mut self) {
        self.uncommitted.clear();
        self.done = Ranges::default();
        self.not_sent = Ranges::default();
    }

    /// Notes that the journal could not be written.
    pub(super) fn not_committed(&mut self) {
        self.uncommitted.drain(..).for_each(|line| self.done.insert(line));
    }

    /// Returns the report, a sentence per line.
    pub(super) fn sentences(&self, telling: &ReportContext<'_>) -> Vec<String> {
        let ReportContext { verb, failures, unknown, is_repeatable, is_kept } = telling;
        let mut sentences = Vec::new();
        if *is_kept && !self.done.is_empty() {
            let then = match is_repeatable {
                true => "the next run repeats them, which changes nothing",
                false => "the next run treats them as unknown; do not send them again",
            };
            sentences.push(format!("{verb}, but not recorded in the journal: {}; {then}", self.done.lines()));
        }
        if *is_kept && !is_repeatable && !self.not_sent.is_empty() {
            sentences.push(format!(
                "not {verb}, but started according to the journal: {}; the next run treats them as unknown",
                self.not_sent.lines()
            ));
        }
        // A row whose call is announced in the journal is not retried, whether it failed or not.
        let failed = if *is_kept { self.failed.without(&self.not_sent) } else { self.failed.clone() };
        for (lines, what, path, then) in [
            (&failed, "failed", failures, "; the next run retries them"),
            (&self.unknown, "unknown outcome", unknown, "; the next run lists them"),
        ] {
            if !lines.is_empty() {
                let then = if *is_kept { then } else { "" };
                sentences.push(format!("{what}, but not written to {}: {}{then}", path.display(), lines.lines()));
            }
        }
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(lost: &UnrecordedRows, is_kept: bool) -> Vec<String> {
        let (failures, unknown) = (Path::new("f.csv"), Path::new("u.csv"));
        lost.sentences(&ReportContext { verb: "sent", failures, unknown, is_repeatable: false, is_kept })
    }

    /// A row whose call stays announced has an unknown outcome for the next run, which does not retry it.
    #[test]
    fn begun_row_is_not_reported_as_retried() {
        let mut lost = UnrecordedRows::default();
        [3, 4, 9].into_iter().for_each(|line| lost.failed.insert(line));
        let again = "failed, but not written to f.csv: lines 3-4, 9; the next run retries them";
        assert_eq!(sentences(&lost, true), [again]);
        lost.not_sent.insert(4);
        let begun = "not sent, but started according to the journal: line 4; the next run treats them as unknown";
        let again = "failed, but not written to f.csv: lines 3, 9; the next run retries them";
        assert_eq!(sentences(&lost, true), [begun, again]);
        // Without a journal no call is announced.
        assert_eq!(sentences(&lost, false), ["failed, but not written to f.csv: lines 3-4, 9"]);
        [3, 9].into_iter().for_each(|line| lost.not_sent.insert(line));
        assert_eq!(sentences(&lost, true), [begun.replace("line 4", "lines 3-4, 9")]);
    }
}
