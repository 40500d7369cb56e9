//! A Redis that has on disk what it confirms, in a process of its own.
//!
//! Depends on nothing. Begin with `RedisServer::start`.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use kandy_redis::{Redis, redis};
use tempfile::TempDir;

use super::data_folder;
use crate::BoxError;

/// How long an access may take: on a busy machine longer than by default.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

/// Where `.ci/redis` installs one, below the root of the checkout.
const INSTALLED: &str = "target/redis/redis-server";

/// A Redis. It is killed when it is dropped.
#[derive(Debug)]
pub(super) struct RedisServer {
    child: Child,
    program: PathBuf,
    /// Apart from the data: the path of a socket must be short.
    socket: TempDir,
    data: TempDir,
}

impl RedisServer {
    /// Starts one. None where redis-server is not installed.
    pub(super) fn start() -> Result<Option<Self>, BoxError> {
        let Some(program) = find() else { return Ok(None) };
        let (socket, data) = (tempfile::Builder::new().prefix("kandy-bench-").tempdir()?, data_folder()?);
        let child = spawn(&program, &socket, &data)?;
        let mut server = Self { child, program, socket, data };
        server.wait()?;
        Ok(Some(server))
    }

    /// Kills it, and starts it again with its data.
    pub(super) fn restart(&mut self) -> Result<(), BoxError> {
        self.child.kill()?;
        self.child.wait()?;
        self.child = spawn(&self.program, &self.socket, &self.data)?;
        self.wait()
    }

    /// Waits until it responds, once it has read its data.
    fn wait(&mut self) -> Result<(), BoxError> {
        let begun = Instant::now();
        while let Err(error) = self.command::<String>(&["PING"]) {
            if self.child.try_wait()?.is_some() || begun.elapsed() > 10 * TIMEOUT {
                return Err(format!("redis-server does not listen: {error}").into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    pub(super) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket.path().join("redis.sock").display())
    }

    pub(super) fn redis(&self) -> Result<Redis, BoxError> {
        Ok(Redis::open(self.url())?.timeout(TIMEOUT))
    }

    /// Removes all keys.
    pub(super) fn clear(&self) -> Result<(), BoxError> {
        self.command(&["FLUSHALL"])
    }

    /// Returns the memory that its data take, in bytes.
    pub(super) fn memory(&self) -> Result<f64, BoxError> {
        let info: String = self.command(&["INFO", "memory"])?;
        let memory = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
        Ok(memory.ok_or("Redis does not tell its memory")?.trim().parse()?)
    }

    fn command<T: redis::FromRedisValue>(&self, words: &[&str]) -> Result<T, BoxError> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(*word);
        }
        Ok(command.query(&mut connection)?)
    }
}

/// Starts the process.
fn spawn(program: &Path, socket: &TempDir, data: &TempDir) -> Result<Child, BoxError> {
    // That of one that was killed.
    let socket = socket.path().join("redis.sock");
    drop(std::fs::remove_file(&socket));
    let child = Command::new(program)
        .args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
        .args(["--loglevel", "warning", "--dir"])
        .arg(data.path())
        .arg("--unixsocket")
        .arg(socket)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    Ok(child)
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Returns the program: of the system, or that of `.ci/redis`.
fn find() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<_> = env::split_paths(&folders).map(|folder| folder.join("redis-server")).collect();
    found.extend(kandy_checkout::root().map(|root| root.join(INSTALLED)));
    found.into_iter().find(|program| program.is_file())
}
