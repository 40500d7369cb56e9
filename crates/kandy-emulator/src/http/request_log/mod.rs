//! The last requests, with credentials masked, and the exchanges of the latest of them.
//!
//! Depends on `faults`, `response` and `protocol::call`. Begin with `RequestLog`.

mod entry;
mod exchange;
mod limit;
mod logged_request;
mod raw_request;
mod ring;

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use entry::KeptEntry;
pub(crate) use entry::{KeptRequest, LogEntry, NewEntry};
use exchange::Exchange;
pub(crate) use exchange::{Body, Shown};
pub(crate) use limit::ExchangeLimit;
pub use logged_request::LoggedRequest;
use raw_request::RawRequest;
pub(crate) use raw_request::{LoggedOutcome, NewRequest};
use ring::ExchangeRing;
pub(crate) use ring::NewExchange;

/// How many requests are kept.
const KEPT: usize = 10_000;

/// The last requests to the API, and those to the emulator's own endpoints that changed something.
pub(crate) struct RequestLog {
    entries: VecDeque<KeptEntry>,
    /// The id of the next entry.
    next: u64,
    /// The first id since the log was cleared.
    first: u64,
    exchanges: ExchangeRing,
}

/// An entry with the credential that was sent.
pub(crate) struct FoundEntry {
    pub(crate) entry: LogEntry,
    pub(crate) key: Option<String>,
}

/// Entries after a given one.
pub(crate) struct LaterEntries {
    /// How many were removed meanwhile, because the log is full.
    pub(crate) dropped: u64,
    pub(crate) entries: Vec<FoundEntry>,
}

impl RequestLog {
    /// Returns an empty log whose ids begin at the time, so that they go on after an earlier emulator.
    pub(crate) fn new(now: SystemTime) -> Self {
        let micros = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let next = u64::try_from(micros).unwrap_or_default();
        Self { entries: VecDeque::new(), next, first: next, exchanges: ExchangeRing::default() }
    }

    /// Adds a request, and returns the entry that is removed for it, so that the caller drops it after unlocking the log.
    /// The buffer of a removed one is used again, because many allocations that are freed long after, on another thread,
    /// take longer than the rest of the log together.
    pub(crate) fn add(
        &mut self,
        request: NewEntry<'_>,
        exchange: Option<&NewExchange<'_>>,
        now: SystemTime,
        duration: Duration,
        is_admin: bool,
    ) -> Option<KeptRequest> {
        let oldest = if self.entries.len() == KEPT { self.entries.pop_front() } else { None };
        let (mut buffer, oldest) = match oldest.map(|oldest| oldest.request) {
            Some(KeptRequest::Raw(request)) => (request.into_buffer(), None),
            oldest => (String::new(), oldest),
        };
        let request = match request {
            NewEntry::Masked(request) => KeptRequest::Masked(Box::new(request)),
            NewEntry::Sent(request) => match RawRequest::new(&request, &mut buffer) {
                Some(raw) => KeptRequest::Raw(raw),
                None => KeptRequest::Masked(Box::new(request.logged())),
            },
        };
        let time = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let time = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let exchange = exchange.map(|exchange| self.exchanges.add(exchange));
        self.entries.push_back(KeptEntry { id: self.next, time, duration_us, is_admin, request, exchange });
        self.next += 1;
        oldest
    }

    /// The position of an entry. Ids have no gaps.
    fn position(&self, id: u64) -> Option<usize> {
        let oldest = self.entries.front()?.id;
        usize::try_from(id.checked_sub(oldest)?).ok()
    }

    /// The entry with an id, if it is still there, and its exchange, if that is.
    pub(crate) fn get(&self, id: u64) -> Option<(FoundEntry, Option<Exchange>)> {
        let entry = self.entries.get(self.position(id)?)?;
        Some((self.found(entry), entry.exchange.as_ref().and_then(|place| self.exchanges.get(place))))
    }

    fn found(&self, entry: &KeptEntry) -> FoundEntry {
        let query = entry.exchange.as_ref().and_then(|place| self.exchanges.query(place));
        FoundEntry { entry: entry.show(), key: query.and_then(|query| exchange::key(&query)) }
    }

    /// The requests to the API, oldest first.
    pub(crate) fn api_requests(&self) -> impl Iterator<Item = LoggedRequest> {
        self.entries.iter().filter(|entry| !entry.is_admin).map(KeptEntry::request)
    }

    /// Up to this many of the last requests to the API before an entry, newest first.
    pub(crate) fn last_requests(&self, most: usize, before: Option<u64>) -> Vec<FoundEntry> {
        let all = self.entries.len();
        // Of an entry that was removed, or is older than all, nothing is before.
        let end = before.map_or(all, |before| self.position(before).map_or(0, |at| at.min(all)));
        self.entries
            .range(..end)
            .rev()
            .filter(|entry| !entry.is_admin)
            .take(most)
            .map(|entry| self.found(entry))
            .collect()
    }

    /// The id of the last entry, also of one that was removed.
    pub(crate) fn last_id(&self) -> u64 {
        self.next - 1
    }

    /// Up to this many entries after the one with this id.
    pub(crate) fn after(&self, id: u64, most: usize) -> LaterEntries {
        let begin = id.saturating_add(1).max(self.first);
        let oldest = self.entries.front().map_or(self.next, |entry| entry.id);
        let skipped = usize::try_from(begin.saturating_sub(oldest)).unwrap_or(usize::MAX);
        let entries = self.entries.iter().skip(skipped).take(most).map(|entry| self.found(entry)).collect();
        LaterEntries { dropped: oldest.saturating_sub(begin), entries }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.exchanges.clear();
        self.first = self.next;
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn logged() -> LoggedRequest {
        LoggedRequest::new(None, &Method::GET, "/v1.2/x", None)
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = RequestLog::new(UNIX_EPOCH + Duration::from_secs(1));
        let request = logged();
        for _ in 0..=KEPT {
            drop(log.add(request.clone().into(), None, UNIX_EPOCH, Duration::ZERO, false));
        }
        assert_eq!(log.api_requests().count(), KEPT);
    }

    #[test]
    fn entries_after_an_id_are_found_and_those_that_were_removed_are_counted() {
        let mut log = RequestLog::new(UNIX_EPOCH + Duration::from_secs(1));
        let begin = log.last_id();
        let after = |log: &RequestLog, id, most| {
            let LaterEntries { dropped, entries } = log.after(id, most);
            (dropped, entries.iter().map(|found| found.entry.id - begin).collect::<Vec<_>>())
        };
        assert_eq!(after(&log, begin, 9), (0, vec![]));
        let request = logged();
        for number in 0..5 {
            drop(log.add(request.clone().into(), None, UNIX_EPOCH, Duration::ZERO, number == 2));
        }
        assert_eq!(after(&log, begin, 9), (0, vec![1, 2, 3, 4, 5]));
        assert_eq!(after(&log, begin + 2, 2), (0, vec![3, 4]));
        assert_eq!(after(&log, begin + 5, 9), (0, vec![]));
        assert_eq!(after(&log, u64::MAX, 9), (0, vec![]), "an id that is not there yet");
        assert_eq!(log.api_requests().count(), 4);
        for _ in 0..KEPT {
            drop(log.add(request.clone().into(), None, UNIX_EPOCH, Duration::ZERO, false));
        }
        assert_eq!(after(&log, begin + 2, 2), (3, vec![6, 7]), "3, 4 and 5 were removed");
        log.clear();
        assert_eq!(after(&log, begin + 2, 2), (0, vec![]), "what was cleared is not missed");
        drop(log.add(request.into(), None, UNIX_EPOCH, Duration::ZERO, true));
        assert_eq!(after(&log, begin + 2, 2), (0, vec![6 + KEPT as u64]));
    }
}
