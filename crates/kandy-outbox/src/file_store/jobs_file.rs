//! [`JobsFile`]: the file of a store, with the index of its jobs. It blocks while it waits for the disk.

use std::{
    collections::{HashSet, VecDeque},
    fs,
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{
    index::{Entry, Index},
    lines::{self, Added, Change, HEAD, Line, MARK},
};
use crate::{
    Job, JobCounts, JobId, JobPage, JobRecord, JobState, JobUpdate, JournalFile, Leased, NewJob, NewState, StoreError,
    StoreResult, WorkerId,
    job::{from_milliseconds, to_milliseconds},
};

/// Why a job is unknown whose worker has ended.
const WORKER_ENDED: &str = "the program ended while it was being sent";

/// The longest payload of a job, in bytes.
const LONGEST_PAYLOAD: usize = 1 << 20;

/// How many workers are remembered that have ended.
const MAX_ABANDONED: usize = 64;

pub(super) struct JobsFile {
    journal: JournalFile,
    index: Index,
    /// When the file was opened: what is due is measured from then on by the clock that a test can pause.
    opened: Instant,
    /// The last workers that have ended. What they still ask for, as their futures were dropped, comes too late.
    abandoned: VecDeque<WorkerId>,
}

impl JobsFile {
    pub(super) fn open(path: &Path) -> StoreResult<Self> {
        let journal = JournalFile::open(path, MARK);
        Self::of(journal.map_err(|error| StoreError::new(path.display().to_string(), error.to_string()))?)
    }

    /// Reads the jobs of a file.
    fn of(mut journal: JournalFile) -> StoreResult<Self> {
        let name = journal.path().display().to_string();
        let failed = |error: &dyn std::fmt::Display| StoreError::new(&*name, error.to_string());
        let (mut index, mut lines, now) = (Index::default(), 0_u64, to_milliseconds(SystemTime::now()));
        let mut damaged = None;
        journal
            .for_each_line(|offset, line| {
                lines += 1;
                let is_read = match lines {
                    1 => line == HEAD.as_bytes(),
                    _ => lines::read(line).and_then(|line| apply(&mut index, line, offset, now)).is_some(),
                };
                if !is_read {
                    damaged.get_or_insert(lines);
                }
            })
            .map_err(|error| failed(&error))?;
        match damaged {
            Some(1) => return Err(failed(&"this version cannot read its format; use the version that wrote it")),
            Some(line) => {
                let reason = format!(
                    "it is damaged in line {line}, so it is not known what was sent. Keep the file, check what was sent, \
                     and use a new one"
                );
                return Err(failed(&reason));
            }
            None => {}
        }
        let head = if lines == 0 { format!("{HEAD}\n") } else { String::new() };
        journal.start(journal.length(), &head).map_err(|error| failed(&error))?;
        let mut file = Self { journal, index, opened: Instant::now(), abandoned: VecDeque::new() };
        // Only a process that was killed left jobs that are started and have no outcome.
        let started: Vec<_> = file.index.in_state(JobState::Leased, 0).collect();
        for number in started {
            file.change(number, Change::Unknown(WORKER_ENDED.to_owned()));
        }
        file.commit("", true)?;
        Ok(file)
    }

    pub(super) fn add(&mut self, jobs: Vec<NewJob>) -> StoreResult<Vec<JobId>> {
        let at = to_milliseconds(SystemTime::now());
        let (mut lines, mut new, mut ids) = (String::new(), Vec::new(), HashSet::new());
        for job in &jobs {
            if job.payload.get().len() > LONGEST_PAYLOAD {
                return Err(self.failed(format!("the payload of job {:?} is longer than 1 MiB", job.id.as_str())));
            }
            if !ids.insert(&job.id) || self.find(&job.id)?.is_some() {
                continue;
            }
            new.push((job, self.journal.next_offset() + lines.len() as u64));
            lines.push_str(&Added::new(job, at).line().map_err(|error| self.failed(error))?);
        }
        if self.index.len() + new.len() > u32::MAX as usize {
            return Err(self.failed("it has as many jobs as it can have; purge it"));
        }
        self.commit(&lines, true)?;
        for (job, offset) in &new {
            self.index.add(job.id.as_str(), &job.key, *offset);
        }
        Ok(new.into_iter().map(|(job, _)| job.id.clone()).collect())
    }

    pub(super) fn lease(&mut self, worker: &WorkerId, most: usize) -> StoreResult<Leased> {
        if self.abandoned.contains(worker) {
            return Ok(Leased::default());
        }
        let now = self.now();
        let (due, next) = self.index.due(now, most);
        let mut jobs = Vec::with_capacity(due.len());
        for number in due {
            let Some(entry) = self.index.get(number).copied() else { continue };
            let JobRecord { id, key, payload, attempts, added, .. } = self.record(&entry)?;
            self.index.lease(number, &id, worker);
            jobs.push(Job { id, key, payload, attempts, added });
        }
        Ok(Leased { jobs, next_due: next.map(|due| Duration::from_millis(due - now)) })
    }

    pub(super) fn start(&mut self, worker: &WorkerId, jobs: Vec<JobId>) -> StoreResult<Vec<JobId>> {
        let mut started = Vec::with_capacity(jobs.len());
        for id in jobs {
            if let Some(number) = self.find(&id)?.filter(|number| self.index.is_held_by(*number, worker)) {
                started.push((number, id));
            }
        }
        if !started.is_empty() {
            let at = to_milliseconds(SystemTime::now());
            self.commit(&lines::begun(started.iter().map(|(number, _)| *number), at), true)?;
        }
        Ok(started
            .into_iter()
            .map(|(number, id)| {
                self.index.start(number);
                id
            })
            .collect())
    }

    pub(super) fn update(&mut self, worker: &WorkerId, updates: &[JobUpdate]) -> StoreResult<()> {
        for JobUpdate { id, state, error } in updates {
            let Some(number) = self.find(id)? else { continue };
            let is_held = self.index.is_held_by(number, worker);
            // The outcome of a call that had been given up is known late.
            let is_late = self.abandoned.contains(worker)
                && self.index.get(number).is_some_and(|entry| entry.state == JobState::Unknown);
            if !is_held && !is_late {
                continue;
            }
            let error = error.clone().unwrap_or_default();
            match state {
                NewState::Sent => self.change(number, Change::Sent),
                NewState::Refused => self.change(number, Change::Refused(error)),
                NewState::Unknown => self.change(number, Change::Unknown(error)),
                // A job that was not started leaves no trace.
                NewState::Queued(wait) if !self.index.is_started(number) => {
                    let due = self.now().saturating_add(milliseconds(*wait));
                    self.index.change(number, JobState::Queued, due, None);
                }
                NewState::Queued(wait) => self.change(number, Change::Again(milliseconds(*wait), error)),
            }
        }
        // A process that is killed from here on has it on record; after a power failure these jobs are unknown, which is true.
        self.commit("", false)
    }

    pub(super) fn requeue(&mut self, jobs: &[JobId]) -> StoreResult<u64> {
        let mut queued = 0;
        for id in jobs {
            let Some(number) = self.find(id)? else { continue };
            let state = self.index.get(number).map(|entry| entry.state);
            if matches!(state, Some(JobState::Refused | JobState::Unknown)) {
                self.change(number, Change::Requeued);
                queued += 1;
            }
        }
        self.commit("", true)?;
        Ok(queued)
    }

    pub(super) fn counts(&self) -> JobCounts {
        self.index.counts()
    }

    pub(super) fn jobs(&self, state: JobState, begin: u64, most: usize) -> StoreResult<JobPage> {
        let mut numbers = self.index.in_state(state, begin);
        let mut jobs = Vec::new();
        for number in numbers.by_ref().take(most) {
            if let Some(entry) = self.index.get(number) {
                jobs.push(self.record(entry)?);
            }
        }
        Ok(JobPage { jobs, next: numbers.next().map(u64::from) })
    }

    /// Writes a new file without the jobs in a state, and puts it in the place of this one.
    pub(super) fn purge(&mut self, state: JobState) -> StoreResult<u64> {
        if !state.is_settled() {
            return Err(self.failed(format!("{state} jobs cannot be purged: they are not settled")));
        }
        let removed = self.counts().of(state);
        if removed == 0 {
            return Ok(0);
        }
        if self.counts().leased > 0 {
            return Err(self.failed("it cannot be purged while a worker sends jobs of it"));
        }
        self.commit("", true)?;
        let path = self.journal.path().to_owned();
        let mut new_path = path.clone().into_os_string();
        new_path.push(".new");
        let new_path = PathBuf::from(new_path);
        // A leftover of a purge that was killed.
        drop(fs::remove_file(&new_path));
        // The new file is locked before it is in place, so that no other process gets in between.
        let new = self.write_without(state, &new_path).and_then(|mut new| {
            new.journal.rename(&path).map_err(|error| self.failed(error))?;
            Ok(new)
        });
        match new {
            Ok(new) => {
                let abandoned = std::mem::take(&mut self.abandoned);
                *self = Self { abandoned, ..new };
                Ok(removed)
            }
            Err(error) => {
                drop(fs::remove_file(&new_path));
                Err(error)
            }
        }
    }

    /// Writes the jobs that are not in a state to a new file.
    fn write_without(&self, state: JobState, path: &Path) -> StoreResult<Self> {
        let failed = |error: &dyn std::fmt::Display| self.failed(error.to_string());
        let mut new = JournalFile::open(path, MARK).map_err(|error| failed(&error))?;
        new.start(0, &format!("{HEAD}\n")).map_err(|error| failed(&error))?;
        let mut number = 0;
        for old in 0..self.index.len() as u32 {
            let Some(entry) = self.index.get(old).filter(|entry| entry.state != state) else { continue };
            new.add(format_args!("{}", self.line_at(entry.added).map_err(|error| failed(&error))?));
            if entry.attempts > 0 {
                new.add(format_args!("{}", lines::attempts(number, entry.attempts)));
            }
            if let Some(offset) = entry.changed {
                let line = self.line_at(offset).map_err(|error| failed(&error))?;
                if let Some(Line::Changed { at, change, .. }) = lines::read(line.as_bytes()) {
                    new.add(format_args!("{}", change.line(number, at)));
                }
            }
            // Not all of a large file is kept in memory.
            new.commit("", false).map_err(|error| failed(&error))?;
            number += 1;
        }
        // Reading begins with a sync of the file.
        Self::of(new)
    }

    pub(super) fn abandon(&mut self, worker: &WorkerId) {
        for (number, is_started) in self.index.held_by(worker) {
            match is_started {
                true => self.change(number, Change::Unknown(WORKER_ENDED.to_owned())),
                false => self.index.change(number, JobState::Queued, 0, None),
            }
        }
        // What comes too late comes soon: a process that runs workers for months need not remember all.
        if self.abandoned.len() == MAX_ABANDONED {
            self.abandoned.pop_front();
        }
        self.abandoned.push_back(worker.clone());
        // A failure shows at the next commit, which has these lines, too; without it the jobs become unknown when the file is
        // opened again.
        drop(self.journal.commit("", false));
    }

    /// Records a change of a job.
    fn change(&mut self, number: u32, change: Change) {
        let at = to_milliseconds(SystemTime::now());
        let offset = self.journal.next_offset();
        self.journal.add(format_args!("{}", change.line(number, at)));
        let (state, wait) = state_of(&change);
        let due = self.now().saturating_add(wait);
        self.index.change(number, state, due, Some(offset));
    }

    /// Returns the number of a job.
    fn find(&self, id: &JobId) -> StoreResult<Option<u32>> {
        if let Some(number) = self.index.held(id) {
            return Ok(Some(number));
        }
        for number in self.index.candidates(id.as_str()) {
            if let Some(entry) = self.index.get(*number) {
                let line = self.line_at(entry.added).map_err(|error| self.failed(error))?;
                let added: Added<'_> = self.parse(&line)?;
                if added.id == id.as_str() {
                    return Ok(Some(*number));
                }
            }
        }
        Ok(None)
    }

    fn record(&self, entry: &Entry) -> StoreResult<JobRecord> {
        let line = self.line_at(entry.added).map_err(|error| self.failed(error))?;
        let Added { id, key, at, payload } = self.parse(&line)?;
        let added = from_milliseconds(at);
        let new = NewJob { id: id.as_ref().into(), key: key.into_owned(), payload: payload.to_owned() };
        let mut record = JobRecord { state: entry.state, attempts: entry.attempts, ..JobRecord::new(new, added) };
        // A line that is not committed yet cannot be read; it will be there when it is asked for again.
        if let Some(offset) = entry.changed.filter(|offset| *offset < self.journal.length()) {
            let line = self.line_at(offset).map_err(|error| self.failed(error))?;
            if let Some(Line::Changed { at, change, .. }) = lines::read(line.as_bytes()) {
                record.changed = from_milliseconds(at);
                record.error = change.into_error();
            }
        }
        Ok(record)
    }

    fn parse<'a>(&self, line: &'a str) -> StoreResult<Added<'a>> {
        let json = line.strip_prefix("q ").unwrap_or_default();
        serde_json::from_str(json).map_err(|error| self.failed(format!("a job cannot be read: {error}")))
    }

    /// Reads the line at an offset, without its end.
    fn line_at(&self, offset: u64) -> std::io::Result<String> {
        let mut file = self.journal.file();
        let end = file.stream_position()?;
        file.seek(SeekFrom::Start(offset))?;
        let mut line = Vec::new();
        let longest = (2 * LONGEST_PAYLOAD) as u64;
        let read = BufReader::with_capacity(512, file).take(longest).read_until(b'\n', &mut line);
        // Commits append where the last one ended.
        file.seek(SeekFrom::Start(end))?;
        read?;
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        String::from_utf8(line).map_err(std::io::Error::other)
    }

    fn commit(&mut self, more: &str, durable: bool) -> StoreResult<()> {
        self.journal
            .commit(more, durable)
            .map_err(|error| StoreError::new(self.journal.path().display().to_string(), error))
    }

    fn failed(&self, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::new(self.journal.path().display().to_string(), reason)
    }

    /// Returns the milliseconds since the file was opened.
    fn now(&self) -> u64 {
        milliseconds(self.opened.elapsed())
    }
}

/// Applies a line of the file to the index. `now` is the time in milliseconds since 1970. `None` if the line is damaged.
fn apply(index: &mut Index, line: Line<'_>, offset: u64, now: u64) -> Option<()> {
    match line {
        Line::Added(json) => {
            let added: Added<'_> = serde_json::from_str(json).ok()?;
            index.add(&added.id, &added.key, offset)?;
        }
        Line::Begun(numbers) => {
            for number in numbers {
                index.get(number).filter(|entry| entry.state == JobState::Queued)?;
                index.read_start(number);
            }
        }
        Line::Changed { number, at, change } => {
            index.get(number)?;
            let (state, wait) = state_of(&change);
            // No longer than it was to wait: the clock may have been ahead when the line was written.
            let due = at.saturating_add(wait).saturating_sub(now).min(wait);
            index.change(number, state, due, Some(offset));
        }
        Line::Attempts { number, attempts } => {
            index.get(number)?;
            index.set_attempts(number, attempts);
        }
    }
    Some(())
}

/// Returns the state of a job after a change, and for how many milliseconds it waits.
fn state_of(change: &Change) -> (JobState, u64) {
    match change {
        Change::Sent => (JobState::Sent, 0),
        Change::Refused(_) => (JobState::Refused, 0),
        Change::Unknown(_) => (JobState::Unknown, 0),
        Change::Again(wait, _) => (JobState::Queued, *wait),
        Change::Requeued => (JobState::Queued, 0),
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
