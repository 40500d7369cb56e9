//! The input file, or stdin.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use super::format::Format;
use crate::failure::{Failure, Result};

/// The source of rows.
pub(crate) struct Input {
    /// Its name as the user gave it, for messages.
    pub(super) name: String,
    /// Its path; `None` for stdin and pipes, which can be read only once.
    pub(super) path: Option<PathBuf>,
    pub(super) format: Format,
    /// Its length in bytes, if known.
    pub(super) length: Option<u64>,
    pub(super) bytes: Box<dyn Read + Send>,
    /// A second handle for reading it again; `None` if it can be read only once.
    pub(super) again: Option<File>,
}

impl Input {
    /// Opens a file of contacts, which may be cards; `-` is stdin.
    pub(crate) fn open_contacts(name: &str, format: Option<Format>) -> Result<Self> {
        let extension = Path::new(name).extension().map(|extension| extension.to_ascii_lowercase());
        let is_card = extension.is_some_and(|extension| extension == "vcf" || extension == "vcard");
        match format.or(is_card.then_some(Format::Vcard)) {
            Some(format) => Self::open_as(name, format),
            None => Self::open(name, None),
        }
    }

    /// Opens a file; `-` is stdin.
    pub(crate) fn open(name: &str, format: Option<Format>) -> Result<Self> {
        let path = Path::new(name);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let extension = extension.map(str::to_ascii_lowercase);
        let format = match (format, extension.as_deref()) {
            (Some(Format::Vcard), _) => {
                return Err(Failure::usage(format!("{name}: vCard is a format for contacts; use csv or jsonl")));
            }
            (Some(format), _) => format,
            (None, Some("csv" | "tsv")) => Format::Csv,
            (None, Some("jsonl" | "ndjson")) => Format::Jsonl,
            (None, Some("json")) => {
                return Err(Failure::usage(format!(
                    "{name}: expected JSON Lines, with one object per line. Convert a JSON array with `jq -c '.[]'`; \
                     if the file is JSON Lines, use --format jsonl"
                )));
            }
            (None, _) => {
                return Err(Failure::usage(format!(
                    "{name}: unknown format. Use --format csv or --format \
                jsonl"
                )));
            }
        };
        Self::open_as(name, format)
    }

    fn open_as(name: &str, format: Format) -> Result<Self> {
        let path = Path::new(name);
        if name == "-" {
            let bytes = Box::new(io::stdin());
            return Ok(Self { name: "stdin".into(), path: None, format, length: None, bytes, again: None });
        }
        let failed = |error| Failure::usage(format!("{name}: {error}"));
        let opened = File::open(path).map_err(failed)?;
        let metadata = opened.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("{name} is a folder")));
        }
        // A pipe can be read only once, whatever its name.
        let length = metadata.is_file().then_some(metadata.len());
        let path = length.map(|_| path.to_owned());
        // Both handles share one position, so the file is rewound between the two readings.
        let again = length.map(|_| opened.try_clone()).transpose().map_err(failed)?;
        Ok(Self { name: name.to_owned(), path, format, length, bytes: Box::new(opened), again })
    }

    /// Returns the path of the file; `None` for stdin and pipes.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Rewinds the file and returns another handle to it; `None` if it can be read only once. The handles share one
    /// position.
    pub(super) fn rewound(&self) -> Result<Option<File>> {
        let Some(mut opened) = self.again.as_ref() else { return Ok(None) };
        let cloned = opened.rewind().and_then(|()| opened.try_clone());
        cloned.map(Some).map_err(|error| Failure::of_file(&self.name, &error))
    }
}
