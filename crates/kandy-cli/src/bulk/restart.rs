//! Whether a journal and a list go together, and what has to be asked before all of it is done again.

use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use indicatif::HumanCount;

use super::{
    Work,
    fingerprint::Comparison,
    journal::{About, Past},
};
use crate::{
    failure::{Failure, Result},
    terminal::{is_stderr, prompt},
};

/// Refuses to go on with a journal that was begun for something else.
pub(super) fn check<W: Work>(path: &Path, past: &Past, about: &About, comparison: Comparison) -> Result {
    // Where nothing was begun it does not matter what it was for.
    if past.is_empty() {
        return Ok(());
    }
    let settled = HumanCount(past.counts.all());
    let path = path.display();
    let changed = match (past.source.is_some(), about.source.is_some(), comparison) {
        (true, true, Comparison::Same | Comparison::Grown) | (false, false, _) => None,
        (true, false, _) => Some("it was begun for a file, and the rows come from stdin now"),
        (false, true, _) => Some("it was begun for rows from stdin, and they come from a file now"),
        (_, _, Comparison::Shorter) => Some("the list is shorter than it was"),
        (_, _, Comparison::LastRowContinued) => Some("the last row that the list had is longer than it was"),
        (_, _, Comparison::Changed) => Some("a row that the list had is not the same any more"),
    };
    let all_again = if W::REPEATABLE {
        "; --restart begins anew with all rows, which passes over what is there already"
    } else {
        ""
    };
    if let Some(changed) = changed {
        return Err(Failure::usage(format!(
            "the file has changed since {path} was begun: {changed}. {settled} of its rows are settled, and it cannot be \
             told which of them are which now. Put the rows that are new into a file of their own, and give that; rows \
             that are added at the end of the list as it was need no other file{all_again}"
        )));
    }
    if past.target != about.target {
        return Err(Failure::usage(format!(
            "what {path} was begun for is not the same: calls go elsewhere, or another text or sender is given. {settled} \
             of its rows are settled; --journal names a journal for what is given now{all_again}"
        )));
    }
    Ok(())
}

/// Refuses a list whose rows are those of another journal.
pub(super) fn is_twin(name: &str, journal: &Path, past: &Past) -> Failure {
    let journal = journal.display();
    Failure::usage(format!(
        "{name} has the same rows as the list of {journal}, or begins with them, and {} of them are settled. Give \
         --journal {journal} to go on there; --restart --yes makes all calls again",
        HumanCount(past.counts.all() + past.begun.len() as u64)
    ))
}

/// Asks before calls are made once more that must not be made twice.
pub(super) fn confirm<W: Work>(past: &Past, name: &str, is_stream: bool, is_sure: bool) -> Result {
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
            "--restart: {name} has {already}, and all of them would be {} again. Say --yes if that is wanted",
            W::VERB
        )));
    }
    let mut answer = String::new();
    // A question that cannot be seen has no answer.
    let read = prompt(&format!("{name} has {already}. Are all of them to be {} again? Type yes", W::VERB))
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    match read {
        Ok(_) if answer.trim().eq_ignore_ascii_case("yes") => Ok(()),
        Ok(_) => Err(Failure::usage(format!("--restart: the answer was not yes; nothing was {}", W::VERB))),
        Err(error) => Err(Failure::usage(format!("--restart: the answer cannot be read: {error}"))),
    }
}
