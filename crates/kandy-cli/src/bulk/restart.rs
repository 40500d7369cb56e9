//! Checks that a journal belongs to the list, and confirms a restart.

use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use indicatif::HumanCount;

use super::{
    BulkJob,
    fingerprint::Comparison,
    journal::{JournalHeader, ResumeState},
};
use crate::{
    failure::{Failure, Result},
    terminal::{is_stderr, prompt},
};

/// Rejects a journal that was started for other rows or another target.
pub(super) fn check<W: BulkJob>(
    path: &Path,
    past: &ResumeState,
    about: &JournalHeader,
    comparison: Comparison,
) -> Result {
    // A journal without rows may be reused for anything.
    if past.is_empty() {
        return Ok(());
    }
    let settled = HumanCount(past.counts.all());
    let path = path.display();
    let changed = match (past.source.is_some(), about.source.is_some(), comparison) {
        (true, true, Comparison::Same | Comparison::Grown) | (false, false, _) => None,
        (true, false, _) => Some("it was started for a file, but the rows now come from stdin"),
        (false, true, _) => Some("it was started for stdin, but the rows now come from a file"),
        (_, _, Comparison::Shorter) => Some("the file is shorter than before"),
        (_, _, Comparison::LastRowContinued) => Some("the row that was the last one is longer than before"),
        (_, _, Comparison::Changed) => Some("an existing row has changed"),
    };
    let all_again =
        if W::REPEATABLE { "; --restart processes all rows again and skips what already exists" } else { "" };
    if let Some(changed) = changed {
        return Err(Failure::usage(format!(
            "the file does not match the journal {path}: {changed}. {settled} of its rows are processed, but it is \
             not known which ones they are now. Put new rows into a separate file and run the command on that; rows \
             appended to the unchanged file need no separate file{all_again}"
        )));
    }
    if past.target != about.target {
        return Err(Failure::usage(format!(
            "the journal {path} was started for another target: {} differs. {settled} of its rows are processed; use \
             --journal to name a journal for this run{all_again}",
            W::TARGET
        )));
    }
    Ok(())
}

/// Rejects a list whose rows another journal already records.
pub(super) fn same_rows_failure(name: &str, journal: &Path, past: &ResumeState) -> Failure {
    let journal = journal.display();
    Failure::usage(format!(
        "{name} has the same rows as the file of the journal {journal}, or starts with them, and {} of them are \
         processed. Use --journal {journal} to resume; --restart --yes makes all calls again",
        HumanCount(past.counts.all() + past.begun.len() as u64)
    ))
}

/// Asks for confirmation before calls that must not be repeated are sent again.
pub(super) fn confirm<W: BulkJob>(past: &ResumeState, name: &str, is_stream: bool, is_sure: bool) -> Result {
    let (done, in_doubt) = (past.counts.done, past.in_doubt());
    if W::REPEATABLE || is_sure || done + in_doubt == 0 {
        return Ok(());
    }
    let mut already = format!("{} {} {} already", HumanCount(done), W::NOUNS[usize::from(done != 1)], W::VERB);
    if in_doubt > 0 {
        already.push_str(&format!(", and {} may have been", HumanCount(in_doubt)));
    }
    if is_stream || !io::stdin().is_terminal() || !is_stderr() {
        return Err(Failure::usage(format!(
            "--restart: {name} has {already}, and all of them would be {} again. Use --yes to confirm",
            W::VERB
        )));
    }
    let mut answer = String::new();
    // Without a visible prompt, read no answer.
    let read = prompt(&format!("{name} has {already}. Type yes to have all of them {} again", W::VERB))
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if answer.trim().eq_ignore_ascii_case("yes") => Ok(()),
        Ok(_) => Err(Failure::usage(format!("--restart: not confirmed; nothing was {}", W::VERB))),
        Err(error) => Err(Failure::usage(format!("--restart: the confirmation cannot be read: {error}"))),
    }
}
