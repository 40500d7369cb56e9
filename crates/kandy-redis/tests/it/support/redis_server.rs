//! [`RedisServer`]: a Redis that a test starts, breaks and ends.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kandy_redis::{Redis, redis};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A Redis at a Unix socket in a temporary folder, so that no port is taken. It keeps nothing on disk, and is killed when it
/// is dropped.
pub(crate) struct RedisServer {
    child: Child,
    program: PathBuf,
    folder: TempDir,
    options: Vec<String>,
}

/// Where `.ci/redis` installs one, below the root of the checkout.
const INSTALLED: &str = "target/redis/redis-server";

impl RedisServer {
    /// Starts one. `None`, with a line that says so, if there is none to start.
    ///
    /// # Panics
    ///
    /// In CI, if there is none.
    pub(crate) fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// Starts one with further options, such as `["--requirepass", "secret"]`.
    pub(crate) fn with(options: &[&str]) -> Option<Self> {
        Self::try_with(options).map(|server| server.expect("redis-server listens"))
    }

    /// Starts one with further options; an error if it ends by itself, as where a port is taken.
    pub(crate) fn try_with(options: &[&str]) -> Option<Result<Self, String>> {
        let Some(program) = find() else {
            assert!(env::var("CI").is_ok_and(|value| value != "true"), "there is no redis-server; run `.ci/redis`");
            println!("SKIPPED: there is no redis-server; install the package redis-server, or run `.ci/redis`");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("kandy-redis-").tempdir_in("/tmp").expect("a folder");
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let child = spawn(&program, folder.path(), &options);
        Some(child.map(|child| Self { child, program, folder, options }))
    }

    /// Returns its URL.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", socket(self.folder.path()).display())
    }

    /// Returns a new connection to it.
    pub(crate) fn redis(&self) -> Redis {
        Redis::open(self.url()).expect("a URL")
    }

    /// Sends a command, with the words of a text.
    pub(crate) fn command<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let client = redis::Client::open(self.url()).expect("a URL");
        let mut connection = client.get_connection().expect("it runs");
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(*word);
        }
        command.query(&mut connection).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// Stops its process, which keeps its connections: as a partition of the network looks from outside.
    pub(crate) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Kills it.
    pub(crate) fn stop(&mut self) {
        self.child.kill().expect("a process");
        self.child.wait().expect("a process");
    }

    /// Kills it and starts it again, without its data.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.child = spawn(&self.program, self.folder.path(), &self.options).expect("redis-server listens");
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a process");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("redis.sock")
}

/// Returns the program: of the system, or that of `.ci/redis`.
fn find() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<_> = env::split_paths(&folders).map(|folder| folder.join("redis-server")).collect();
    found.extend(kandy_checkout::root().map(|root| root.join(INSTALLED)));
    found.into_iter().find(|program| program.is_file())
}

/// Starts a process, and waits until it accepts connections.
fn spawn(program: &Path, folder: &Path, options: &[String]) -> Result<Child, String> {
    // That of one that was killed.
    let _ = fs::remove_file(socket(folder));
    let mut child = Command::new(program)
        .args(["--port", "0", "--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir"])
        .arg(folder)
        .arg("--unixsocket")
        .arg(socket(folder))
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server starts");
    let begin = Instant::now();
    while std::os::unix::net::UnixStream::connect(socket(folder)).is_err() {
        if child.try_wait().expect("a process").is_some() {
            return Err(format!("redis-server ended: {options:?}"));
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "redis-server does not listen");
        std::thread::yield_now();
    }
    Ok(child)
}
