//! [`Index`]: what is known in memory of the jobs in a file: their states, and which of them may be leased. Depends on `job`.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use crate::{JobCounts, JobId, JobState, WorkerId};

/// A job in the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Where its line begins in the file.
    pub(super) added: u64,
    /// Where the line of its last change begins. `None` if there is none.
    pub(super) changed: Option<u64>,
    /// The hash of its key.
    key: u64,
    /// When it may be leased, in milliseconds since the file was opened.
    due: u64,
    pub(super) attempts: u32,
    pub(super) state: JobState,
}

/// A job that a worker has.
#[derive(Debug)]
struct Held {
    id: JobId,
    worker: WorkerId,
    /// Whether its call may be on its way.
    is_started: bool,
}

/// The jobs of a file, by number.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// The numbers of jobs by the hash of their id. Nearly always one.
    ids: HashMap<u64, Vec<u32>>,
    /// Jobs that are not settled, by the hash of their key, in the order in which they were added.
    waiting: HashMap<u64, VecDeque<u32>>,
    /// Jobs that may be leased once they are due: each is the first of its key.
    ready: BTreeSet<(u64, u32)>,
    held: HashMap<u32, Held>,
    /// The numbers of jobs that workers have, by id: each is asked for twice, and need not be read from the file for that.
    held_ids: HashMap<JobId, u32>,
    counts: JobCounts,
}

impl Index {
    pub(super) fn counts(&self) -> JobCounts {
        self.counts
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    /// Returns the number of a job that a worker has.
    pub(super) fn held(&self, id: &JobId) -> Option<u32> {
        self.held_ids.get(id).copied()
    }

    /// Returns the jobs whose id has the hash of this one: the caller compares the ids.
    pub(super) fn candidates(&self, id: &str) -> &[u32] {
        self.ids.get(&hash(id)).map_or(&[], Vec::as_slice)
    }

    /// Adds a queued job whose line begins at an offset. `None` if there is no number left.
    pub(super) fn add(&mut self, id: &str, key: &str, offset: u64) -> Option<u32> {
        let number = u32::try_from(self.entries.len()).ok()?;
        let key = hash(key);
        let state = JobState::Queued;
        self.entries.push(Entry { added: offset, changed: None, key, due: 0, attempts: 0, state });
        self.counts.queued += 1;
        self.ids.entry(hash(id)).or_default().push(number);
        self.enqueue(number);
        Some(number)
    }

    /// Puts a job into the queue of its key, in the order in which jobs were added.
    fn enqueue(&mut self, number: u32) {
        let key = self.entries[number as usize].key;
        let queue = self.waiting.entry(key).or_default();
        let at = queue.partition_point(|other| *other < number);
        let first = queue.front().copied();
        queue.insert(at, number);
        if at > 0 {
            return;
        }
        // The one that was first before waits for this one; if a worker has it, this one waits for it.
        if let Some(first) = first {
            let entry = &self.entries[first as usize];
            self.ready.remove(&(entry.due, first));
            if entry.state == JobState::Leased {
                return;
            }
        }
        self.offer_first(key);
    }

    /// Lets the first job of a key be leased, if it is queued.
    fn offer_first(&mut self, key: u64) {
        let first = self.waiting.get(&key).and_then(VecDeque::front);
        if let Some(number) = first {
            let entry = &self.entries[*number as usize];
            if entry.state == JobState::Queued {
                self.ready.insert((entry.due, *number));
            }
        }
    }

    /// Returns the jobs that may be leased now, up to this many, and when the next one is due, in milliseconds.
    pub(super) fn due(&self, now: u64, most: usize) -> (Vec<u32>, Option<u64>) {
        let due = self.ready.iter().take_while(|(due, _)| *due <= now).take(most).map(|(_, number)| *number).collect();
        let next = self.ready.range((now + 1, 0)..).next().map(|(due, _)| *due);
        (due, next)
    }

    /// Leases a job that [`due`](Self::due) returned.
    pub(super) fn lease(&mut self, number: u32, id: &JobId, worker: &WorkerId) {
        let due = self.entries[number as usize].due;
        self.ready.remove(&(due, number));
        self.held_ids.insert(id.clone(), number);
        self.held.insert(number, Held { id: id.clone(), worker: worker.clone(), is_started: false });
        self.set_state(number, JobState::Leased);
    }

    /// Whether a worker has started the job, so that it may be sent.
    pub(super) fn is_started(&self, number: u32) -> bool {
        self.held.get(&number).is_some_and(|held| held.is_started)
    }

    /// Records that the calls of jobs are about to be sent.
    pub(super) fn start(&mut self, number: u32) {
        if let Some(held) = self.held.get_mut(&number) {
            held.is_started = true;
        }
        self.entries[number as usize].attempts += 1;
    }

    /// Whether a worker has the job.
    pub(super) fn is_held_by(&self, number: u32, worker: &WorkerId) -> bool {
        self.held.get(&number).is_some_and(|held| held.worker == *worker)
    }

    /// Returns the jobs that a worker has, each with whether it was started.
    pub(super) fn held_by(&self, worker: &WorkerId) -> Vec<(u32, bool)> {
        let held = self.held.iter().filter(|(_, held)| held.worker == *worker);
        let mut held: Vec<_> = held.map(|(number, held)| (*number, held.is_started)).collect();
        held.sort_unstable();
        held
    }

    /// Gives a job a state. `due` is when a queued one may be leased, `changed` where the line begins that says so.
    pub(super) fn change(&mut self, number: u32, state: JobState, due: u64, changed: Option<u64>) {
        let before = self.entries[number as usize];
        self.ready.remove(&(before.due, number));
        if let Some(held) = self.held.remove(&number) {
            self.held_ids.remove(&held.id);
        }
        self.set_state(number, state);
        let entry = &mut self.entries[number as usize];
        entry.due = due;
        entry.changed = changed.or(entry.changed);
        match (before.state.is_settled(), state.is_settled()) {
            (true, true) => {}
            (true, false) => self.enqueue(number),
            (false, false) => self.offer_first(before.key),
            (false, true) => {
                if let Some(queue) = self.waiting.get_mut(&before.key) {
                    // Nearly always the first: then the rest is not looked at, however many jobs have the key.
                    if queue.front() == Some(&number) {
                        queue.pop_front();
                    } else {
                        queue.retain(|other| *other != number);
                    }
                    if queue.is_empty() {
                        self.waiting.remove(&before.key);
                    }
                }
                self.offer_first(before.key);
            }
        }
    }

    /// Reads how often a job was started from the file.
    pub(super) fn set_attempts(&mut self, number: u32, attempts: u32) {
        self.entries[number as usize].attempts = attempts;
    }

    /// Counts an attempt that the file tells of. Until its outcome is read, the job is leased by nobody.
    pub(super) fn read_start(&mut self, number: u32) {
        let due = self.entries[number as usize].due;
        self.ready.remove(&(due, number));
        self.entries[number as usize].attempts += 1;
        self.set_state(number, JobState::Leased);
    }

    /// Returns the jobs in a state from a number on.
    pub(super) fn in_state(&self, state: JobState, begin: u64) -> impl Iterator<Item = u32> + '_ {
        let begin = usize::try_from(begin).unwrap_or(usize::MAX).min(self.entries.len());
        let entries = self.entries[begin..].iter().enumerate();
        entries.filter(move |(_, entry)| entry.state == state).map(move |(at, _)| (begin + at) as u32)
    }

    fn set_state(&mut self, number: u32, state: JobState) {
        let entry = &mut self.entries[number as usize];
        *self.counts.of_mut(entry.state) -= 1;
        *self.counts.of_mut(state) += 1;
        entry.state = state;
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
