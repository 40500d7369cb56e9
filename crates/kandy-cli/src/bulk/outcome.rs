//! Row statuses, and how many rows have each.

/// The recorded status of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowStatus {
    /// The operation was applied.
    Done,
    /// The service already had what the operation creates.
    Existing,
    /// The operation was not applied.
    Failed,
    /// The operation may or may not have been applied.
    Unknown,
    /// The row was left out, because its number is suppressed.
    Suppressed,
}

/// The number of rows with each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) done: u64,
    pub(super) existing: u64,
    pub(super) failed: u64,
    pub(super) unknown: u64,
    pub(super) suppressed: u64,
}

impl Counts {
    /// Counts a row.
    pub(super) fn add(&mut self, status: RowStatus) {
        *self.of(status) += 1;
    }

    /// Uncounts a row whose status turned out not to be recorded.
    pub(super) fn remove(&mut self, status: RowStatus) {
        let count = self.of(status);
        *count = count.saturating_sub(1);
    }

    fn of(&mut self, status: RowStatus) -> &mut u64 {
        match status {
            RowStatus::Done => &mut self.done,
            RowStatus::Existing => &mut self.existing,
            RowStatus::Failed => &mut self.failed,
            RowStatus::Unknown => &mut self.unknown,
            RowStatus::Suppressed => &mut self.suppressed,
        }
    }

    /// Returns the number of rows with any status.
    pub(super) fn all(self) -> u64 {
        self.done + self.existing + self.failed + self.unknown + self.suppressed
    }
}
