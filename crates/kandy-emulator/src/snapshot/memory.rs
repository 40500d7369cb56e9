//! Snapshots in memory.
//!
//! Begin with [`Snapshots`].

use std::{
    collections::BTreeMap,
    fmt, io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde::Serialize;

use crate::{
    limits,
    state::{Loader, SharedState, SnapshotWriter, State, clock::timestamp},
};

/// How often a snapshot is begun again after the state was replaced in the meantime.
const ATTEMPTS: usize = 5;

/// A snapshot in memory.
#[derive(Clone)]
pub(crate) struct MemorySnapshot {
    chunks: Arc<Vec<Vec<u8>>>,
    bytes: u64,
    /// By the emulator's clock.
    taken: u64,
}

impl MemorySnapshot {
    /// Takes a snapshot, which has at most this many bytes. Blocks the thread, and not the requests.
    pub(crate) fn take(state: &Arc<SharedState>, most_bytes: u64) -> io::Result<Self> {
        let mut outcome = Err(io::ErrorKind::Interrupted.into());
        for _ in 0..ATTEMPTS {
            let (mut chunks, mut bytes) = (Vec::new(), 0);
            let mut writer = begin(state);
            outcome = write(state, &mut writer, |chunk| {
                bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
                chunks.push(chunk);
                if bytes > most_bytes { Err(io::ErrorKind::OutOfMemory.into()) } else { Ok(()) }
            });
            match &outcome {
                Ok(()) => {
                    let taken = state.lock().clock.now();
                    return Ok(Self { chunks: Arc::new(chunks), bytes, taken });
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        outcome.and(Err(io::ErrorKind::Interrupted.into()))
    }

    /// Reads it into a state of its own.
    pub(crate) fn load(&self, mut loader: Loader) -> io::Result<State> {
        self.chunks.iter().try_for_each(|chunk| loader.feed(chunk))?;
        Ok(loader.finish()?)
    }

    fn describe<'a>(&self, name: &'a str) -> Described<'a> {
        Described { name, bytes: self.bytes, taken: timestamp(self.taken) }
    }
}

/// Begins a snapshot as soon as the objects of deleted users are removed.
pub(super) fn begin(state: &Arc<SharedState>) -> SnapshotWriter {
    loop {
        match SnapshotWriter::begin(state) {
            Some(writer) => return writer,
            None => state.yield_blocking(),
        }
    }
}

/// Writes a snapshot chunk by chunk, and yields to requests in between. An error of the kind
/// [`Interrupted`](io::ErrorKind::Interrupted) means that the state was replaced.
pub(super) fn write(
    state: &SharedState,
    writer: &mut SnapshotWriter,
    mut add: impl FnMut(Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    while let Some(chunk) = writer.next_chunk().map_err(|lost| io::Error::new(io::ErrorKind::Interrupted, lost))? {
        add(chunk)?;
        state.yield_blocking();
    }
    Ok(())
}

/// A named snapshot in a list.
#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    bytes: u64,
    taken: String,
}

/// Why a snapshot cannot be kept by a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NameError {
    Invalid,
    Unknown,
    TooMany,
    TooLarge,
    Interrupted,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid => f.write_str("a name of a snapshot has 1 to 64 of the characters A-Z a-z 0-9 . _ -"),
            Self::Unknown => f.write_str("no snapshot has this name"),
            Self::TooMany => write!(f, "{} snapshots are kept, which is the limit; delete some", limits::SNAPSHOTS),
            Self::TooLarge => write!(
                f,
                "the snapshots would take more than {} MiB, which is the limit; delete some, or use GET \
                 /_emulator/snapshot",
                limits::SNAPSHOT_BYTES / 1024 / 1024
            ),
            Self::Interrupted => f.write_str("the state was replaced while the snapshot was taken; take it again"),
        }
    }
}

/// The snapshots that are kept in memory.
#[derive(Default)]
pub(crate) struct Snapshots {
    named: Mutex<BTreeMap<String, MemorySnapshot>>,
    /// The state after seeding, which a reset goes back to.
    seed: OnceLock<MemorySnapshot>,
}

impl Snapshots {
    /// Sets the state that a reset goes back to.
    pub(crate) fn set_seed(&self, snapshot: MemorySnapshot) {
        // It is set once, before requests are served.
        drop(self.seed.set(snapshot));
    }

    pub(crate) fn seed(&self) -> Option<&MemorySnapshot> {
        self.seed.get()
    }

    /// Takes a snapshot, which replaces one with this name, and describes it in JSON.
    pub(crate) fn take(&self, name: &str, state: &Arc<SharedState>) -> Result<Vec<u8>, NameError> {
        check(name)?;
        // Before and after, because others may be taken at the same time.
        self.room(name)?;
        let snapshot = MemorySnapshot::take(state, limits::SNAPSHOT_BYTES).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => NameError::TooLarge,
            _ => NameError::Interrupted,
        })?;
        let described = serde_json::to_vec(&snapshot.describe(name)).unwrap_or_default();
        let mut named = self.lock();
        let others = named.iter().filter(|(other, _)| *other != name);
        let (count, bytes) = others.fold((0, snapshot.bytes), |(count, bytes), (_, it)| (count + 1, bytes + it.bytes));
        match (count >= limits::SNAPSHOTS, bytes > limits::SNAPSHOT_BYTES) {
            (true, _) => Err(NameError::TooMany),
            (_, true) => Err(NameError::TooLarge),
            _ => {
                let old = named.insert(name.to_owned(), snapshot);
                drop(named);
                drop(old);
                Ok(described)
            }
        }
    }

    fn room(&self, name: &str) -> Result<(), NameError> {
        let named = self.lock();
        let is_full = named.len() >= limits::SNAPSHOTS && !named.contains_key(name);
        if is_full { Err(NameError::TooMany) } else { Ok(()) }
    }

    pub(crate) fn get(&self, name: &str) -> Result<MemorySnapshot, NameError> {
        check(name)?;
        self.lock().get(name).cloned().ok_or(NameError::Unknown)
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), NameError> {
        check(name)?;
        let removed = self.lock().remove(name);
        removed.map(drop).ok_or(NameError::Unknown)
    }

    /// Name, size and time of each, in JSON.
    pub(crate) fn list(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct List<'a> {
            snapshots: Vec<Described<'a>>,
        }
        let named = self.lock();
        let snapshots = named.iter().map(|(name, snapshot)| snapshot.describe(name)).collect();
        serde_json::to_vec(&List { snapshots }).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, MemorySnapshot>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check(name: &str) -> Result<(), NameError> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(is_valid) { Ok(()) } else { Err(NameError::Invalid) }
}
