use std::path::Path;

use super::ranges::Ranges;

/// The lines of rows whose outcome is known and could not be written down. They are few: no row is begun after the
/// first of them.
#[derive(Debug, Default)]
pub(super) struct UnrecordedRows {
    /// Done, and not in the journal.
    pub(super) done: Ranges,
    /// Not sent after all, while the journal says that they were begun.
    pub(super) not_sent: Ranges,
    /// Failed, and not in the file of failures.
    pub(super) failed: Ranges,
    /// Of unknown outcome, and not in the file that they belong to.
    pub(super) unknown: Ranges,
}

/// What is said of them.
pub(super) struct ReportContext<'a> {
    /// What is done to rows: `sent`.
    pub(super) verb: &'a str,
    pub(super) failures: &'a Path,
    pub(super) unknown: &'a Path,
    /// Whether a call may be made again.
    pub(super) is_repeatable: bool,
    /// Whether there is a journal.
    pub(super) is_kept: bool,
}

impl UnrecordedRows {
    /// What the user has to know of them, a sentence a line.
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
        // What the journal has as begun is not tried again, whether it failed or not.
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

    /// A row whose call stays begun in the journal is unknown to the next run, and is not said to be tried again.
    #[test]
    fn a_row_that_stays_begun_is_not_said_to_be_tried_again() {
        let mut lost = UnrecordedRows::default();
        [3, 4, 9].into_iter().for_each(|line| lost.failed.insert(line));
        let again = "failed, but not written to f.csv: lines 3-4, 9; the next run retries them";
        assert_eq!(sentences(&lost, true), [again]);
        lost.not_sent.insert(4);
        let begun = "not sent, but started according to the journal: line 4; the next run treats them as unknown";
        let again = "failed, but not written to f.csv: lines 3, 9; the next run retries them";
        assert_eq!(sentences(&lost, true), [begun, again]);
        // Without a journal nothing stays begun.
        assert_eq!(sentences(&lost, false), ["failed, but not written to f.csv: lines 3-4, 9"]);
        [3, 9].into_iter().for_each(|line| lost.not_sent.insert(line));
        assert_eq!(sentences(&lost, true), [begun.replace("line 4", "lines 3-4, 9")]);
    }
}
