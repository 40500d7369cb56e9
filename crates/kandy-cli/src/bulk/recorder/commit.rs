//! Commits what was recorded: the journal, then the files for rejected rows, then ids on stdout.

use super::{BulkJob, RowRecorder};
use crate::{
    bulk::outcome::RowStatus,
    failure::{Failure, Result},
};

impl<W: BulkJob> RowRecorder<'_, W> {
    /// Commits recorded outcomes and prints their ids.
    pub(in crate::bulk) fn flush(&mut self) {
        self.commit("");
        match self.print_ids() {
            Ok(()) => {}
            Err(failure) => {
                self.prints_ids = false;
                self.ids.clear();
                // A closed pipe does not stop the run: rows are processed even if no reader wants their ids.
                if !matches!(failure, Failure::ClosedPipe) {
                    self.output_failure.get_or_insert(failure);
                }
            }
        }
    }

    /// Commits to the journal first, then writes the files for rejected rows. Returns whether the journal was
    /// committed. Syncs if calls must not be repeated.
    ///
    /// The order matters. Rows in a file that the journal does not announce would be processed and written again by the
    /// next run, so a row is written only after its `w` line is committed (`unjournaled_row_is_listed_once`). A kill
    /// between the two leaves an announcement without rows, which the next run detects by the length and hash of the
    /// file (`announced_rows_are_written_once`).
    pub(super) fn commit(&mut self, announcements: &str) -> bool {
        let mut lines = String::new();
        let mut announced = Vec::new();
        for file in [Some(&self.failures), self.unknown.as_ref()].into_iter().flatten() {
            if let Some(line) = file.announcement() {
                lines.push_str(&line);
                announced.push(file.which);
            }
        }
        // One write for rejected rows and new calls: the journal takes back a partial one, so all lines are recorded or none.
        lines.push_str(announcements);
        // After a power failure a repeatable call may be sent again, so only the others wait for the disk.
        let durable = !W::REPEATABLE;
        let journaled = self.journal.commit(&lines, durable && !lines.is_empty());
        let is_journaled = journaled.is_ok();
        match journaled {
            Ok(()) => self.unrecorded.committed(),
            Err(failure) => {
                self.unrecorded.not_committed();
                self.stop(failure);
            }
        }
        let (mut unwritten, mut failures) = (Vec::new(), Vec::new());
        for file in [Some(&mut self.failures), self.unknown.as_mut()].into_iter().flatten() {
            // Without a committed announcement, do not write the rows: the next run processes them again.
            let is_announced = is_journaled && announced.contains(&file.which);
            let written = if is_journaled { file.write(durable) } else { Ok(()) };
            match written {
                Ok(()) if is_announced => self.journal.confirm(file.which),
                Ok(()) => {}
                Err(failure) => {
                    failures.push(failure);
                    if is_announced {
                        self.journal.withdraw(file.which);
                    }
                }
            }
            unwritten.extend(file.take_unwritten().into_iter().map(|row| (row, is_announced)));
        }
        for (row, is_announced) in unwritten {
            // The row failed before it was sent, so release it for the next run. A withdrawn announcement releases it,
            // too.
            if row.status == RowStatus::Failed && row.is_begun && !is_announced && self.journal.is_kept() {
                self.journal.release(row.number);
                self.unrecorded.not_sent.insert(row.line);
            }
            let lines = if row.status == RowStatus::Unknown {
                &mut self.unrecorded.unknown
            } else {
                &mut self.unrecorded.failed
            };
            lines.insert(row.line);
        }
        failures.into_iter().for_each(|failure| self.stop(failure));
        is_journaled
    }

    fn print_ids(&mut self) -> Result {
        if self.ids.is_empty() {
            return Ok(());
        }
        let printed = self.context.output.text(self.ids.trim_end_matches('\n'));
        self.ids.clear();
        printed?;
        self.context.output.flush()
    }
}
