//! [`Remaining`]: the lines of a dead-letter file without the delivered messages.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, Take},
    path::Path,
};

use super::entry::{Entry, Line};

/// Reads the lines that are not delivered, one at a time.
pub(crate) struct Remaining {
    lines: Lines,
    /// The line number of the last mark of each delivered message. It concerns the lines before it only: the same
    /// message may fail again later.
    delivered: HashMap<String, u64>,
}

/// A line that is not delivered.
pub(crate) struct Letter {
    /// The number of the line, from 1.
    pub(crate) number: u64,
    line: Vec<u8>,
    /// The message; `None` if the line cannot be read.
    pub(crate) entry: Option<Box<Entry>>,
}

impl Letter {
    /// Returns the line as it is.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }
}

impl Remaining {
    /// Reads which messages are delivered, and begins with the first line.
    pub(super) fn read(path: &Path, length: u64) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut delivered = HashMap::new();
        let mut lines = Lines::new(file.try_clone()?, length);
        while let Some((number, line)) = lines.next()? {
            if let Line::Delivered(webhook_id) = Line::parse(&line) {
                delivered.insert(webhook_id, number);
            }
        }
        file.rewind()?;
        Ok(Self { lines: Lines::new(file, length), delivered })
    }

    /// Returns the ids of the messages that are marked as delivered.
    pub(super) fn into_delivered(self) -> HashSet<String> {
        self.delivered.into_keys().collect()
    }

    /// Returns the next line.
    pub(crate) fn next(&mut self) -> io::Result<Option<Letter>> {
        while let Some((number, line)) = self.lines.next()? {
            let entry = match Line::parse(&line) {
                Line::Empty | Line::Delivered(_) => continue,
                Line::Unreadable => None,
                Line::Entry(entry) => Some(entry),
            };
            let is_delivered =
                |entry: &Entry| self.delivered.get(entry.webhook_id()).is_some_and(|mark| *mark > number);
            if !entry.as_deref().is_some_and(is_delivered) {
                return Ok(Some(Letter { number, line, entry }));
            }
        }
        Ok(None)
    }
}

/// Numbered lines.
struct Lines {
    from: BufReader<Take<File>>,
    number: u64,
}

impl Lines {
    fn new(file: File, length: u64) -> Self {
        Self { from: BufReader::new(file.take(length)), number: 0 }
    }

    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        let mut line = Vec::new();
        if self.from.read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.ends_with(b"\n") {
            line.pop();
        }
        self.number += 1;
        Ok(Some((self.number, line)))
    }
}
