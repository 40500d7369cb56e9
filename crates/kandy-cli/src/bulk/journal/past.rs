use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use super::{About, Kind};
use crate::{
    bulk::summary::Counts,
    failure::{Failure, Result},
};

/// What was settled by commands before.
#[derive(Debug, Default)]
pub(in crate::bulk) struct Past {
    pub(in crate::bulk) finished: Finished,
    /// What was begun and did not finish.
    pub(in crate::bulk) begun: BTreeSet<u64>,
    pub(in crate::bulk) counts: Counts,
    /// How long the files of failures, and of what is unknown, are as far as is written down.
    pub(in crate::bulk) failures: u64,
    pub(in crate::bulk) unknown: u64,
}

/// Which rows are settled: all up to one, and those few beyond it that overtook others.
#[derive(Clone, Debug, Default)]
pub(in crate::bulk) struct Finished {
    pub(super) next: u64,
    pub(super) beyond: BTreeSet<u64>,
}

impl Finished {
    pub(in crate::bulk) fn contains(&self, number: u64) -> bool {
        number < self.next || self.beyond.contains(&number)
    }

    pub(super) fn insert(&mut self, number: u64) {
        self.beyond.insert(number);
        while self.beyond.remove(&self.next) {
            self.next += 1;
        }
    }
}

impl Past {
    /// Whether nothing was ever begun.
    pub(in crate::bulk) fn is_empty(&self) -> bool {
        self.counts.all() == 0 && self.begun.is_empty()
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let mut words = line.split_ascii_whitespace();
        let (word, number) = (words.next()?, words.next()?.parse().ok()?);
        let length = words.next().map(str::parse).transpose().ok()?;
        let kind = match (word, length) {
            ("b", None) => {
                self.begun.insert(number);
                return Some(());
            }
            ("r", None) => {
                self.begun.remove(&number);
                return Some(());
            }
            ("c", None) => Kind::Done,
            ("e", None) => Kind::Existing,
            ("f", Some(length)) => {
                self.failures = length;
                Kind::Failed
            }
            ("u", Some(length)) => {
                self.unknown = length;
                Kind::Unknown
            }
            _ => return None,
        };
        self.begun.remove(&number);
        self.finished.insert(number);
        self.counts.add(kind);
        Some(())
    }
}

/// Reads a journal: what was settled, and how much of it can be used. None if there is nothing in it.
pub(super) fn read(file: &File, about: &About, path: &Path) -> Result<Option<(Past, u64)>> {
    let mut reader = BufReader::new(file);
    let (mut head, mut past, mut length) = (String::new(), Past::default(), 0);
    let mut line = Vec::new();
    for at in 0.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| Failure::of_file(path.display(), &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        let text = str::from_utf8(&line).unwrap_or_default();
        if at < 3 {
            head.push_str(text);
        } else if past.add(text).is_none() {
            return Err(Failure::usage(format!("{} is damaged in line {}", path.display(), at + 1)));
        }
        length += read as u64;
    }
    if head.lines().count() < 3 {
        // It was just begun.
        return Ok(None);
    }
    match about.difference(&head, path) {
        // Where nothing was begun it does not matter what it was for.
        Some(_) if past.is_empty() => Ok(None),
        Some(difference) => Err(Failure::usage(difference)),
        None => Ok(Some((past, length))),
    }
}
