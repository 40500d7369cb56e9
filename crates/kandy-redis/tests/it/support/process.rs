//! Tests that run in processes of their own: the binary starts itself again, with one of its tests as the program.

use std::{
    env,
    io::{BufRead, BufReader, Lines, PipeReader, PipeWriter, Write},
    process::{Child, ChildStdin, Command, Stdio},
};

/// A process that works in steps: it begins each when it is told to, and prints a line at its end.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Output,
}

/// The lines of a process, or of many that share a pipe.
pub(crate) struct Output(Lines<BufReader<PipeReader>>);

impl Output {
    /// Returns a pipe for the lines of processes.
    pub(crate) fn pipe() -> (Self, PipeWriter) {
        let (output, writer) = std::io::pipe().expect("a pipe");
        (Self(BufReader::new(output).lines()), writer)
    }

    /// Waits for the next line; `None` once all processes have ended.
    pub(crate) fn line(&mut self) -> Option<String> {
        loop {
            let line = self.0.next()?.expect("text");
            // The runner writes the name of the test without a line break before it.
            if let Some((_, text)) = line.split_once(MARK) {
                return Some(text.to_owned());
            }
        }
    }
}

/// What the lines of a process begin with, among those of the test runner.
const MARK: &str = "=> ";

impl Process {
    /// Starts a test as a process. `test` is its path below the crate root.
    pub(crate) fn start(test: &str, variables: &[(&str, &str)]) -> Self {
        let (output, writer) = Output::pipe();
        let mut child = spawn(test, variables, writer);
        let input = child.stdin.take().expect("piped");
        Self { child, input, output }
    }

    /// Lets it begin a step.
    pub(crate) fn begin(&mut self) {
        self.input.write_all(b"\n").expect("it reads");
    }

    /// Waits for its next line.
    pub(crate) fn line(&mut self) -> String {
        self.output.line().expect("another line")
    }
}

/// Starts a test as a process that writes to a pipe.
pub(crate) fn spawn(test: &str, variables: &[(&str, &str)], output: PipeWriter) -> Child {
    Command::new(env::current_exe().expect("this binary"))
        .args(["--exact", test, "--nocapture", "--test-threads", "1"])
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(output)
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In the process: prints a line, for [`Process::line`].
pub(crate) fn report(line: &str) {
    println!("{MARK}{line}");
}

/// In the process: waits until it is told to go on.
pub(crate) fn wait_for_begin() {
    std::io::stdin().read_line(&mut String::new()).expect("a line");
}
