//! Helper processes: servers, which must not be part of a measurement, and clients, whose memory is measured.
//!
//! They read commands as lines from standard input, write responses as lines, and exit at the end of the input, at the
//! latest when this process exits.
//!
//! Depends on nothing. Begin with [`Helper`].

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use crate::{
    BoxError,
    report::{kilobytes, member},
};

/// A helper process.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    /// None once the process is being stopped.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts this program with other arguments.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn itself<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Self, BoxError> {
        Self::start(Command::new(std::env::current_exe()?).args(arguments))
    }

    /// Starts a program.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Result<Self, BoxError> {
        let program = Path::new(command.get_program()).display().to_string();
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.map_err(|error| format!("{program}: {error}"))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().ok_or("a helper process without output")?);
        Ok(Self { child, input, output })
    }

    /// Sends a line.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn send_line(&mut self, line: &str) -> Result<(), BoxError> {
        let input = self.input.as_mut().ok_or("the helper process is stopped")?;
        writeln!(input, "{line}")?;
        Ok(input.flush()?)
    }

    /// Waits for the next line.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn read_line(&mut self) -> Result<String, BoxError> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err("a helper process exited too early; its error is above".into());
        }
        Ok(line.trim_end().to_owned())
    }

    /// Sends a line, and waits for the response.
    ///
    /// # Errors
    ///
    /// When the process has exited.
    pub fn request(&mut self, line: &str) -> Result<String, BoxError> {
        self.send_line(line)?;
        self.read_line()
    }

    /// Returns the memory of the process in bytes; none where the system does not report it.
    pub fn memory(&self) -> Option<f64> {
        memory(&self.child.id().to_string(), "VmRSS")
    }

    /// Returns the peak memory of the process in bytes; none where the system does not report it.
    pub fn peak_memory(&self) -> Option<f64> {
        memory(&self.child.id().to_string(), "VmHWM")
    }
}

/// Returns the peak memory of this process; none where the system does not report it.
pub fn peak_memory() -> Option<f64> {
    memory("self", "VmHWM")
}

fn memory(process: &str, kind: &str) -> Option<f64> {
    kilobytes(&member(&format!("/proc/{process}/status"), kind)?)
}

impl Drop for Helper {
    fn drop(&mut self) {
        // Helpers that read their input exit by themselves; the others need a signal.
        drop(self.input.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs the loop of a helper process: `respond` handles each line, and returns the response to write.
///
/// # Errors
///
/// The first error of `respond`.
pub fn serve(mut respond: impl FnMut(&str) -> Result<Option<String>, BoxError>) -> Result<(), BoxError> {
    for line in std::io::stdin().lock().lines() {
        if let Some(response) = respond(&line?)? {
            print_line(&response)?;
        }
    }
    Ok(())
}

/// Writes a line to the parent process.
///
/// # Errors
///
/// When the parent process has exited.
pub fn print_line(line: &str) -> Result<(), BoxError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
