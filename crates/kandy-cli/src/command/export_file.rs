//! Files that exports write, and the forms of CSV that spreadsheets need.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use clap::Args;

use crate::{
    context::Context,
    failure::{Failure, Result},
    formula,
    private_file::AtomicFile,
    signal::Signals,
};

/// Options of an export that a spreadsheet opens.
#[derive(Args, Clone, Copy, Default)]
pub(super) struct SpreadsheetOptions {
    /// Put an apostrophe before values that a spreadsheet would evaluate: those that begin with =, +, -, @, a tab or a line
    /// break. That includes phone numbers such as +14055671234. An import refuses such values unless
    /// --unescape-formulas is given, which removes the apostrophe
    #[arg(long)]
    escape_formulas: bool,
    /// Begin CSV with a byte order mark, by which Excel recognizes UTF-8
    #[arg(long)]
    bom: bool,
}

/// The byte order mark of UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

impl SpreadsheetOptions {
    /// Checks that the options are given for CSV alone.
    pub(super) fn check(self, is_csv: bool) -> Result {
        match self {
            _ if is_csv => Ok(()),
            Self { escape_formulas: true, .. } => Err(Failure::usage("--escape-formulas is only supported with CSV")),
            Self { bom: true, .. } => Err(Failure::usage("--bom is only supported with CSV")),
            _ => Ok(()),
        }
    }

    /// Returns the header of CSV.
    pub(super) fn header(self, columns: &[&str]) -> io::Result<Vec<u8>> {
        let mut header = if self.bom { BOM.to_vec() } else { Vec::new() };
        header.extend(csv_line(columns.iter().map(|name| name.as_bytes()))?);
        Ok(header)
    }

    /// Returns a row of CSV.
    pub(super) fn row<'a>(self, values: impl Iterator<Item = Option<&'a str>>) -> io::Result<Vec<u8>> {
        let values = values.map(Option::unwrap_or_default);
        match self.escape_formulas {
            true => csv_line(values.map(|value| formula::escape(value).into_owned())),
            false => csv_line(values),
        }
    }
}

fn csv_line(values: impl Iterator<Item = impl AsRef<[u8]>>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut line);
    writer.write_record(values)?;
    writer.flush()?;
    drop(writer);
    Ok(line)
}

/// The file that an export writes, or stdout for `-`.
///
/// The file appears in place only when it is complete, and only its owner can read it.
pub(super) struct ExportFile<'a> {
    context: &'a Context,
    name: &'a str,
    to: To,
}

enum To {
    Stdout,
    /// A temporary file, which is removed on drop unless it is moved into place.
    File(AtomicFile, BufWriter<File>, Signals),
}

impl<'a> ExportFile<'a> {
    /// Creates the file. Refuses an existing one unless `force`.
    pub(super) fn create(context: &'a Context, name: &'a str, force: bool) -> Result<Self> {
        let path = Path::new(name);
        let to = match name {
            // Without a file to clean up, Ctrl-C ends the process at once.
            "-" => To::Stdout,
            // Moving a file into place would replace a pipe or a device.
            _ if path.metadata().is_ok_and(|there| !there.is_file()) => {
                return Err(Failure::usage(format!(
                    "{}: it is a folder, a pipe or a device; use - and redirect stdout to write to it",
                    path.display()
                )));
            }
            _ if path.is_file() && !force => {
                return Err(Failure::usage(format!(
                    "{}: it already exists; use --force to overwrite it",
                    path.display()
                )));
            }
            _ => {
                let (beside, file) = AtomicFile::create(path).map_err(|error| Failure::of_file(name, &error))?;
                To::File(beside, BufWriter::new(file), Signals::listen()?)
            }
        };
        Ok(Self { context, name, to })
    }

    /// Returns whether it is a file, and not stdout.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.to, To::File(..))
    }

    /// Waits for something to write, or for a signal.
    pub(super) async fn wait<T>(&mut self, next: impl Future<Output = T>) -> Result<T> {
        let To::File(_, _, signals) = &mut self.to else { return Ok(next.await) };
        tokio::select! {
            next = next => Ok(next),
            () = signals.next() => Err(Failure::Interrupted("interrupted; nothing was written".into())),
        }
    }

    pub(super) fn write(&mut self, bytes: io::Result<Vec<u8>>) -> Result {
        let failed = |error| Failure::of_file(self.name, &error);
        let bytes = bytes.map_err(failed)?;
        match &mut self.to {
            To::Stdout => self.context.output.bytes(&bytes),
            To::File(_, writer, _) => writer.write_all(&bytes).map_err(failed),
        }
    }

    /// Moves the file into place, and says how many of `noun` it has.
    pub(super) fn finish(self, count: u64, noun: &str) -> Result {
        let To::File(beside, writer, _) = self.to else { return Ok(()) };
        let failed = |error| Failure::of_file(self.name, &error);
        let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        beside.finish(&file).map_err(failed)?;
        let s = if count == 1 { "" } else { "s" };
        self.context.output.status(format_args!("wrote {count} {noun}{s} to {}", self.name));
        Ok(())
    }
}
