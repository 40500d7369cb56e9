//! Lists of SMS, and what became of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    process::Output,
};

use serde_json::Value;

use super::{Stage, process::Running};

pub(crate) fn phone(number: usize) -> String {
    format!("+1224{number:07}")
}

/// Rows for these numbers, without a head. Those in `bad` have no digits, and fail before they are sent.
pub(crate) fn rows(numbers: std::ops::Range<usize>, bad: &[usize]) -> String {
    let mut rows = String::new();
    for number in numbers {
        let to = if bad.contains(&number) { format!("nobody{}", ".".repeat(number)) } else { phone(number) };
        writeln!(rows, "{to},Hello no. {number}").unwrap();
    }
    rows
}

/// What tests of lists do with a stage.
pub(crate) trait SmsLists {
    fn stage(&self) -> &Stage;

    fn write(&self, name: &str, text: &str) {
        fs::write(self.stage().folder.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.stage().folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of all files in the folder.
    fn files(&self) -> BTreeSet<String> {
        let files = fs::read_dir(self.stage().folder.path()).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Begins to send to a list.
    fn send(&self, file: &str, options: &[&str]) -> Running {
        let mut command = self.stage().kandy();
        command.args(["sms", "send", "--user", "russ", "--json", "--to-file", file]).args(options);
        Running::start(command)
    }

    /// Sends to a list: the exit code, the summary, and what is said on stderr.
    fn sent(&self, file: &str, options: &[&str]) -> Sent {
        Sent::of(&self.send(file, options).end().0)
    }

    /// The same with a line for `sh`, in which `$SEND` is the command.
    fn shell(&self, line: &str) -> Running {
        let mut command = self.stage().program("sh");
        command.args(["-c", line]).env("SEND", "kandy sms send --user russ --json --to-file");
        Running::start(command)
    }

    /// How often each number got an SMS.
    fn received(&self) -> BTreeMap<String, usize> {
        let mut received = BTreeMap::new();
        for sms in self.stage().emulator.sms() {
            *received.entry(sms.destination).or_default() += 1;
        }
        received
    }

    /// How many calls for an operation came.
    fn asked(&self, operation: &str) -> usize {
        self.stage().emulator.requests().iter().filter(|request| request.operation == Some(operation)).count()
    }

    /// That these numbers got one SMS each, and nobody else any.
    #[track_caller]
    fn got_once(&self, numbers: impl IntoIterator<Item = usize>)
    where
        Self: Sized,
    {
        assert_eq!(self.received(), numbers.into_iter().map(|number| (phone(number), 1)).collect());
    }
}

impl SmsLists for Stage {
    fn stage(&self) -> &Stage {
        self
    }
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) said: String,
}

impl Sent {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, said) = (text(&output.stdout), text(&output.stderr));
        Self { code: output.status.code().unwrap_or(-1), stdout, said }
    }

    /// How many rows were sent, failed, and are unknown, according to the summary.
    #[track_caller]
    pub(crate) fn counts(&self) -> [u64; 3] {
        let summary: Value = serde_json::from_str(&self.stdout).unwrap_or_else(|_| panic!("{self:?}"));
        ["sent", "failed", "unknown"].map(|name| summary[name].as_u64().unwrap())
    }

    /// That it was refused before anything was sent, and says why.
    #[track_caller]
    pub(crate) fn refused(&self, why: &str) {
        assert!(self.code == 2 && self.said.contains(why), "{why:?}: {self:?}");
    }

    #[track_caller]
    pub(crate) fn says(&self, what: &str) {
        assert!(self.said.contains(what), "{what:?}: {self:?}");
    }
}
