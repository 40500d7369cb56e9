//! A clock on which time passes faster, so that a channel that died silently is found within a second.

use std::time::{Duration, Instant};

use kandy::{Clock, sys::BoxFuture};

/// How many times faster. The client allows 45 s between its Ping and the Pong; on this clock that is 450 ms, which a busy
/// machine keeps as a rule. If it does not, the channel is opened once more.
pub(super) const FACTOR: u32 = 100;

/// A [`Clock`] that measures and waits in real time, [`FACTOR`] times faster.
#[derive(Clone, Debug)]
pub(super) struct FastClock(Instant);

impl FastClock {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for FastClock {
    fn now(&self) -> Instant {
        self.0 + self.0.elapsed() * FACTOR
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / FACTOR))
    }
}
