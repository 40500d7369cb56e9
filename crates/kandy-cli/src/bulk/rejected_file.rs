//! Files of rows that are not done.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    file,
    fingerprint::Fingerprint,
    journal::{self, Journal, RejectedKind},
    outcome::RowStatus,
    read::{Form, JsonFields, RawRow},
    rejected_target::{Destination, LastBatch, RejectedTarget},
};
use crate::{
    failure::{Failure, Result},
    private_file,
    terminal::{Lines, escape},
};

/// A file of rows that are not done, in the form that they came in, so that it can be given again.
///
/// It is open from the beginning, so that a place that cannot be written to is found before anything is sent. When no
/// row was written to it, it is removed at the end.
pub(super) struct RejectedFile {
    pub(super) which: RejectedKind,
    last: LastBatch,
    path: PathBuf,
    /// The head of such a file, in CSV.
    header: Option<csv::ByteRecord>,
    form: Form,
    file: File,
    is_device: bool,
    /// Whether this process or one before it made the file, and nothing is in it.
    is_unused: bool,
    /// What is in it.
    written: Fingerprint,
    /// What is to be written, and of which rows it is.
    pending: Vec<u8>,
    rows: Vec<Pending>,
    /// Why nothing is written to it any more.
    broken: Option<String>,
}

/// A row that is to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) kind: RowStatus,
    /// Whether the journal has that its call was begun.
    pub(super) is_begun: bool,
}

/// The column that says why.
const ERROR: &str = "error";

impl RejectedFile {
    /// Opens the file, or makes it.
    pub(super) fn open(
        wanted: &RejectedTarget<'_>,
        found: Destination,
        header: Option<&csv::ByteRecord>,
        form: Form,
    ) -> Result<Self> {
        let header = header.map(|header| {
            let mut header: csv::ByteRecord = header.iter().filter(|name| *name != ERROR.as_bytes()).collect();
            header.push_field(ERROR.as_bytes());
            header
        });
        let is_device = matches!(found, Destination::Device);
        let (path, file, written, last) = match found {
            Destination::Device => {
                let file = file::open(wanted.path).map_err(|error| wanted.unusable(wanted.path, &error))?;
                (wanted.path.to_owned(), file, Fingerprint::default(), LastBatch::Recorded)
            }
            Destination::Append(path, file, written, last) => (path, file, written, last),
            Destination::Create(path) => {
                let (path, file) = create(wanted, &path)?;
                (path, file, Fingerprint::default(), LastBatch::Recorded)
            }
        };
        Ok(Self {
            which: wanted.which,
            last,
            path,
            header,
            form,
            file,
            is_device,
            is_unused: written.length == 0,
            written,
            pending: Vec::new(),
            rows: Vec::new(),
            broken: None,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nothing is written to it, nor about to be.
    fn is_empty(&self) -> bool {
        self.written.length == 0 && self.pending.is_empty()
    }

    /// Whether rows were written to it, by this run or those before.
    pub(super) fn has_rows(&self) -> bool {
        !self.is_unused
    }

    /// Writes to the journal that rows go here from now on, and what became of those that were announced last.
    pub(super) fn declare(&self, journal: &mut Journal) {
        journal.declare(self.which, (!self.is_device).then_some(&*self.path));
        match self.last {
            LastBatch::Recorded => {}
            LastBatch::Written => journal.confirm(self.which),
            LastBatch::NotWritten => journal.withdraw(self.which),
        }
    }

    /// Takes a row to be written. `original` is the header that the row goes with.
    pub(super) fn add(&mut self, raw: &RawRow, original: Option<&csv::ByteRecord>, error: &str, row: Pending) {
        self.rows.push(row);
        if self.broken.is_some() {
            return;
        }
        // The row stays as it is; control characters of the reason, which may repeat what the service said, are escaped.
        let error = &*escape(error, Lines::One);
        let mut bytes = Vec::new();
        if self.form.mark && self.is_empty() {
            bytes.extend_from_slice(b"\xef\xbb\xbf");
        }
        // Writing to memory does not fail.
        drop(match raw {
            RawRow::Csv(record, _) => self.add_csv(&mut bytes, record, original, error),
            RawRow::Json(line, _) => add_json(&mut bytes, line, error),
        });
        self.pending.append(&mut bytes);
    }

    fn add_csv(
        &self,
        to: &mut Vec<u8>,
        record: &csv::ByteRecord,
        original: Option<&csv::ByteRecord>,
        error: &str,
    ) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(self.form.delimiter).from_writer(to);
        if let Some(header) = self.header.as_ref().filter(|_| self.is_empty()) {
            writer.write_byte_record(header)?;
        }
        let columns = original.map_or(0, csv::ByteRecord::len);
        // Where there are too few values, the reason must not become one of them.
        let values = record.iter().chain(std::iter::repeat_n(&b""[..], columns.saturating_sub(record.len())));
        let is_reason = |at: usize| original.and_then(|header| header.get(at)) == Some(ERROR.as_bytes());
        let values = values.enumerate().filter(|(at, _)| !is_reason(*at)).map(|(_, value)| value);
        let row: csv::ByteRecord = values.chain([error.as_bytes()]).collect();
        writer.write_byte_record(&row)?;
        writer.flush()
    }

    /// The line of the journal that has to be there before [`write`](Self::write); none if nothing is to be written.
    pub(super) fn announcement(&self) -> Option<String> {
        if self.rows.is_empty() || self.broken.is_some() {
            return None;
        }
        let mut written = self.written;
        if !self.is_device {
            written.add(&self.pending);
        }
        let rows: Vec<_> = self.rows.iter().map(|row| (row.number, row.kind)).collect();
        Some(journal::announcement(self.which, &written, &rows))
    }

    /// Writes what is to be written; if that fails, the file is as it was. With `lasting` it is there even when the
    /// power fails.
    pub(super) fn write(&mut self, lasting: bool) -> Result {
        let failed = |path: &Path, error: &dyn std::fmt::Display| {
            Failure::local(format!("{} cannot be written: {error}", path.display()))
        };
        if let Some(reason) = &self.broken {
            return Err(failed(&self.path, reason));
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        // A device keeps nothing.
        let is_synced = lasting && !self.is_device;
        let written =
            self.file.write_all(&self.pending).and_then(|()| if is_synced { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.broken = Some(error.to_string());
            if !self.is_device {
                // A half row must not be given again. If it stays, the next run finds it.
                drop(self.file.set_len(self.written.length));
            }
            return Err(failed(&self.path, &error));
        }
        if !self.is_device {
            self.written.add(&self.pending);
        }
        self.is_unused = false;
        self.pending.clear();
        self.rows.clear();
        Ok(())
    }

    /// The rows that could not be written, which are forgotten.
    pub(super) fn take_unwritten(&mut self) -> Vec<Pending> {
        self.pending.clear();
        std::mem::take(&mut self.rows)
    }
}

/// What no row was written to goes away, unless someone else has put something there.
impl Drop for RejectedFile {
    fn drop(&mut self) {
        let is_empty = || self.file.metadata().is_ok_and(|there| there.len() == 0);
        if self.is_unused && !self.is_device && file::is_at(&self.file, &self.path) && is_empty() {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// How many names are tried for a file.
const MOST_NAMES: u32 = 10_000;

/// Makes a file that was not there. Unless the user has named it, another name is taken where something is.
fn create(wanted: &RejectedTarget<'_>, path: &Path) -> Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        let path = file::numbered(path, number);
        match private_file::create(&path) {
            Ok(file) => {
                // For others who want to know whether it is in use.
                drop(file::lock(&file));
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match wanted.is_named {
                true => return Err(wanted.is_there()),
                false if number < MOST_NAMES => number += 1,
                false => return Err(wanted.unusable(&path, &error)),
            },
            Err(error) => return Err(wanted.unusable(&path, &error)),
        }
    }
}

/// An object gets a member more; the others stay as they are written. What is no object is kept in one, so that each line
/// says why.
fn add_json(to: &mut Vec<u8>, line: &[u8], error: &str) -> io::Result<()> {
    let whole = serde_json::value::to_raw_value(&String::from_utf8_lossy(line))?;
    let JsonFields(members) =
        serde_json::from_slice(line).unwrap_or_else(|_| JsonFields(vec![("line".to_owned(), &whole)]));
    write!(to, "{{{:?}:{}", ERROR, serde_json::to_string(error)?)?;
    for (name, value) in members.iter().filter(|(name, _)| name != ERROR) {
        write!(to, ",{}:{value}", serde_json::to_string(name)?)?;
    }
    to.extend_from_slice(b"}\n");
    Ok(())
}
