//! The end of a run: its report, its exit code, and whether the journal is kept.

use std::path::PathBuf;

use indicatif::HumanCount;

use super::{BulkJob, RowRecorder};
use crate::{
    bulk::{outcome::Counts, rejected_file::RejectedFile, summary, unrecorded::ReportContext},
    eprint::eprint,
    failure::{Failure, Result},
};

impl<W: BulkJob> RowRecorder<'_, W> {
    /// Ends the run and reports the result. `ending` is why it stopped before the last row.
    pub(in crate::bulk) fn end(mut self, ending: Option<Failure>, is_open: bool) -> Result {
        self.progress.end();
        // Retry the commit: there may be free space again.
        self.commit("");
        let elapsed = self.progress.elapsed();
        // The counts include those of previous runs.
        let in_all = if self.counts.all() > self.progress.count() { "total: " } else { "" };
        let sentence = summary::sentence(self.counts, W::NOUNS, W::VERB, W::EXISTING);
        self.context.output.status(format_args!("{in_all}{sentence}{}", summary::pace(self.progress.count(), elapsed)));
        let told = self.context.output.summary(&W::SUMMARY, summary::json(self.counts, W::SUMMARY.columns, elapsed));
        self.report_unrecorded();
        // A recording failure has priority over the reason for stopping.
        let ending = self.local_failure.take().or(ending).or(self.output_failure.take());
        let outcome = match ending {
            // The signal arrived after the last row was started, so nothing is left to do.
            Some(Failure::Interrupted(_)) if !is_open && !self.has_unprocessed => self.outcome(),
            Some(failure) => self.stopped(failure),
            None => {
                if self.progress.count() == 0 && self.counts.all() > 0 {
                    self.context.output.status("no rows were left to process; --restart processes all rows again");
                }
                self.outcome()
            }
        };
        outcome.and(told)
    }

    /// Reports rows that could not be recorded, even with `--quiet`.
    fn report_unrecorded(&self) {
        let telling = ReportContext {
            verb: W::VERB,
            failures: self.failures.path(),
            unknown: self.unknown.as_ref().unwrap_or(&self.failures).path(),
            is_repeatable: W::REPEATABLE,
            is_kept: self.journal.is_kept(),
        };
        for sentence in self.unrecorded.sentences(&telling) {
            eprint(format_args!("kandy: {sentence}"));
        }
    }

    /// Returns the failure of a run that stopped before the last row.
    fn stopped(self, failure: Failure) -> Result {
        let how = self.resume_advice();
        let failure = match failure {
            Failure::Interrupted(_) => Failure::Interrupted(format!("interrupted; {how}")),
            other => {
                let unknown = match &self.unknown {
                    Some(file) if self.counts.unknown > 0 => {
                        format!("; rows with unknown outcome: {}", named(&self.earlier[1], file))
                    }
                    _ => String::new(),
                };
                self.context.output.status(format_args!("stopped; {how}{unknown}"));
                other
            }
        };
        // Remove the journal if no row is processed or unknown.
        if self.counts.all() == 0 && !self.has_unknown_calls {
            self.journal.remove()?;
        }
        Err(failure)
    }

    /// Returns the result of a run that processed all rows.
    fn outcome(self) -> Result {
        let Counts { failed, unknown, .. } = self.counts;
        let failures = named(&self.earlier[0], &self.failures);
        let nouns = |count: u64| format!("{} {}", HumanCount(count), W::NOUNS[usize::from(count != 1)]);
        if let Some(file) = self.unknown.as_ref().filter(|_| unknown > 0) {
            let failed = match failed {
                0 => String::new(),
                failed => format!("; {failed} failed: {failures}"),
            };
            return Err(Failure::Unknown(format!(
                "{} may or may not have been {}: {}{failed}",
                nouns(unknown),
                W::VERB,
                named(&self.earlier[1], file),
            )));
        }
        let failure = (failed + unknown > 0).then(|| {
            Failure::Some(format!(
                "{} failed. Correct {failures}, and run the command on that",
                nouns(failed + unknown)
            ))
        });
        if W::REPEATABLE {
            self.journal.remove()?;
        }
        failure.map_or(Ok(()), Err)
    }

    fn resume_advice(&self) -> String {
        match (self.journal.is_kept(), W::REPEATABLE) {
            _ if self.counts.all() == 0 && !self.has_unknown_calls => "no rows are processed yet".into(),
            (true, _) => "run the same command again to resume".into(),
            (false, true) => "run the same command again with the same input".into(),
            (false, false) => format!("all rows up to line {} are processed", self.last_line),
        }
    }
}

/// Lists the files that have rows, those of previous runs first.
fn named(earlier: &[PathBuf], current: &RejectedFile) -> String {
    let mut names: Vec<_> = earlier.iter().map(|path| path.display().to_string()).collect();
    if current.has_rows() || names.is_empty() {
        names.push(current.path().display().to_string());
    }
    names.join(" and ")
}
