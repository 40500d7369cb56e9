//! The paths of the files that a run writes.

use std::path::{Path, PathBuf};

use super::{BulkArguments, BulkJob, Input, file, rejected_target::RejectedTarget};
use crate::{
    bulk::journal::RejectedKind,
    failure::{Failure, Result},
};

/// The paths of the files that a run writes, all of which belong to one list.
pub(super) struct BulkPaths {
    /// `None` for stdin, unless `--journal` names one.
    pub(super) journal: Option<PathBuf>,
    failures: PathBuf,
    unknown: PathBuf,
    is_named: bool,
}

impl BulkPaths {
    /// Determines the paths. They are next to the canonical path of the list, so that a list has the same files
    /// whichever link leads to it.
    pub(super) fn find<W: BulkJob>(input: &Input, arguments: &BulkArguments) -> Result<Self> {
        let list = input.path.as_deref().map(file::canonical);
        let named = list.as_deref().map_or_else(|| PathBuf::from("stdin"), file::relative_path);
        let extension = input.format.extension();
        let suffix = format!(".kandy-{}", W::NAME);
        let journal = match (&arguments.journal, &list) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(_)) => Some(file::beside(&named, &suffix)),
            (None, None) => None,
        };
        let is_named = arguments.failures.is_some();
        let failures = arguments.failures.clone();
        let failures = failures.unwrap_or_else(|| file::beside(&named, &format!(".failures.{extension}")));
        let unknown = file::beside(&named, &format!(".unknown.{extension}"));
        check_distinct_paths(&[
            ("the input file", input.path.as_deref()),
            ("the journal", journal.as_deref()),
            ("the file for rows with unknown outcome", (!W::REPEATABLE).then_some(&*unknown)),
            ("the file for failed rows", Some(&*failures)),
        ])?;
        if let (None, Some(given), Some(journal)) = (&arguments.journal, &input.path, &journal) {
            check_no_journal_next_to_link(&file::beside(given, &suffix), journal)?;
        }
        Ok(Self { journal, failures, unknown, is_named })
    }

    pub(super) fn failures(&self) -> RejectedTarget<'_> {
        RejectedTarget { which: RejectedKind::Failures, path: &self.failures, is_named: self.is_named }
    }

    pub(super) fn unknown(&self) -> RejectedTarget<'_> {
        RejectedTarget { which: RejectedKind::Unknown, path: &self.unknown, is_named: false }
    }
}

/// Rejects a journal that an earlier version stored next to a link to the list: without it, all rows would be processed
/// again.
fn check_no_journal_next_to_link(old: &Path, journal: &Path) -> Result {
    if file::is_same(old, journal) || old.symlink_metadata().is_err() {
        return Ok(());
    }
    let (old, journal) = (old.display(), journal.display());
    Err(Failure::usage(format!(
        "{old} is a journal next to a link to the input file, where an earlier version stored it, and records the \
         processed rows. Move it to {journal}, next to the file itself, unless it belongs to another file that the \
         link pointed to"
    )))
}

/// Checks that no two of the files are the same.
fn check_distinct_paths(files: &[(&str, Option<&Path>)]) -> Result {
    for (at, (what, path)) in files.iter().enumerate() {
        for (other, there) in &files[..at] {
            if let (Some(path), Some(there)) = (path, there)
                && file::is_same(path, there)
            {
                return Err(Failure::usage(format!("{} is {other} and cannot also be {what}", there.display())));
            }
        }
    }
    Ok(())
}
