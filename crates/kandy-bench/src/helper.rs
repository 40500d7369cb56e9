//! Processes beside this one: servers that are not to be measured, and sides whose memory is.
//!
//! They listen to lines on their standard input, answer lines, and end when their input does, which is at the latest when
//! this process ends.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{
    Failure,
    report::{kilobytes, member},
};

/// A process beside this one.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    /// None once it is told to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts this very program with other arguments.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn itself<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Self, Failure> {
        Self::start(Command::new(std::env::current_exe()?).args(arguments))
    }

    /// Starts a program.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Result<Self, Failure> {
        let program = Path::new(command.get_program()).display().to_string();
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{program}: {error}"))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("a helper without output")?);
        Ok(Self { child, input, output })
    }

    /// Tells it something.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn say(&mut self, line: &str) -> Result<(), Failure> {
        let input = self.input.as_mut().ok_or("a helper that was told to end")?;
        writeln!(input, "{line}")?;
        Ok(input.flush()?)
    }

    /// Waits for its next line.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn hear(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("a helper ended too early; what it said about it is above".into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Tells it something, and waits for the answer.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn ask(&mut self, line: &str) -> Result<String, Failure> {
        self.say(line)?;
        self.hear()
    }

    /// How many bytes of memory it takes now; none where the system does not tell.
    pub fn memory(&self) -> Option<f64> {
        memory(&self.child.id().to_string(), "VmRSS")
    }
}

/// The most memory that this process has taken so far, where the system tells.
pub fn peak_memory() -> Option<f64> {
    memory("self", "VmHWM")
}

fn memory(process: &str, kind: &str) -> Option<f64> {
    kilobytes(&member(&format!("/proc/{process}/status"), kind)?)
}

impl Drop for Helper {
    fn drop(&mut self) {
        // Those that listen end by themselves; the others need it, and it does no harm.
        drop(self.input.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a helper does: for each line that it is told, one that it answers, until there are no more.
///
/// # Errors
///
/// The first that `answer` answers.
pub fn serve(mut answer: impl FnMut(&str) -> Result<Option<String>, Failure>) -> Result<(), Failure> {
    for line in std::io::stdin().lock().lines() {
        if let Some(answer) = answer(&line?)? {
            tell(&answer)?;
        }
    }
    Ok(())
}

/// Says a line to whoever started this process.
///
/// # Errors
///
/// When nobody listens any more.
pub fn tell(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
