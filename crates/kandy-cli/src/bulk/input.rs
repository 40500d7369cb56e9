use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::{Path, PathBuf},
};

use super::{Format, file};
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
    again: Option<File>,
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
                    "{name}: a list has a JSON object in each line; `jq -c '.[]'` makes one of an array. If this is one, \
                     say --format jsonl"
                )));
            }
            (None, _) => return Err(Failure::usage(format!("{name}: what is it? Say --format csv or --format jsonl"))),
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

    /// What tells this file from others, and from itself once it was changed: how long it is, and a hash of all of it.
    ///
    /// It is that of the file whose rows are read, even if another has taken its place by now; so it is asked for before
    /// any of them is.
    pub(super) fn fingerprint(&self) -> Result<Option<String>> {
        let Some(mut opened) = self.again.as_ref() else { return Ok(None) };
        let failed = |error| Failure::of_file(&self.name, &error);
        let (mut hash, mut length) = (Fnv::default(), 0_u64);
        let mut reader = BufReader::with_capacity(1 << 16, opened);
        loop {
            let bytes = io::BufRead::fill_buf(&mut reader).map_err(failed)?;
            if bytes.is_empty() {
                opened.rewind().map_err(failed)?;
                return Ok(Some(format!("{length} {:016x}", hash.0)));
            }
            hash.add(bytes);
            let count = bytes.len();
            length += count as u64;
            io::BufRead::consume(&mut reader, count);
        }
    }

    /// Goes back to the start of the file, and returns another handle of it; none for what can be read once only. The
    /// handles share one position.
    pub(super) fn rewound(&self) -> Result<Option<File>> {
        let Some(mut opened) = self.again.as_ref() else { return Ok(None) };
        let cloned = opened.rewind().and_then(|()| opened.try_clone());
        cloned.map(Some).map_err(|error| Failure::of_file(&self.name, &error))
    }

    /// A file beside it; for a stream in the working folder.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        file::beside(self.path.as_deref().unwrap_or(Path::new("stdin")), suffix)
    }
}

/// The hash FNV-1a, which is the same in every version of this command. It finds changes, not forgeries.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

/// A hash of texts that is short enough not to tell them.
pub(crate) fn short_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> u32 {
    let mut hash = Fnv::default();
    for text in texts {
        hash.add(text.as_bytes());
        hash.add(b"\0");
    }
    // The halves together depend on all of it, and the half that is left is too little to find a key by.
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    let short = (hash.0 ^ (hash.0 >> 32)) as u32;
    short
}
