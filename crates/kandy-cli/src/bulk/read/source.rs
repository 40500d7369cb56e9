//! The rows of a run: read by its loop from a file, and by a thread from a stream.
//!
//! Depends on [`Rows`]. Begin with [`RowSource`].

use std::{
    collections::BTreeSet,
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc::{self, Receiver};

use super::{row::Row, rows::Rows};
use crate::{
    bulk::journal::Finished,
    failure::{Failure, Result},
};

/// The number of rows that a thread reads ahead.
const READ_AHEAD: usize = 128;

/// The maximum number of rows taken from a thread at once.
const BATCH: usize = 64;

/// The maximum number of rows read at once, with those that previous runs processed: the loop handles signals in between.
const MAX_READ: usize = 1024;

/// Reads and prepares rows that previous runs did not process.
pub(in crate::bulk) struct UnprocessedRows {
    rows: Rows,
    finished: Finished,
    begun: BTreeSet<u64>,
    prepare: Box<dyn FnMut(Row) -> Row + Send>,
}

impl UnprocessedRows {
    /// Reads a row, and passes it on if no previous run processed it. Returns false at the end.
    fn next(&mut self, pass: impl FnOnce(Row)) -> Result<bool> {
        // Processed rows are prepared, too: a later row of a stream must not repeat their recipients.
        let Some(row) = self.rows.next()?.map(&mut self.prepare) else { return Ok(false) };
        if !self.finished.contains(row.number) {
            pass(Row { begun: self.begun.contains(&row.number), ..row });
        }
        Ok(true)
    }
}

/// Where the loop of a run gets its rows from.
pub(in crate::bulk) enum RowSource {
    /// The loop reads a file itself: the bytes are there, and a channel from a thread would copy each row twice and wake both
    /// sides.
    File(Box<UnprocessedRows>),
    /// A thread reads a stream, whose next bytes may be long in coming.
    Stream(Receiver<Result<Row>>, Option<JoinHandle<()>>),
}

impl RowSource {
    /// Adds further rows to `batch`, possibly none: of a file no more than there is `room` for, so that the memory of finished rows
    /// serves those that are read next. Returns false at the end, and after an error.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no row.
    pub(in crate::bulk) async fn read(&mut self, batch: &mut Vec<Result<Row>>, room: usize) -> bool {
        match self {
            Self::File(rows) => read_batch(rows, batch, room),
            Self::Stream(rows, reader) => {
                if rows.recv_many(batch, BATCH).await > 0 {
                    return true;
                }
                // A reader that panicked must not look like the end of the input.
                if reader.take().is_some_and(|reader| reader.join().is_err()) {
                    batch.push(Err(Failure::local("the file was not read to the end")));
                }
                false
            }
        }
    }
}

impl Rows {
    /// Reads unprocessed rows in a thread, until the end or until the receiver is dropped.
    #[cfg(test)]
    pub(in crate::bulk) fn read(
        self,
        finished: Finished,
        begun: BTreeSet<u64>,
    ) -> Result<(Receiver<Result<Row>>, JoinHandle<()>)> {
        self.read_prepared(finished, begun, |row| row)
    }

    /// Reads and prepares unprocessed rows in a thread, until the end or until the receiver is dropped.
    pub(in crate::bulk) fn read_prepared(
        self,
        finished: Finished,
        begun: BTreeSet<u64>,
        prepare: impl FnMut(Row) -> Row + Send + 'static,
    ) -> Result<(Receiver<Result<Row>>, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let mut rows = UnprocessedRows { rows: self, finished, begun, prepare: Box::new(prepare) };
        let read = move || {
            loop {
                let mut is_received = true;
                let more = rows.next(|row| is_received = sender.blocking_send(Ok(row)).is_ok());
                match more {
                    Ok(true) if is_received => {}
                    Ok(_) => break,
                    Err(failure) => {
                        drop(sender.blocking_send(Err(failure)));
                        break;
                    }
                }
            }
        };
        match thread::Builder::new().name("rows".into()).spawn(read) {
            Ok(thread) => Ok((receiver, thread)),
            Err(error) => Err(Failure::local(format!("a thread to read the file cannot be started: {error}"))),
        }
    }

    /// Returns the unprocessed rows for the loop of a run. It reads a file itself; a thread reads a stream.
    pub(in crate::bulk) fn into_source(
        self,
        is_stream: bool,
        finished: Finished,
        begun: BTreeSet<u64>,
        prepare: impl FnMut(Row) -> Row + Send + 'static,
    ) -> Result<RowSource> {
        if is_stream {
            let (rows, reader) = self.read_prepared(finished, begun, prepare)?;
            return Ok(RowSource::Stream(rows, Some(reader)));
        }
        Ok(RowSource::File(Box::new(UnprocessedRows { rows: self, finished, begun, prepare: Box::new(prepare) })))
    }
}

fn read_batch(rows: &mut UnprocessedRows, batch: &mut Vec<Result<Row>>, room: usize) -> bool {
    for _ in 0..MAX_READ {
        match rows.next(|row| batch.push(Ok(row))) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(failure) => {
                batch.push(Err(failure));
                return false;
            }
        }
        if batch.len() >= room {
            break;
        }
    }
    true
}
