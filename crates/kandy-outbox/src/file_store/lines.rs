//! The lines of an outbox file. Depends on nothing.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::NewJob;

/// The beginning of every outbox file; the number of its format follows.
pub(super) const MARK: &str = "kandy outbox ";

/// The first line.
pub(super) const HEAD: &str = "kandy outbox 1";

/// A job as it is written. A line of JSON, so no text in it can end the line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Added<'a> {
    #[serde(borrow)]
    pub(super) id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    pub(super) key: std::borrow::Cow<'a, str>,
    /// When it was added, in milliseconds since 1970.
    pub(super) at: u64,
    #[serde(borrow)]
    pub(super) payload: &'a RawValue,
}

impl<'a> Added<'a> {
    pub(super) fn new(job: &'a NewJob, at: u64) -> Self {
        Self { id: job.id.as_str().into(), key: job.key.as_str().into(), at, payload: &job.payload }
    }

    /// Returns the line, with its end.
    pub(super) fn line(&self) -> serde_json::Result<String> {
        // A payload that was read from a file may span lines.
        Ok(format!("q {}\n", serde_json::to_string(self)?.replace('\n', " ")))
    }
}

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Line<'a> {
    /// A job was added: its JSON.
    Added(&'a str),
    /// Jobs are about to be sent.
    Begun(Vec<u32>),
    /// A job changed: its number, and how.
    Changed { number: u32, at: u64, change: Change },
    /// How often a job was started before the file was purged.
    Attempts { number: u32, attempts: u32 },
}

/// How a job changed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Change {
    Sent,
    Refused(String),
    Unknown(String),
    /// It was not sent, and waits for this many milliseconds.
    Again(u64, String),
    /// The caller queued it again.
    Requeued,
}

impl Change {
    /// Returns the line, without its end.
    pub(super) fn line(&self, number: u32, at: u64) -> String {
        let quoted = |error: &String| serde_json::Value::from(error.as_str()).to_string();
        match self {
            Self::Sent => format!("d {at} {number}"),
            Self::Refused(error) => format!("x {at} {number} {}", quoted(error)),
            Self::Unknown(error) => format!("u {at} {number} {}", quoted(error)),
            Self::Again(wait, error) => format!("a {at} {number} {wait} {}", quoted(error)),
            Self::Requeued => format!("p {at} {number}"),
        }
    }

    /// Returns why the job was not sent, if that is known.
    pub(super) fn into_error(self) -> Option<String> {
        match self {
            Self::Refused(error) | Self::Unknown(error) | Self::Again(_, error) => Some(error),
            Self::Sent | Self::Requeued => None,
        }
    }
}

/// Returns the line that announces jobs before they are sent.
pub(super) fn begun(numbers: impl Iterator<Item = u32>, at: u64) -> String {
    let mut line = format!("b {at}");
    for number in numbers {
        line.push_str(&format!(" {number}"));
    }
    line.push('\n');
    line
}

/// Returns the line that tells how often a job was started, without its end.
pub(super) fn attempts(number: u32, attempts: u32) -> String {
    format!("t {number} {attempts}")
}

/// Reads a line without its end. `None` if it is damaged.
pub(super) fn read(line: &[u8]) -> Option<Line<'_>> {
    let (kind, rest) = str::from_utf8(line).ok()?.split_once(' ')?;
    match kind {
        "q" => Some(Line::Added(rest)),
        "b" => {
            let mut words = rest.split(' ');
            words.next()?.parse::<u64>().ok()?;
            words.map(|word| word.parse().ok()).collect::<Option<_>>().map(Line::Begun)
        }
        "t" => {
            let (number, attempts) = rest.split_once(' ')?;
            Some(Line::Attempts { number: number.parse().ok()?, attempts: attempts.parse().ok()? })
        }
        _ => {
            let (at, rest) = rest.split_once(' ')?;
            let (number, rest) = rest.split_once(' ').map_or((rest, None), |(number, rest)| (number, Some(rest)));
            let (at, number) = (at.parse().ok()?, number.parse().ok()?);
            let change = change(kind, rest)?;
            Some(Line::Changed { number, at, change })
        }
    }
}

fn change(kind: &str, rest: Option<&str>) -> Option<Change> {
    let error = |rest: &str| serde_json::from_str::<String>(rest).ok();
    Some(match (kind, rest) {
        ("d", None) => Change::Sent,
        ("p", None) => Change::Requeued,
        ("x", Some(rest)) => Change::Refused(error(rest)?),
        ("u", Some(rest)) => Change::Unknown(error(rest)?),
        ("a", Some(rest)) => {
            let (wait, rest) = rest.split_once(' ')?;
            Change::Again(wait.parse().ok()?, error(rest)?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_as_it_was_written() {
        let hostile = "a \"quote\"\n and \u{202e} a line".to_owned();
        for change in [
            Change::Sent,
            Change::Refused(hostile.clone()),
            Change::Unknown(String::new()),
            Change::Again(500, hostile),
            Change::Requeued,
        ] {
            let line = change.line(7, 99);
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(read(line.as_bytes()), Some(Line::Changed { number: 7, at: 99, change }));
        }
        assert_eq!(read(begun([3, 4].into_iter(), 1).trim_end().as_bytes()), Some(Line::Begun(vec![3, 4])));
        assert_eq!(read(attempts(3, 2).as_bytes()), Some(Line::Attempts { number: 3, attempts: 2 }));
    }

    #[test]
    fn damaged_lines_are_found() {
        for line in [
            "",
            "d",
            "d 1",
            "d 1 2 3",
            "d x 2",
            "d 1 -2",
            "x 1 2",
            "x 1 2 error",
            "u 1 2 \"half",
            "a 1 2 \"error\"",
            "z 1 2",
            "b x 1",
            "b 1 2 x",
            "t 1",
            "p 1 2 3",
        ] {
            assert_eq!(read(line.as_bytes()), None, "{line}");
        }
        assert_eq!(read(b"d 1 \xff"), None);
    }
}
