//! Runs `kandy user import`, and the SDK alone, each in a process of its own.
//!
//! Depends on `list`, `canned` and `report`. Begin with `Import`.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use super::list::List;
use crate::{
    BoxError,
    canned::Canned,
    report::{kilobytes, member},
};

/// What an import reads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Input {
    /// The file, with a journal beside it.
    File,
    /// Standard input, without a journal.
    Stream,
    /// Standard input, with a journal.
    StreamWithJournal,
}

/// The command, the server, and the list.
#[derive(Debug)]
pub(super) struct Import<'a> {
    program: &'a Path,
    server: &'a Canned,
    list: &'a List,
}

/// A run whose output was watched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    /// Rows per second at the beginning.
    pub(super) first: f64,
    /// Rows per second at the end.
    pub(super) last: f64,
    /// In bytes; none where the system does not report it.
    pub(super) peak_memory: Option<f64>,
}

impl<'a> Import<'a> {
    pub(super) fn new(program: &'a Path, server: &'a Canned, list: &'a List) -> Self {
        Self { program, server, list }
    }

    /// Returns the rows per second of an import, from the start of its process to its end.
    pub(super) fn rate(&self, input: Input) -> Result<f64, BoxError> {
        let mut command = self.command(input)?;
        self.time(command.stdout(Stdio::null()))
    }

    /// Returns the rows per second of the SDK alone, from the start of its process to its end.
    pub(super) fn rate_of_sdk(&self, concurrency: usize) -> Result<f64, BoxError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["import-sdk", &self.server.base_url()]).arg(self.list.path()).arg(concurrency.to_string());
        self.time(&mut command)
    }

    fn time(&self, command: &mut Command) -> Result<f64, BoxError> {
        let started = Instant::now();
        let status = command.status()?;
        let seconds = started.elapsed().as_secs_f64();
        if !status.success() {
            return Err(format!("an import failed: {status}; its error is above").into());
        }
        Ok(self.list.rows() as f64 / seconds)
    }

    /// Imports the file, and notes when its first and its last rows are done, by the ids that the command prints.
    pub(super) fn watched(&self, window: usize) -> Result<Watched, BoxError> {
        let mut child = self.command(Input::File)?.stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("an import without output")?;
        let (mut ids, mut line) = (BufReader::new(output), Vec::new());
        let rows = self.list.rows();
        let (mut at, mut peak_memory) = (0, None);
        let mut marks = [None; 4];
        while ids.read_until(b'\n', &mut line)? > 0 {
            line.clear();
            for (mark, row) in marks.iter_mut().zip([0, window, rows - 1 - window, rows - 1]) {
                if at == row {
                    *mark = Some(Instant::now());
                }
            }
            at += 1;
            // While the process certainly exists, and often enough to miss nothing that matters.
            if at % window == 0 {
                peak_memory = memory_of(child.id()).or(peak_memory);
            }
        }
        let status = child.wait()?;
        let [Some(begin), Some(first), Some(before), Some(last)] = marks else {
            return Err(format!("an import printed {at} of {rows} ids: {status}").into());
        };
        let rate = |from: Instant, to: Instant| window as f64 / to.duration_since(from).as_secs_f64();
        Ok(Watched { first: rate(begin, first), last: rate(before, last), peak_memory })
    }

    fn command(&self, input: Input) -> Result<Command, BoxError> {
        let mut command = Command::new(self.program);
        command.args(["user", "import", "--quiet"]);
        match input {
            Input::File => {
                command.arg(self.list.path());
            }
            Input::Stream | Input::StreamWithJournal => {
                command.args(["--format", "csv", "-"]).stdin(File::open(self.list.path())?);
            }
        }
        if matches!(input, Input::StreamWithJournal) {
            command.arg("--journal").arg(self.list.folder().join("journal"));
        }
        command
            .env("KANDY_CONFIG_DIR", self.list.folder())
            .env("KANDY_BASE_URL", self.server.base_url())
            .env("KANDY_DOMAIN_API_KEY", "DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6")
            .env("KANDY_DOMAIN_API_SECRET", "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
        Ok(command)
    }
}

/// Returns the peak memory of a process; none where the system does not report it, and when it has exited.
fn memory_of(process: u32) -> Option<f64> {
    kilobytes(&member(&format!("/proc/{process}/status"), "VmHWM")?)
}
