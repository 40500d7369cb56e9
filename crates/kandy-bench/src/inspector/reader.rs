//! The process that reads the events of an emulator, and counts them.
//!
//! Depends on `wire` and `helper`. Begin with `run`.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use crate::{
    BoxError, helper, load,
    wire::{Wire, request},
};

/// What has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Counts {
    /// Events of requests.
    pub(super) requests: u64,
    /// Events that were not sent, because the reader was too slow.
    pub(super) dropped: u64,
}

/// Runs the process: it prints `connected` once it reads events, and returns `Counts` for each line.
///
/// # Errors
///
/// When the connection breaks.
pub fn run(address: SocketAddr) -> Result<(), BoxError> {
    let runtime = load::single_thread()?;
    let counts = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let reading = std::thread::spawn({
        let counts = counts.clone();
        move || runtime.block_on(read(address, &counts)).map_err(|error| error.to_string())
    });
    helper::serve(|_| {
        if reading.is_finished() {
            return Err("the stream of events has ended".into());
        }
        let (requests, dropped) = &*counts;
        let counts = Counts { requests: requests.load(Ordering::Relaxed), dropped: dropped.load(Ordering::Relaxed) };
        Ok(Some(serde_json::to_string(&counts)?))
    })
}

async fn read(address: SocketAddr, counts: &(AtomicU64, AtomicU64)) -> Result<(), BoxError> {
    let mut wire = Wire::connect(address).await?;
    let (mut lines, mut failed) = (Lines::default(), None);
    wire.request(&request("GET", "/_emulator/events", ""), |chunk| {
        // The first chunk is a comment, which the emulator sends at once.
        if !std::mem::replace(&mut lines.has_begun, true) {
            failed = helper::print_line("connected").err();
        }
        lines.read(chunk);
        counts.0.store(lines.counts.requests, Ordering::Relaxed);
        counts.1.store(lines.counts.dropped, Ordering::Relaxed);
    })
    .await?;
    failed.map_or(Ok(()), Err)
}

/// Reads server-sent events line by line.
#[derive(Debug, Default)]
struct Lines {
    has_begun: bool,
    /// The beginning of a line whose end has not come.
    rest: Vec<u8>,
    /// Whether the event is that of a slow reader.
    is_dropped: bool,
    counts: Counts,
}

impl Lines {
    fn read(&mut self, chunk: &[u8]) {
        let mut lines = chunk.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            self.rest.extend_from_slice(line);
            if lines.peek().is_some() {
                self.end_line();
                self.rest.clear();
            }
        }
    }

    fn end_line(&mut self) {
        match self.rest.strip_prefix(b"data: ") {
            Some(data) if self.is_dropped => {
                let data: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
                self.counts.dropped += data["count"].as_u64().unwrap_or_default();
            }
            Some(_) => {}
            None => {
                self.counts.requests += u64::from(self.rest == b"event: request");
                self.is_dropped = self.rest == b"event: dropped";
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_wherever_chunks_end() {
        let text = ": connected\n\nid: 1\nevent: request\ndata: {\"count\":9}\n\nevent: dropped\ndata: {\"count\":7}\n\n\
                    id: 2\nevent: change\ndata: {}\n\nid: 3\nevent: request\ndata: {\"text\":\"event: request\"}\n\n";
        for length in 1..text.len() {
            let mut lines = Lines::default();
            for chunk in text.as_bytes().chunks(length) {
                lines.read(chunk);
            }
            assert_eq!(lines.counts, Counts { requests: 2, dropped: 7 }, "chunks of {length}");
        }
    }
}
