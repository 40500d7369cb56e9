//! [`RedisRateLimit`]: a rate limit that processes share. Depends on `connection`.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kandy::{RateLimit, SharedRateLimit, StoreError, sys::BoxFuture};
use redis::Script;

use crate::{Error, Redis};

/// A rate limit that processes and machines share: all of them together keep to it.
///
/// Each attempt of a call reserves its turn in Redis, by one script and by the clock of Redis, and waits for its time. So
/// the clocks of the machines do not matter, and the processes need not know of each other. Turns are even, as those of
/// [`RateLimit`] are, with its [burst](RateLimit::burst). The interval is rounded up to whole microseconds.
///
/// Processes with the same server, prefix and name share a limit; give all of them the same rate. It adds up with a limit
/// of the client ([`KandyBuilder::rate_limit`](kandy::KandyBuilder::rate_limit)): an attempt needs a turn of each.
///
/// ```
/// use kandy::{Kandy, RateLimit};
/// use kandy_redis::{Redis, RedisRateLimit};
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let kandy = Kandy::builder()
///     .shared_rate_limit(RedisRateLimit::new(&redis, "sms", RateLimit::per_second(100)))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # When Redis fails
///
/// Calls fail with [`Phase::SharedLimit`](kandy::Phase::SharedLimit) before they are sent, whether Redis is down, hangs, is
/// full or refuses the script: without it nothing tells how fast the others are. Such a call may be sent again later.
///
/// A Redis that was restarted without its data has forgotten which turns are reserved. Each process remembers its own last
/// one, so turns continue behind it; turns that other processes wait for at that moment may coincide with new ones.
#[derive(Clone, Debug)]
pub struct RedisRateLimit {
    redis: Redis,
    key: Arc<str>,
    limit: RateLimit,
    /// When the next turn was after the last one of this process, in microseconds of the clock of Redis.
    next: Arc<AtomicU64>,
}

/// Reserves a turn, if it is not too far away: the "generic cell rate algorithm", as `kandy` has it, with the time of the
/// next turn as the only state. Times are in microseconds, which numbers of Lua hold exactly (2^53).
///
/// Arguments: the interval, how far before its time a turn may be taken, the longest wait, and when the next turn is as
/// far as this process knows. Returns the wait, or -1, and the time of the next turn.
static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));

/// The longest wait in microseconds, a year: far within what Lua counts exactly.
const MAX_WAIT: u64 = 365 * 24 * 3600 * 1_000_000;

impl RedisRateLimit {
    /// Returns the limit of this name at a server, and does not connect yet. A limit that cannot be used is an error when
    /// the client is built.
    pub fn new(redis: &Redis, name: impl AsRef<str>, limit: RateLimit) -> Self {
        let key = redis.key(&["limit", name.as_ref()]).into();
        Self { redis: redis.clone(), key, limit, next: Arc::default() }
    }

    /// Reserves a turn: see [`SharedRateLimit::reserve`].
    async fn reserve_turn(&self, interval: Duration, longest: Duration) -> Result<Option<Duration>, Error> {
        let interval = microseconds(interval.saturating_add(Duration::from_nanos(999))).max(1);
        let early = interval.saturating_mul(u64::from(self.limit.burst_size().saturating_sub(1)));
        let mut script = RESERVE.key(&*self.key);
        // Relaxed: it guards no other memory.
        let known = self.next.load(Ordering::Relaxed);
        script.arg(interval).arg(early.min(MAX_WAIT)).arg(microseconds(longest)).arg(known);
        let (wait, next): (i64, u64) = self.redis.script("reserve a turn of the rate limit", &script).await?;
        self.next.fetch_max(next, Ordering::Relaxed);
        Ok(u64::try_from(wait).ok().map(Duration::from_micros))
    }
}

impl SharedRateLimit for RedisRateLimit {
    fn limit(&self) -> RateLimit {
        self.limit
    }

    fn reserve(&self, longest: Duration) -> BoxFuture<'_, Result<Option<Duration>, StoreError>> {
        Box::pin(async move { Ok(self.reserve_turn(self.limit.interval()?, longest).await?) })
    }
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(MAX_WAIT).min(MAX_WAIT)
}
