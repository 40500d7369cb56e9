use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
};

use super::format::Format;
use crate::failure::{Failure, Result};

/// Where rows come from.
pub(crate) struct Input {
    /// As it was named.
    pub(super) name: String,
    /// Where it is, unless it is stdin or another stream, which can be read once only.
    pub(super) path: Option<PathBuf>,
    pub(super) format: Format,
    /// How long it is, where that is known.
    pub(super) length: Option<u64>,
    pub(super) bytes: Box<dyn Read + Send>,
    /// The same file once more, unless it can be read once only.
    pub(super) again: Option<File>,
}

impl Input {
    /// Opens a file, or stdin for `-`.
    pub(crate) fn open(name: &str, format: Option<Format>) -> Result<Self> {
        let path = Path::new(name);
        let extension = path.extension().and_then(|extension| extension.to_str());
        let extension = extension.map(str::to_ascii_lowercase);
        let format = match (format, extension.as_deref()) {
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
        // What comes out of a pipe comes once, whatever its name.
        let length = metadata.is_file().then_some(metadata.len());
        let path = length.map(|_| path.to_owned());
        let again = length.map(|_| opened.try_clone()).transpose().map_err(failed)?;
        Ok(Self { name: name.to_owned(), path, format, length, bytes: Box::new(opened), again })
    }

    /// Goes back to the start of the file, and returns another handle of it; none for what can be read once only. The
    /// handles share one position.
    pub(super) fn rewound(&self) -> Result<Option<File>> {
        let Some(mut opened) = self.again.as_ref() else { return Ok(None) };
        let cloned = opened.rewind().and_then(|()| opened.try_clone());
        cloned.map(Some).map_err(|error| Failure::of_file(&self.name, &error))
    }
}
