//! Finds the journal of a list under another name: a hard link, a copy, or a renamed file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    BulkJob, Input, file,
    fingerprint::{self, Comparison, Fingerprint},
    journal::{Journal, JournalHeader, ResumeState},
};
use crate::private_file::folder;

/// Finds a journal in the folder of the list that records the same rows, or a prefix of them, with the same target.
///
/// Searches only that folder: a copy elsewhere is another list.
pub(super) fn find<W: BulkJob>(
    input: &Input,
    about: &JournalHeader,
    (journal, own): (Option<&Path>, &ResumeState),
) -> Option<(PathBuf, ResumeState)> {
    let (path, again, whole) = (input.path.as_ref()?, input.again.as_ref()?, about.source?);
    let journal = journal?;
    if W::REPEATABLE || !own.is_empty() {
        return None;
    }
    let list = file::canonical(path);
    let suffix = format!(".kandy-{}", W::NAME);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(&list)).ok()?.flatten() {
        let other = entry.path();
        let is_journal = entry.file_name().to_string_lossy().ends_with(&suffix);
        if !is_journal || file::is_same(&other, journal) {
            continue;
        }
        // Read without a lock: a journal in use is as much a reason to refuse.
        let Some(past) = Journal::peek(&other, W::NAME) else { continue };
        let of_same_rows = |source: Fingerprint| {
            source.length <= whole.length
                && fingerprint::measure(again, Some(source), input.format)
                    .is_ok_and(|(_, comparison)| matches!(comparison, Comparison::Same | Comparison::Grown))
        };
        if !past.is_empty() && past.target == about.target && past.source.is_some_and(of_same_rows) {
            found.push((file::relative_path(&other), past));
        }
    }
    // Prefer the journal with the most processed rows.
    found.into_iter().max_by_key(|(_, past)| past.counts.all())
}
