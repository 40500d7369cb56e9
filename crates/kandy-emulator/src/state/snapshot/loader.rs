//! Reads a snapshot into a state of its own, which replaces another one once it is whole.
//!
//! Depends on `record` and `error`. Begin with [`Loader::feed`].

use std::{mem, sync::Arc};

use kandy_sys::types::PendingMessage;
use uuid::Uuid;

use super::{
    error::SnapshotError,
    record::{Header, Record, VERSION},
};
use crate::{
    limits,
    state::{Account, Content, DomainNo, State, UserNo, clock::Clock, device::DeviceNo},
};

/// What the next record may belong to.
#[derive(Default)]
pub(super) enum Current {
    #[default]
    None,
    Device(UserNo, DeviceNo),
    Conversation(UserNo, String),
    /// A file of which bytes are missing.
    Content {
        domain: DomainNo,
        id: Uuid,
        content: Content,
        bytes: Vec<u8>,
        length: u64,
    },
}

impl State {
    /// A loader of snapshots for an emulator with the same settings.
    pub(crate) fn loader(&self) -> Loader {
        Loader::new(self.account.clone(), self.token_ttl)
    }
}

/// Reads a snapshot, of which it is given one chunk after another.
pub(crate) struct Loader {
    pub(super) state: State,
    /// The begin of a line whose end is not there yet.
    line: Vec<u8>,
    /// The number of the current line.
    number: u64,
    rank: u8,
    crc32: crc32fast::Hasher,
    /// All messages so far, by their positions.
    pub(super) messages: Vec<Arc<PendingMessage>>,
    /// What the next record may belong to.
    pub(super) current: Current,
    is_ended: bool,
}

impl Loader {
    /// A loader for an emulator with these settings.
    pub(crate) fn new(account: Account, token_ttl: u64) -> Self {
        Self {
            state: State::with_ttl(account, token_ttl),
            line: Vec::new(),
            number: 1,
            rank: 0,
            crc32: crc32fast::Hasher::new(),
            messages: Vec::new(),
            current: Current::None,
            is_ended: false,
        }
    }

    /// Reads the next chunk.
    pub(crate) fn feed(&mut self, mut chunk: &[u8]) -> Result<(), SnapshotError> {
        while let Some(end) = chunk.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = chunk.split_at(end + 1);
            chunk = rest;
            if self.line.is_empty() {
                self.read(line)?;
            } else {
                self.keep(line)?;
                let line = mem::take(&mut self.line);
                self.read(&line)?;
                // Its memory serves the next line.
                self.line = line;
                self.line.clear();
            }
        }
        self.keep(chunk)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), SnapshotError> {
        if self.line.len().saturating_add(part.len()) > limits::SNAPSHOT_LINE {
            return Err(self.refuse("the line is longer than any record"));
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    /// Returns the state, if the snapshot is whole.
    pub(crate) fn finish(mut self) -> Result<State, SnapshotError> {
        if !self.line.is_empty() {
            // The last line may lack its end.
            let line = mem::take(&mut self.line);
            self.read(&line)?;
        }
        if !self.is_ended {
            return Err(
                self.refuse("the file ends here without its last line: it is cut, or was not written to its end")
            );
        }
        Ok(self.state)
    }

    pub(super) fn refuse(&self, reason: impl Into<String>) -> SnapshotError {
        SnapshotError::of_line(self.number, reason)
    }

    fn read(&mut self, line: &[u8]) -> Result<(), SnapshotError> {
        if self.is_ended {
            return Err(self.refuse("there is more after the last record"));
        }
        let record: Record<'_> =
            serde_json::from_slice(line).map_err(|error| SnapshotError::unreadable(self.number, &error))?;
        self.check_order(&record)?;
        match record {
            Record::KandyEmulatorSnapshot(header) => self.header(&header)?,
            Record::End(end) => {
                self.complete()?;
                if end.records != self.number - 1 {
                    return Err(self.refuse(format!("{} records are expected, not {}", end.records, self.number - 1)));
                }
                if end.crc32 != self.crc32.clone().finalize() {
                    return Err(self.refuse("the checksum does not match: the file was changed after it was written"));
                }
                self.is_ended = true;
            }
            record => self.restore(record)?,
        }
        self.crc32.update(line);
        self.number += 1;
        Ok(())
    }

    fn check_order(&mut self, record: &Record<'_>) -> Result<(), SnapshotError> {
        let is_header = matches!(record, Record::KandyEmulatorSnapshot(_));
        if is_header != (self.number == 1) {
            return Err(self.refuse("a snapshot begins with one kandy_emulator_snapshot"));
        }
        let is_message = matches!(record, Record::Message(_));
        if is_message {
            return Ok(());
        }
        if record.rank() < self.rank {
            return Err(self.refuse("the record is at the wrong place: it belongs before others"));
        }
        self.rank = record.rank();
        Ok(())
    }

    fn header(&mut self, header: &Header<'_>) -> Result<(), SnapshotError> {
        let Header { version, written: _, clock_ahead_ms, next_domain, next_user } = *header;
        if version != VERSION {
            return Err(self.refuse(format!(
                "version {version} of the format; this version of the emulator reads {VERSION} only"
            )));
        }
        self.state.clock = Clock::new_ahead(clock_ahead_ms);
        self.state.sessions.now = self.state.clock.now();
        (self.state.domains.next, self.state.users.next) = (next_domain, next_user);
        Ok(())
    }
}
