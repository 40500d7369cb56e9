//! Writes a snapshot in chunks, with the state locked for one chunk at a time.
//!
//! Depends on `items`, `record`, `tracked` and `state::shared`. Begin with [`SnapshotWriter::begin`].

use std::{borrow::Cow, collections::BTreeMap, fmt, mem, sync::Arc, time::SystemTime};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use kandy_sys::types::PendingMessage;

use super::{
    items::{Item, Items},
    record::{self, Record, VERSION},
    tracked::{Progress, SnapshotNo, Tracking},
    walk::STAGES,
};
use crate::state::{SharedState, State};

/// The size of a chunk of text, in bytes.
const CHUNK: usize = 64 * 1024;
/// How many bytes of a file a record has.
const PART: usize = 30 * 1024;

/// A snapshot could not be finished: the state was replaced while it was written, or it was read too slowly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the state was replaced while the snapshot was written, or the snapshot was read too slowly")
    }
}

impl std::error::Error for Lost {}

/// Differs after each change of the state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Version {
    generation: u64,
    clock_ahead: u64,
    changes: u64,
}

/// Writes a snapshot: the state at one moment, as text.
pub(crate) struct SnapshotWriter {
    state: Arc<SharedState>,
    no: SnapshotNo,
    version: Version,
    /// The collection that is walked.
    stage: usize,
    items: std::vec::IntoIter<Item>,
    /// The rest of a file, which may be larger than a chunk.
    bytes: Bytes,
    text: Vec<u8>,
    /// The messages that are written, with their position, by their address. They are kept alive, so that no other
    /// message gets the address.
    messages: BTreeMap<usize, (usize, Arc<PendingMessage>)>,
    records: u64,
    crc32: crc32fast::Hasher,
    is_ended: bool,
}

impl SnapshotWriter {
    /// Begins a snapshot of this moment. Returns none while the objects of deleted users are being removed; the caller
    /// yields and tries again.
    pub(crate) fn begin(state: &Arc<SharedState>) -> Option<Self> {
        let mut locked = state.lock();
        // Removes a chunk, so that it comes to an end also if nothing else does.
        if locked.purge_chunk() {
            return None;
        }
        let no = locked.begin_snapshot();
        let version = locked.version();
        let header = Record::KandyEmulatorSnapshot(record::Header {
            version: VERSION,
            written: Cow::Owned(humantime::format_rfc3339_millis(SystemTime::now()).to_string()),
            clock_ahead_ms: locked.clock.ahead(),
            next_domain: locked.domains.next,
            next_user: locked.users.next,
        });
        drop(locked);
        let mut text = Vec::new();
        header.write_to(&mut text);
        Some(Self {
            state: Arc::clone(state),
            no,
            version,
            stage: 0,
            items: Vec::new().into_iter(),
            bytes: Bytes::new(),
            text,
            messages: BTreeMap::new(),
            records: 1,
            crc32: crc32fast::Hasher::new(),
            is_ended: false,
        })
    }

    /// The version of the state that it shows.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Returns the next chunk; none after the last.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Lost> {
        while !self.is_ended && self.text.len() < CHUNK {
            if !self.bytes.is_empty() {
                let part = self.bytes.split_to(PART.min(self.bytes.len()));
                self.record(&Record::Part(record::Part { base64: BASE64_STANDARD.encode(part).into() }));
            } else if let Some(item) = self.items.next() {
                self.write(item);
            } else if self.stage < STAGES {
                self.walk()?;
            } else {
                self.crc32.update(&self.text);
                let end = record::End { records: self.records, crc32: self.crc32.clone().finalize() };
                Record::End(end).write_to(&mut self.text);
                self.is_ended = true;
                return Ok(Some(mem::take(&mut self.text)));
            }
        }
        if self.is_ended {
            return Ok(None);
        }
        self.crc32.update(&self.text);
        Ok(Some(mem::take(&mut self.text)))
    }

    /// Takes a chunk out of the state.
    fn walk(&mut self) -> Result<(), Lost> {
        let mut items = Items::default();
        let mut state = self.state.lock();
        if state.generation != self.version.generation {
            return Err(Lost);
        }
        while self.stage < STAGES {
            match state.walk_snapshot(self.no, self.stage, &mut items) {
                Progress::More => break,
                Progress::Done => self.stage += 1,
                Progress::Lost => return Err(Lost),
            }
        }
        drop(state);
        self.items = items.into_parts();
        Ok(())
    }

    fn write(&mut self, item: Item) {
        match item {
            Item::Lines(lines) => {
                self.records += u64::try_from(lines.iter().filter(|byte| **byte == b'\n').count()).unwrap_or_default();
                self.text.extend_from_slice(&lines);
            }
            Item::Pending(no, message, acknowledged) => {
                let message = self.message(message);
                self.record(&Record::Pending(record::Pending { no, message, acknowledged }));
            }
            Item::Entry(number, sent, message) => {
                let message = self.message(message);
                self.record(&Record::Entry(record::Entry { number, sent, message }));
            }
            Item::Bytes(bytes) => self.bytes = bytes,
        }
    }

    /// The position of a message among all, which is written if it was not.
    fn message(&mut self, message: Arc<PendingMessage>) -> usize {
        let (address, next) = (Arc::as_ptr(&message).addr(), self.messages.len());
        if let Some((at, _)) = self.messages.get(&address) {
            return *at;
        }
        self.record(&Record::Message(Cow::Borrowed(&message)));
        self.messages.insert(address, (next, message));
        next
    }

    fn record(&mut self, record: &Record<'_>) {
        record.write_to(&mut self.text);
        self.records += 1;
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        // Of a state that was replaced, it does not matter: the numbers of snapshots continue.
        self.state.lock().end_snapshot(self.no);
    }
}

impl State {
    fn begin_snapshot(&mut self) -> SnapshotNo {
        let no = self.snapshots;
        self.snapshots += 1;
        self.tokens.begun.insert(no, self.tokens.revoked_before);
        self.tracked().into_iter().for_each(|collection| collection.begin(no));
        no
    }

    fn end_snapshot(&mut self, no: SnapshotNo) {
        self.tokens.begun.remove(&no);
        self.tracked().into_iter().for_each(|collection| collection.end(no));
    }

    /// Differs after each change.
    pub(crate) fn version(&mut self) -> Version {
        let changes = self.tracked().map(|collection| collection.changes());
        let changes = changes.into_iter().fold(0, u64::wrapping_add);
        Version { generation: self.generation, clock_ahead: self.clock.ahead(), changes }
    }

    /// All collections that a snapshot walks.
    fn tracked(&mut self) -> [&mut dyn Tracking; STAGES] {
        [
            &mut self.domains.tracked,
            &mut self.users.tracked,
            &mut self.devices.tracked,
            &mut self.groups.tracked,
            &mut self.contents.tracked,
            &mut self.sessions.tracked,
            &mut self.hunt_groups.tracked,
            &mut self.verifications.tracked,
            &mut self.conversations.tracked,
            &mut self.personal_contacts.tracked,
            &mut self.tokens.tracked,
            &mut self.outbox.tracked,
        ]
    }
}
