use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::{
    file,
    read::{Form, Members, Raw},
};
use crate::{
    failure::{Failure, Result},
    private_file,
    terminal::{Lines, escape},
};

/// A file of rows that are not done, in the form that they came in, so that it can be given again. It is there only
/// when there are any.
pub(super) struct Rejected {
    path: PathBuf,
    /// The head of such a file, in CSV.
    header: Option<csv::ByteRecord>,
    form: Form,
    /// How long it is, as far as is written down.
    length: u64,
    file: Option<File>,
    /// Whether all that was written is sure to last.
    is_synced: bool,
}

/// The column that says why.
const ERROR: &str = "error";

impl Rejected {
    /// `length` is how much of the file is of this work, where it goes on.
    pub(super) fn new(path: PathBuf, header: Option<&csv::ByteRecord>, length: u64) -> Self {
        let header = header.map(|header| {
            let mut header: csv::ByteRecord = header.iter().filter(|name| *name != ERROR.as_bytes()).collect();
            header.push_field(ERROR.as_bytes());
            header
        });
        Self { path, header, form: Form { delimiter: b',', mark: false }, length, file: None, is_synced: true }
    }

    /// How the rows are written down.
    pub(super) fn set_form(&mut self, form: Form) {
        self.form = form;
    }

    /// Removes what is not of this work: all that is there where it begins, and what was not written to its end.
    pub(super) fn clear(&mut self) -> Result {
        let cleared = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.length = 0;
                Ok(())
            }
            Err(error) => Err(error),
            // A device, such as /dev/null, is written to and stays.
            Ok(there) if !there.is_file() => {
                self.length = 0;
                file::open(&self.path).map(|device| self.file = Some(device))
            }
            Ok(_) if self.length == 0 => fs::remove_file(&self.path),
            Ok(there) if there.len() < self.length => {
                return Err(Failure::usage(format!(
                    "{} is shorter than it was left; move it away, and the same command goes on with a new one",
                    self.path.display()
                )));
            }
            Ok(_) => file::open(&self.path).and_then(|file| file.set_len(self.length)),
        };
        cleared.map_err(|error| Failure::of_file(self.path.display(), &error))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a row, and answers how long the file is with it. `original` is the header that the row goes with. The row
    /// stays as it is; control characters of the reason, which may repeat what the service said, are escaped.
    pub(super) fn write(&mut self, raw: &Raw, original: Option<&csv::ByteRecord>, error: &str) -> Result<u64> {
        let error = &*escape(error, Lines::One);
        let mut bytes = Vec::new();
        if self.form.mark && self.length == 0 {
            bytes.extend_from_slice(b"\xef\xbb\xbf");
        }
        match raw {
            Raw::Csv(record, _) => self.add_csv(&mut bytes, record, original, error),
            Raw::Json(line, _) => add_json(&mut bytes, line, error),
        }
        .and_then(|()| self.append(&bytes))
        .map_err(|error| Failure::of_file(self.path.display(), &error))?;
        Ok(self.length)
    }

    fn add_csv(
        &self,
        to: &mut Vec<u8>,
        record: &csv::ByteRecord,
        original: Option<&csv::ByteRecord>,
        error: &str,
    ) -> io::Result<()> {
        let mut writer = csv::WriterBuilder::new().flexible(true).delimiter(self.form.delimiter).from_writer(to);
        if let Some(header) = self.header.as_ref().filter(|_| self.length == 0) {
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

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None if self.length == 0 => self.file.insert(private_file::create(&self.path)?),
            None => {
                let mut file = file::open(&self.path)?;
                file.seek(SeekFrom::Start(self.length))?;
                self.file.insert(file)
            }
        };
        file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        self.is_synced = false;
        Ok(())
    }

    /// Makes sure that what was written lasts, even when the power fails.
    pub(super) fn sync(&mut self) -> Result {
        if let Some(file) = self.file.as_ref().filter(|_| !self.is_synced) {
            match file.sync_data() {
                // A device keeps nothing.
                Err(error) if error.kind() != io::ErrorKind::InvalidInput => {
                    return Err(Failure::of_file(self.path.display(), &error));
                }
                _ => self.is_synced = true,
            }
        }
        Ok(())
    }
}

/// An object gets a member more; the others stay as they are written. What is no object is kept in one, so that each line
/// says why.
fn add_json(to: &mut Vec<u8>, line: &[u8], error: &str) -> io::Result<()> {
    let whole = serde_json::value::to_raw_value(&String::from_utf8_lossy(line))?;
    let Members(members) = serde_json::from_slice(line).unwrap_or_else(|_| Members(vec![("line".to_owned(), &whole)]));
    write!(to, "{{{:?}:{}", ERROR, serde_json::to_string(error)?)?;
    for (name, value) in members.iter().filter(|(name, _)| name != ERROR) {
        write!(to, ",{}:{value}", serde_json::to_string(name)?)?;
    }
    to.extend_from_slice(b"}\n");
    Ok(())
}
