//! [`Queue`]: a queue of jobs on Redis, which `sms send --queue` and `user import --queue` fill, and workers empty.
//!
//! Depends on `credential` and `failure`. Begin with [`Queue::open`].

use std::{fmt, time::Duration};

use kandy::RateLimit;
use kandy_outbox::{OutboxError, StoreError};
use kandy_redis::{Redis, RedisJobStore, RedisRateLimit};
use reqwest::Url;

use crate::{
    credential::secret_variable,
    failure::{Failure, Result},
};

/// The variable with the URL of the server. With `_FILE` appended, it names a file with the URL.
const VARIABLE: &str = "KANDY_REDIS_URL";

/// How long an access to Redis may take. A thousand jobs are written to its disk in one.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum length of a name.
const MAX_NAME: usize = 64;

/// A queue, by its name at a server.
pub(crate) struct Queue {
    name: String,
    redis: Redis,
}

impl Queue {
    /// Returns the queue that an argument names, and does not connect yet: `redis://HOST[:PORT][/DATABASE]/NAME`, or the name of
    /// a queue at the server in `KANDY_REDIS_URL`.
    ///
    /// Errors do not repeat the argument, which may contain a password.
    pub(crate) fn open(argument: &str) -> Result<Self> {
        let (redis, name) = match argument.contains("://") {
            true => at_url(argument)?,
            false => (at_variable()?, argument.to_owned()),
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_plain) {
            return Err(Failure::usage(format!(
                "the name of a queue has 1 to {MAX_NAME} letters, digits, hyphens, dots and underscores, as in \
                 redis://127.0.0.1:6379/spring"
            )));
        }
        Ok(Self { name, redis: redis.timeout(TIMEOUT) })
    }

    /// Returns the jobs.
    pub(crate) fn store(&self) -> RedisJobStore {
        RedisJobStore::new(&self.redis, &self.name)
    }

    /// Returns a rate limit that all workers of the queue share.
    pub(crate) fn rate_limit(&self, limit: RateLimit) -> RedisRateLimit {
        RedisRateLimit::new(&self.redis, format!("queue-{}", self.name), limit)
    }
}

/// The name.
impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Splits a URL into the server and the name of the queue.
fn at_url(argument: &str) -> Result<(Redis, String)> {
    let form = || Failure::usage("the queue is not of the form redis://HOST[:PORT]/NAME");
    let mut url = Url::parse(argument).map_err(|_| form())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::usage(format!(
            "the URL of the queue contains a password, which other users of this machine can see, and which the shell \
             records. Put the URL of Redis into {VARIABLE}, or into a file that {VARIABLE}_FILE names, and give the name of \
             the queue alone"
        )));
    }
    let path = url.path().trim_start_matches('/').to_owned();
    let (database, name) = path.rsplit_once('/').unwrap_or(("", &path));
    url.set_path(database);
    Ok((Redis::open(&url).map_err(|_| form())?, name.to_owned()))
}

/// Returns the server of the variable.
fn at_variable() -> Result<Redis> {
    let given = secret_variable(VARIABLE, "the URL of Redis")?.ok_or_else(|| {
        Failure::usage(format!(
            "the queue has no server: write redis://HOST[:PORT]/NAME, or set {VARIABLE} to the URL of Redis"
        ))
    })?;
    Redis::open(given.secret.expose()).map_err(|error| Failure::usage(format!("{}: {error}", given.place)))
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::local(error.to_string())
    }
}

impl From<OutboxError> for Failure {
    fn from(error: OutboxError) -> Self {
        match error {
            OutboxError::Service(error) => Self::Call(error),
            other => Self::local(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_server_and_a_queue() {
        for (argument, server) in [
            ("redis://127.0.0.1:6390/spring", "127.0.0.1:6390"),
            ("redis://localhost/spring", "localhost:6379"),
            ("redis://localhost/2/spring", "localhost:6379/2"),
            ("rediss://cache.example.com/spring", "cache.example.com:6379"),
            ("redis://[::1]:7000/spring", "::1:7000"),
        ] {
            let queue = Queue::open(argument).unwrap_or_else(|failure| panic!("{argument}: {failure}"));
            assert_eq!(queue.to_string(), "spring", "{argument}");
            assert!(format!("{:?}", queue.redis).contains(&format!("{server:?}")), "{argument}: {:?}", queue.redis);
        }
    }

    #[test]
    fn rejects_what_is_no_queue_without_repeating_it() {
        for argument in [
            "redis://127.0.0.1:6379",
            "redis://127.0.0.1:6379/",
            "redis://127.0.0.1:6379/s3cret/",
            "redis://127.0.0.1:6379/s3cret/spring",
            "redis://:s3cret@127.0.0.1/spring",
            "redis://s3cret@127.0.0.1/spring",
            "http://127.0.0.1/s3cret",
            "redis://",
            "redis://127.0.0.1/s3cret%0Aname",
            "redis://127.0.0.1:s3cret/spring",
        ] {
            let Err(failure) = Queue::open(argument) else { panic!("{argument} is accepted") };
            assert!(matches!(failure, Failure::Usage(_)), "{argument}: {failure}");
            assert!(!failure.to_string().contains("s3cret"), "{argument}: {failure}");
        }
    }
}
