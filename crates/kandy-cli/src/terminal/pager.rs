//! Stdout, through a pager for output that is longer than the terminal.
//!
//! The pager reads what the printer has escaped already. It is a program of the user's choice: `KANDY_PAGER`, then `PAGER`, then
//! `less`. They are read from the environment alone: `.env` in a folder of a stranger must not name a program to run.

use std::{
    env,
    ffi::OsString,
    io::{self, BufWriter, ErrorKind, Stdout, Write},
    mem,
    process::{Child, ChildStdin, Command, Stdio},
};

use super::message;

/// Where output goes.
pub(crate) struct PagedStdout {
    stdout: BufWriter<Stdout>,
    state: State,
}

enum State {
    /// Output goes to stdout.
    Direct,
    /// Output is kept until it is longer than the terminal. Shorter output needs no pager.
    Waiting { pager: Vec<String>, screen: Screen, bytes: Vec<u8> },
    /// Output goes to the pager.
    Paging { child: Child, stdin: BufWriter<ChildStdin> },
}

impl PagedStdout {
    pub(super) fn new(stdout: Stdout) -> Self {
        Self { stdout: BufWriter::new(stdout), state: State::Direct }
    }

    /// Sends what follows through the pager if it is longer than the terminal. Stdout must be a terminal.
    pub(crate) fn page(&mut self) {
        if !matches!(self.state, State::Direct) {
            return;
        }
        match pager() {
            Ok(None) => {}
            Ok(Some(pager)) => {
                self.state = State::Waiting { pager, screen: Screen::of_terminal(), bytes: Vec::new() };
            }
            Err(reason) => message(&reason),
        }
    }

    /// Writes what is kept, and waits until the user ends the pager. How it ends does not matter.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        match mem::replace(&mut self.state, State::Direct) {
            State::Direct => {}
            State::Waiting { bytes, .. } => self.stdout.write_all(&bytes)?,
            State::Paging { mut child, mut stdin } => {
                let flushed = stdin.flush();
                // The pager sees the end of the text. What a pager that ended did not read is discarded.
                drop(stdin.into_parts());
                child.wait()?;
                flushed?;
            }
        }
        self.stdout.flush()
    }

    /// Starts the pager with what is kept, or prints it if the pager cannot be started.
    fn start(&mut self) -> io::Result<()> {
        let State::Waiting { pager, bytes, .. } = mem::replace(&mut self.state, State::Direct) else { return Ok(()) };
        match spawn(&pager) {
            Ok((child, stdin)) => {
                let mut stdin = BufWriter::new(stdin);
                // The state knows the child before the first write, which fails if the pager has ended.
                let written = stdin.write_all(&bytes);
                self.state = State::Paging { child, stdin };
                written
            }
            Err(error) => {
                message(&format!("the pager {:?} cannot be started: {error}; printing directly", pager.join(" ")));
                self.stdout.write_all(&bytes)
            }
        }
    }
}

impl Write for PagedStdout {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Direct => self.stdout.write(written),
            State::Paging { stdin, .. } => stdin.write(written),
            State::Waiting { screen, bytes, .. } => {
                bytes.extend_from_slice(written);
                if !screen.fits(written) {
                    self.start()?;
                }
                Ok(written.len())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Direct => self.stdout.flush(),
            // A part of a screen is kept: it may be the beginning of a longer text.
            State::Waiting { .. } => Ok(()),
            State::Paging { stdin, .. } => stdin.flush(),
        }
    }
}

/// Counts the lines of a terminal that a text takes.
struct Screen {
    columns: usize,
    lines_left: usize,
    used: usize,
}

impl Screen {
    fn of_terminal() -> Self {
        let (columns, lines): (usize, usize) =
            terminal_size::terminal_size().map_or((80, 24), |(width, height)| (width.0.into(), height.0.into()));
        // The prompt of the shell takes a line, too.
        Self { columns: columns.max(1), lines_left: lines.saturating_sub(1), used: 0 }
    }

    /// Returns whether all text so far fits. A byte counts as a column, which is never too few.
    fn fits(&mut self, text: &[u8]) -> bool {
        for byte in text {
            if *byte == b'\n' || self.used == self.columns {
                let Some(left) = self.lines_left.checked_sub(1) else { return false };
                self.lines_left = left;
                self.used = 0;
            }
            self.used += usize::from(*byte != b'\n');
        }
        true
    }
}

/// Returns the words of the pager command; `None` if none is wanted.
fn pager() -> Result<Option<Vec<String>>, String> {
    if env::var_os("TERM").is_some_and(|terminal| terminal == "dumb") {
        return Ok(None);
    }
    choose(|name| env::var_os(name))
}

/// Chooses the pager by the variables that `get` returns.
fn choose(get: impl Fn(&str) -> Option<OsString>) -> Result<Option<Vec<String>>, String> {
    let Some((name, command)) = ["KANDY_PAGER", "PAGER"].into_iter().find_map(|name| Some((name, get(name)?))) else {
        return Ok(is_installed("less", get("PATH")).then(|| vec!["less".to_owned()]));
    };
    let invalid = || format!("{name} is not a valid command; printing directly");
    let words = command.to_str().and_then(shlex::split).ok_or_else(invalid)?;
    Ok(Some(words).filter(|words| words.first().is_some_and(|program| !program.is_empty() && program != "cat")))
}

/// Returns whether a folder of `PATH` has a program. A default that is not there is no reason for a warning.
fn is_installed(program: &str, path: Option<OsString>) -> bool {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    path.is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(&name).is_file()))
}

fn spawn(pager: &[String]) -> io::Result<(Child, ChildStdin)> {
    let [program, arguments @ ..] = pager else { return Err(ErrorKind::InvalidInput.into()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    for (name, _) in env::vars_os() {
        // A pager can run programs, which need no credentials. All variables of this command are removed, as some have them.
        if name.to_string_lossy().to_ascii_uppercase().starts_with("KANDY_") {
            command.env_remove(&name);
        }
    }
    // As git does: leave short texts on the screen, keep bold text, keep the text after the end.
    for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
        if env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let mut child = command.spawn()?;
    let stdin = child.stdin.take().ok_or(ErrorKind::BrokenPipe)?;
    Ok((child, stdin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pager_is_that_of_the_environment() {
        let path = tempfile::tempdir().expect("a folder");
        std::fs::write(path.path().join(format!("less{}", env::consts::EXE_SUFFIX)), "").expect("it is written");
        let path = path.path().to_str().expect("UTF-8").to_owned();
        for (own, general, path, expected) in [
            (None, None, "", Some(vec![])),
            (None, None, &*path, Some(vec!["less"])),
            (None, Some("more -s"), &path, Some(vec!["more", "-s"])),
            (Some("less '-P a b'"), Some("more"), &path, Some(vec!["less", "-P a b"])),
            (Some(""), Some("more"), &path, Some(vec![])),
            (Some("cat"), Some("more"), &path, Some(vec![])),
            (Some("   "), Some("more"), &path, Some(vec![])),
            (Some("less 'x"), Some("more"), &path, None),
        ] {
            let chosen = choose(|name| match name {
                "KANDY_PAGER" => own.map(OsString::from),
                "PAGER" => general.map(OsString::from),
                "PATH" => Some(OsString::from(path)),
                _ => None,
            });
            let expected = expected.map(|words| (!words.is_empty()).then_some(words));
            match (chosen, expected) {
                (Ok(None), Some(None)) | (Err(_), None) => {}
                (Ok(Some(words)), Some(Some(expected))) => assert_eq!(words, expected),
                (chosen, expected) => panic!("{own:?}, {general:?}: {chosen:?}, not {expected:?}"),
            }
        }
    }

    #[test]
    fn screen_counts_lines_and_columns() {
        let fits = |text: &str| Screen { columns: 4, lines_left: 2, used: 0 }.fits(text.as_bytes());
        for (text, expected) in [
            ("", true),
            ("a\nb\n", true),
            ("a\nb\nc", true),
            ("a\nb\nc\n", false),
            ("123456789012", true),
            ("1234567890123", false),
        ] {
            assert_eq!(fits(text), expected, "{text:?}");
        }
    }
}
