//! Tests that run in processes of their own: the binary starts itself again, with one of its tests as the program.

use std::{
    env,
    io::{BufRead, BufReader, Lines, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A process that works in steps: it begins each when it is told to, and prints a line at its end.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// What the lines of a process begin with, among those of the test runner.
const MARK: &str = "=> ";

impl Process {
    /// Starts a test as a process. `test` is its path below the crate root.
    pub(crate) fn start(test: &str, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env::current_exe().expect("this binary"))
            .args(["--exact", test, "--nocapture", "--test-threads", "1"])
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, input, output }
    }

    /// Lets it begin a step.
    pub(crate) fn begin(&mut self) {
        self.input.write_all(b"\n").expect("it reads");
    }

    /// Waits for its next line.
    pub(crate) fn line(&mut self) -> String {
        loop {
            let line = self.output.next().expect("another line").expect("text");
            // The runner writes the name of the test without a line break before it.
            if let Some((_, text)) = line.split_once(MARK) {
                return text.to_owned();
            }
        }
    }
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
