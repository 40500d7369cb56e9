//! What previous runs recorded in a journal.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

use super::format::{FORMAT, MARK, OLDEST_FORMAT, RejectedKind};
use crate::{
    bulk::{
        file,
        fingerprint::Fingerprint,
        outcome::{Counts, RowStatus},
        ranges::Ranges,
    },
    failure::{Failure, Result},
    private_file,
};

/// The state that previous runs left.
#[derive(Debug, Default)]
pub(in crate::bulk) struct ResumeState {
    pub(in crate::bulk) finished: Finished,
    /// Rows that were announced and have no outcome.
    pub(in crate::bulk) begun: BTreeSet<u64>,
    pub(in crate::bulk) counts: Counts,
    /// The fingerprint of the input when it was last read; `None` for stdin.
    pub(in crate::bulk) source: Option<Fingerprint>,
    /// The hash of the target.
    pub(in crate::bulk) target: u32,
    /// The files for rejected rows. The last one of each status is the current one.
    pub(in crate::bulk) files: Vec<PreviousFile>,
}

/// A file that previous runs wrote rejected rows to.
#[derive(Debug)]
pub(in crate::bulk) struct PreviousFile {
    pub(in crate::bulk) which: RejectedKind,
    pub(in crate::bulk) place: FileLocation,
    /// The number of rows in it.
    pub(in crate::bulk) rows: u64,
    /// Its contents if the last announced rows were written.
    pub(in crate::bulk) written: Fingerprint,
    /// Its contents without the last announced rows.
    pub(in crate::bulk) before: Fingerprint,
    /// The last announced rows, until they are confirmed.
    last: Vec<(u64, RowStatus)>,
}

/// The location of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::bulk) enum FileLocation {
    File(PathBuf),
    /// A device or a pipe, which cannot be read back.
    Device,
    /// An earlier version did not record it.
    NotRecorded,
}

/// The rows that need no further processing.
#[derive(Clone, Debug, Default)]
pub(in crate::bulk) struct Finished(Ranges);

impl Finished {
    pub(in crate::bulk) fn contains(&self, number: u64) -> bool {
        self.0.contains(number)
    }
}

impl PreviousFile {
    fn new(which: RejectedKind, place: FileLocation) -> Self {
        let nothing = Fingerprint::default();
        Self { which, place, rows: 0, written: nothing, before: nothing, last: Vec::new() }
    }

    /// Returns whether it is unknown if the last announced rows were written.
    pub(in crate::bulk) fn is_unconfirmed(&self) -> bool {
        !self.last.is_empty()
    }

    /// Confirms the last announced rows.
    fn confirm(&mut self) {
        self.before = self.written;
        self.last.clear();
    }

    /// Returns whether the file has this path.
    pub(in crate::bulk) fn is_at(&self, path: &Path) -> bool {
        matches!(&self.place, FileLocation::File(own) if file::is_same(own, path))
    }
}

impl ResumeState {
    /// Returns whether no row was started.
    pub(in crate::bulk) fn is_empty(&self) -> bool {
        self.counts.all() == 0 && self.begun.is_empty()
    }

    /// Returns the number of rows that may have been applied and must not be sent again.
    pub(in crate::bulk) fn in_doubt(&self) -> u64 {
        self.counts.unknown + self.begun.len() as u64
    }

    /// Removes the last announced rows of a file, which were not written to it: they are not processed.
    pub(in crate::bulk) fn withdraw(&mut self, at: usize) {
        let file = &mut self.files[at];
        file.written = file.before;
        for (number, status) in std::mem::take(&mut file.last) {
            file.rows -= 1;
            self.finished.0.remove(number);
            self.counts.remove(status);
            // A failed row was not applied; a row with unknown outcome may have been, so it stays announced.
            if status == RowStatus::Unknown {
                self.begun.insert(number);
            }
        }
    }

    fn current(&mut self, which: RejectedKind) -> Option<usize> {
        self.files.iter().rposition(|file| file.which == which)
    }

    fn finish(&mut self, number: u64, status: RowStatus) {
        self.begun.remove(&number);
        self.finished.0.insert(number);
        self.counts.add(status);
    }

    fn add(&mut self, line: &str, folder: &Path) -> Option<()> {
        let (word, rest) = line.trim_end_matches('\n').split_once(' ')?;
        let words: Vec<_> = rest.split(' ').collect();
        match (word, words.as_slice()) {
            ("b", [number]) => drop(self.begun.insert(number.parse().ok()?)),
            ("r", [number]) => drop(self.begun.remove(&number.parse().ok()?)),
            ("c", [number]) => self.finish(number.parse().ok()?, RowStatus::Done),
            ("e", [number]) => self.finish(number.parse().ok()?, RowStatus::Existing),
            ("x", [number]) => self.finish(number.parse().ok()?, RowStatus::Suppressed),
            ("s", [_, _]) => self.source = Some(rest.parse().ok()?),
            ("file", [which, path]) => self.declare(RejectedKind::of(which)?, path, folder),
            ("w", [which, _, _, ..]) => {
                let at = self.current(RejectedKind::of(which)?)?;
                self.announce(at, &words)?;
            }
            ("k", [which]) => {
                let at = self.current(RejectedKind::of(which)?)?;
                self.files[at].confirm();
            }
            ("n", [which]) => {
                let at = self.current(RejectedKind::of(which)?)?;
                self.withdraw(at);
            }
            ("f" | "u", [number, length]) => self.add_of_format_1(word, number.parse().ok()?, length.parse().ok()?)?,
            _ => return None,
        }
        Some(())
    }

    fn declare(&mut self, which: RejectedKind, path: &str, folder: &Path) {
        let place = if path == "-" { FileLocation::Device } else { FileLocation::File(file::from_word(path, folder)) };
        let known = self.files.iter().position(|file| file.which == which && file.place == place);
        let file = known.map(|at| self.files.remove(at)).unwrap_or_else(|| PreviousFile::new(which, place));
        self.files.push(file);
    }

    fn announce(&mut self, at: usize, words: &[&str]) -> Option<()> {
        let written = format!("{} {}", words[1], words[2]).parse().ok()?;
        let mut rows = Vec::new();
        for word in &words[3..] {
            let status = if word.starts_with('u') { RowStatus::Unknown } else { RowStatus::Failed };
            rows.push((word.strip_prefix(['u', 'f'])?.parse().ok()?, status));
        }
        for (number, status) in &rows {
            self.finish(*number, *status);
        }
        let file = &mut self.files[at];
        file.rows += rows.len() as u64;
        (file.before, file.written, file.last) = (file.written, written, rows);
        Some(())
    }

    fn add_of_format_1(&mut self, word: &str, number: u64, _length: u64) -> Option<()> {
        let which = RejectedKind::of(word)?;
        let status = if which == RejectedKind::Unknown { RowStatus::Unknown } else { RowStatus::Failed };
        let at = match self.files.iter().position(|file| file.which == which && file.place == FileLocation::NotRecorded)
        {
            Some(at) => at,
            None => {
                self.files.insert(0, PreviousFile::new(which, FileLocation::NotRecorded));
                0
            }
        };
        self.files[at].rows += 1;
        self.finish(number, status);
        Some(())
    }
}

/// Reads a journal. Returns its state and the length of its complete lines; `None` if it has no complete header.
pub(super) fn read(file: &File, what: &str, path: &Path) -> Result<Option<(ResumeState, u64)>> {
    let damaged = |line: u64| {
        Failure::usage(format!(
            "{} is damaged in line {line}, so it is not known which rows are processed. Check what was done, and run \
             the command on a file with the remaining rows and its own --journal",
            path.display()
        ))
    };
    let mut reader = BufReader::new(file);
    let (mut past, mut length, mut lines) = (ResumeState::default(), 0, 0_u64);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| Failure::of_file(path.display(), &error))?;
        if line.last() != Some(&b'\n') {
            break;
        }
        lines += 1;
        let text = str::from_utf8(&line).map_err(|_| damaged(lines))?;
        let understood = match lines {
            1 => {
                is_of(text, what, path)?;
                Some(())
            }
            2 => match text.trim_end().strip_prefix("source ") {
                Some("-") => Some(()),
                Some(source) => source.parse().ok().map(|source| past.source = Some(source)),
                None => None,
            },
            3 => text
                .trim_end()
                .strip_prefix("target ")
                .and_then(|target| u32::from_str_radix(target, 16).ok())
                .map(|target| past.target = target),
            _ => past.add(text, private_file::folder(path)),
        };
        understood.ok_or_else(|| damaged(lines))?;
        length += read as u64;
    }
    // A kill while the header was written leaves fewer than three lines.
    Ok((lines >= 3).then_some((past, length)))
}

/// Rejects the journal of another command, and formats that this version does not know.
fn is_of(head: &str, what: &str, path: &Path) -> Result {
    let (format, about) = head.trim_end().strip_prefix(MARK).and_then(|rest| rest.split_once(' ')).unwrap_or_default();
    let path = path.display();
    match format.parse::<u32>() {
        Ok(OLDEST_FORMAT..=FORMAT) if about == what => Ok(()),
        Ok(OLDEST_FORMAT..=FORMAT) => Err(Failure::usage(format!(
            "{path} is the journal of another command, {about:?}; name another file with --journal"
        ))),
        _ => Err(Failure::usage(format!(
            "{path} is a journal of format {format:?}, and this version of kandy reads {OLDEST_FORMAT} to {FORMAT}; \
             use the version that wrote it, or name another file with --journal"
        ))),
    }
}
