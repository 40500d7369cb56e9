//! Files for rejected rows: those that failed, and those with unknown outcome.

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
    read::{self, Form, JsonFields, RawRow},
    rejected_target::{Destination, LastBatch, RejectedTarget},
};
use crate::{
    failure::{Failure, Result},
    private_file,
    terminal::{Lines, escape},
};

/// A file for rejected rows, in the format of the input, so that it can be used as input.
///
/// It is opened before the first call, so that an unwritable path is found before anything is sent. It is removed on
/// drop if no row was written.
pub(super) struct RejectedFile {
    pub(super) which: RejectedKind,
    last: LastBatch,
    path: PathBuf,
    /// The CSV header.
    header: Option<csv::ByteRecord>,
    form: Form,
    file: File,
    is_device: bool,
    /// Whether this run or a previous one created the file, and it is empty.
    is_unused: bool,
    /// The fingerprint of its contents.
    written: Fingerprint,
    /// The buffered rows: their bytes, and which rows they are.
    pending: Vec<u8>,
    rows: Vec<Pending>,
    /// Why no more can be written.
    broken: Option<String>,
}

/// A buffered row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    pub(super) number: u64,
    pub(super) line: u64,
    pub(super) status: RowStatus,
    /// Whether the journal announces its call.
    pub(super) is_begun: bool,
}

/// The column for the reason.
const ERROR: &str = "error";

impl RejectedFile {
    /// Opens or creates the file.
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

    /// Returns whether the file and the buffer are empty.
    fn is_empty(&self) -> bool {
        self.written.length == 0 && self.pending.is_empty()
    }

    /// Returns whether this run or a previous one wrote rows.
    pub(super) fn has_rows(&self) -> bool {
        !self.is_unused
    }

    /// Records in the journal that rejected rows go to this file, and whether the last announced rows are in it.
    pub(super) fn declare(&self, journal: &mut Journal) {
        journal.declare(self.which, (!self.is_device).then_some(&*self.path));
        match self.last {
            LastBatch::Recorded => {}
            LastBatch::Written => journal.confirm(self.which),
            LastBatch::NotWritten => journal.withdraw(self.which),
        }
    }

    /// Buffers a row. `original` is the header of the input.
    pub(super) fn add(&mut self, raw: &RawRow, original: Option<&csv::ByteRecord>, error: &str, row: Pending) {
        self.rows.push(row);
        if self.broken.is_some() {
            return;
        }
        // The row is kept unchanged; the reason may quote the service, so its control characters are escaped.
        let error = &*escape(error, Lines::One);
        let mut bytes = Vec::new();
        if self.form.mark && self.is_empty() {
            bytes.extend_from_slice(b"\xef\xbb\xbf");
        }
        // Writing to a `Vec` cannot fail.
        drop(match raw {
            RawRow::Csv(record, _) => self.add_csv(&mut bytes, record, original, error),
            RawRow::Json(line, _) => add_json(&mut bytes, line, error),
            RawRow::Card(card) => read::write_rejected(&mut bytes, card, error),
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
        // Fill missing values, so that the reason does not move into another column.
        let values = record.iter().chain(std::iter::repeat_n(&b""[..], columns.saturating_sub(record.len())));
        let is_reason = |at: usize| original.and_then(|header| header.get(at)) == Some(ERROR.as_bytes());
        let values = values.enumerate().filter(|(at, _)| !is_reason(*at)).map(|(_, value)| value);
        let row: csv::ByteRecord = values.chain([error.as_bytes()]).collect();
        writer.write_byte_record(&row)?;
        writer.flush()
    }

    /// Returns the journal line that must be committed before [`write`](Self::write); `None` if nothing is buffered.
    pub(super) fn announcement(&self) -> Option<String> {
        if self.rows.is_empty() || self.broken.is_some() {
            return None;
        }
        let mut written = self.written;
        if !self.is_device {
            written.add(&self.pending);
        }
        let rows: Vec<_> = self.rows.iter().map(|row| (row.number, row.status)).collect();
        Some(journal::announcement(self.which, &written, &rows))
    }

    /// Writes the buffered rows. On failure the file is restored to its previous length. With `durable` it also syncs
    /// the file.
    pub(super) fn write(&mut self, durable: bool) -> Result {
        let failed = |path: &Path, error: &dyn std::fmt::Display| {
            Failure::local(format!("{} cannot be written: {error}", path.display()))
        };
        if let Some(reason) = &self.broken {
            return Err(failed(&self.path, reason));
        }
        if self.rows.is_empty() {
            return Ok(());
        }
        // A device cannot be synced.
        let is_synced = durable && !self.is_device;
        let written =
            self.file.write_all(&self.pending).and_then(|()| if is_synced { self.file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.broken = Some(error.to_string());
            if !self.is_device {
                // Remove a partial row. If that fails, the next run detects it.
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

    /// Returns the rows that could not be written, and drops them.
    pub(super) fn take_unwritten(&mut self) -> Vec<Pending> {
        self.pending.clear();
        std::mem::take(&mut self.rows)
    }
}

/// Removes the file if no row was written, unless another process wrote to it.
impl Drop for RejectedFile {
    fn drop(&mut self) {
        let is_empty = || self.file.metadata().is_ok_and(|there| there.len() == 0);
        if self.is_unused && !self.is_device && file::is_at(&self.file, &self.path) && is_empty() {
            drop(fs::remove_file(&self.path));
        }
    }
}

/// The number of file names that are tried.
const MAX_NAMES: u32 = 10_000;

/// Creates a file. If the name is taken, tries numbered names, unless the user named the file.
fn create(wanted: &RejectedTarget<'_>, path: &Path) -> Result<(PathBuf, File)> {
    let mut number = 1;
    loop {
        // Creation fails if anything has the name, even a dangling link, so no data of the user is overwritten. Two runs that
        // start at once get different names (`concurrent_stdin_runs_mix_nothing`).
        let path = file::numbered(path, number);
        match private_file::create(&path) {
            Ok(file) => {
                // The lock shows other runs that the file is in use.
                drop(file::lock(&file));
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match wanted.is_named {
                true => return Err(wanted.already_exists()),
                false if number < MAX_NAMES => number += 1,
                false => return Err(wanted.unusable(&path, &error)),
            },
            Err(error) => return Err(wanted.unusable(&path, &error)),
        }
    }
}

/// Adds the reason to a JSON object, whose other members stay as written. A line that is not an object becomes the
/// member `line`.
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
