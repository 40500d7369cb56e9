//! The mutants that tests need not catch, each with a reason.

use crate::Error;

/// The list of accepted survivors, below the root of the workspace.
pub const ACCEPTED: &str = "xtask/mutants-accepted.txt";

/// The accepted survivors: mutants that no test can catch, because they change nothing that a caller sees.
#[derive(Debug, Default)]
pub struct Accepted {
    mutants: Vec<String>,
}

/// What a run found beside the accepted survivors.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Survivors that are not accepted, as cargo-mutants writes them.
    pub unknown: Vec<String>,
    /// Accepted mutants that no longer survive.
    pub stale: Vec<String>,
}

impl Accepted {
    /// Reads the list: a line for each mutant, as cargo-mutants writes it but without line and column, and its reason in the
    /// indented lines below. Lines that begin with `#` are comments.
    ///
    /// # Errors
    ///
    /// When a mutant has no reason, or a reason no mutant.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut accepted = Self::default();
        let mut has_reason = true;
        let failed = |line: usize, reason: &str| Err(Error::new(format!("{ACCEPTED}:{}", line + 1), reason));
        for (number, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if line.starts_with(char::is_whitespace) {
                if accepted.mutants.is_empty() {
                    return failed(
                        number,
                        "a reason without a mutant above it; put the mutant first, without indentation",
                    );
                }
                has_reason = true;
            } else if has_reason {
                accepted.mutants.push(line.trim_end().to_owned());
                has_reason = false;
            } else {
                return failed(number, "the mutant above has no reason; indent it below the mutant");
            }
        }
        match has_reason {
            true => Ok(accepted),
            false => failed(text.lines().count(), "the last mutant has no reason; indent it below the mutant"),
        }
    }

    /// Compares the survivors of an area with the list. A mutant that is listed twice may survive twice.
    pub fn judge(&self, files: &[&str], survivors: &[String]) -> Verdict {
        let is_of_area = |mutant: &&String| files.iter().any(|file| covers(file, mutant));
        let mut left: Vec<&String> = self.mutants.iter().filter(is_of_area).collect();
        let mut verdict = Verdict::default();
        for survivor in survivors {
            let name = without_position(survivor);
            match left.iter().position(|accepted| **accepted == name) {
                Some(at) => drop(left.swap_remove(at)),
                None => verdict.unknown.push(survivor.clone()),
            }
        }
        verdict.stale = left.into_iter().cloned().collect();
        verdict.stale.sort();
        verdict
    }
}

/// Whether a mutant is in the file or folder of an area. `folder/**` is everything below the folder.
fn covers(file: &str, mutant: &str) -> bool {
    let path = mutant.split(':').next().unwrap_or_default();
    file.strip_suffix("**").map_or(path == file, |folder| path.starts_with(folder))
}

/// Returns `path: mutant` of `path:line:column: mutant`: lines move with every change above them.
pub fn without_position(mutant: &str) -> String {
    let mut parts = mutant.splitn(4, ':');
    let is_number = |part: &str| part.parse::<u32>().is_ok();
    match [parts.next(), parts.next(), parts.next(), parts.next()] {
        [Some(path), Some(line), Some(column), Some(rest)] if is_number(line) && is_number(column) => {
            format!("{path}:{rest}")
        }
        _ => mutant.to_owned(),
    }
}
