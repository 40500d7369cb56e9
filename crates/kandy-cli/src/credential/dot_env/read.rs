//! Reads `.env` in the working directory.

use std::{
    fs::{self, File},
    io::{self, Read},
    sync::mpsc,
    thread,
    time::Duration,
};

use kandy::Secret;

use super::{entries, scan::assignments};
use crate::failure::{Failure, Result};

const DOT_ENV: &str = ".env";
/// The maximum size of a `.env`. A larger one is a mistake, such as a link to `/dev/zero`.
const MAX_SIZE: u64 = 16 << 20;
/// The timeout for a `.env` that is a pipe, such as one that a password manager serves.
const PIPE_TIMEOUT: Duration = Duration::from_secs(2);

/// Returns the variables of this command in `.env`, in order; none if there is no such file.
pub(in crate::credential) fn read() -> Result<Vec<(String, Secret)>> {
    let failed = |error: io::Error| {
        Failure::local(format!("{DOT_ENV} cannot be read: {error}; correct it, or use --profile, which ignores .env"))
    };
    let metadata = match fs::metadata(DOT_ENV) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    // Some tools have a folder of that name.
    if metadata.is_dir() {
        return Ok(Vec::new());
    }
    let bytes = if metadata.is_file() { read_bytes() } else { read_in_time() };
    variables(&bytes.map_err(failed)?)
}

fn read_bytes() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(DOT_ENV)?.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_SIZE {
        true => Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {} MiB", MAX_SIZE >> 20))),
        false => Ok(bytes),
    }
}

/// Reads in a thread, which is left behind if no process writes to the pipe.
fn read_in_time() -> io::Result<Vec<u8>> {
    let (send, read) = mpsc::channel();
    thread::Builder::new().name("dot-env".to_owned()).spawn(move || drop(send.send(read_bytes())))?;
    read.recv_timeout(PIPE_TIMEOUT).unwrap_or_else(|_| {
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("it is a pipe that returned no data within {}s", PIPE_TIMEOUT.as_secs()),
        ))
    })
}

/// Returns the variables of this command in the contents of a `.env`.
fn variables(bytes: &[u8]) -> Result<Vec<(String, Secret)>> {
    let decoded = decode(bytes);
    let text = decoded.as_ref().map_or(bytes, |text| text.expose().as_bytes());
    let text = text.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(text);
    let mut variables = Vec::new();
    for assignment in assignments(text) {
        // The line is not repeated, because it may contain a secret.
        let broken = || {
            Failure::local(format!(
                "{DOT_ENV}: line {} is invalid; write KANDY_NAME=value, and quote a value that contains spaces or \
                 quotes: KANDY_NAME='a value'",
                assignment.line
            ))
        };
        let text = std::str::from_utf8(assignment.text).ok().filter(|text| !text.contains(char::REPLACEMENT_CHARACTER));
        // The parser rejects trailing whitespace.
        let mut entries = entries(text.ok_or_else(broken)?.trim_end()).into_iter();
        match (entries.next(), entries.next()) {
            (Some(Ok(variable)), None) => variables.push(variable),
            _ => return Err(broken()),
        }
    }
    Ok(variables)
}

/// Decodes UTF-16 with a byte order mark. Invalid units become replacement characters, which matter only in lines of
/// this command.
fn decode(bytes: &[u8]) -> Option<Secret> {
    let unit = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<_> = bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<(String, String)>, String> {
        let variables = variables(bytes).map_err(|failure| failure.to_string())?;
        Ok(variables.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect())
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn reads_every_encoding_and_line_end() {
        let text = "\u{FEFF}A=\"it's\r\nKANDY_A = 'one two' # 1\r\nexport KANDY_B=$x \r\nKANDY_C=\"a\r\nb\"";
        let wanted = [("KANDY_A", "one two"), ("KANDY_B", "$x"), ("KANDY_C", "a\r\nb")];
        let wanted: Vec<_> = wanted.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        for bytes in [text.into(), utf16(text, u16::to_le_bytes), utf16(text, u16::to_be_bytes)] {
            assert_eq!(read(&bytes).as_ref(), Ok(&wanted), "{bytes:?}");
        }
        // A `.env` of another program may contain anything.
        for bytes in [&b"\xFF\xFE\x00"[..], b"\xFF\xFE\x00\xD8A\x00", b"\xFF", b"A=\xFF\n\0\0", b"", b"\xEF\xBB\xBF"] {
            assert_eq!(read(bytes), Ok(Vec::new()), "{bytes:?}");
        }
    }

    #[test]
    fn invalid_line_is_numbered_and_not_shown() {
        for line in [
            "KANDY_A='s3cret",
            "KANDY_A",
            "KANDY_A: s3cret",
            "KANDY_A=s3 cret",
            "KANDY_A-B=s3cret",
            "KANDY_A=it's3cret",
        ] {
            let text = format!("A=b\n\nB='c\nd'\n{line}\nKANDY_B=1");
            let reason = read(text.as_bytes()).expect_err(line);
            assert!(reason.starts_with(".env: line 5 is invalid; "), "{line}: {reason}");
            assert!(!reason.contains("s3"), "{reason}");
        }
        assert!(read(b"A=b\nKANDY_A=\xFF").expect_err("not UTF-8").contains("line 2 "));
        let broken = [utf16("\u{FEFF}A=b\nKANDY_A=", u16::to_le_bytes), vec![0, 0xD8]].concat();
        assert!(read(&broken).expect_err("half a character").contains("line 2 "));
    }
}
