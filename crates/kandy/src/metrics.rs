//! [`Metrics`]: what a client holds at a moment, and the [`Gauge`]s that count it. Depends on nothing.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use serde::Serialize;

/// What a client holds at a moment, returned by [`Kandy::metrics`](crate::Kandy::metrics).
///
/// ```
/// let kandy = kandy::Kandy::new()?;
/// let metrics = kandy.metrics();
/// assert_eq!((metrics.calls_in_flight, metrics.retries_left, metrics.tokens_cached), (0, 100, 0));
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Metrics {
    /// The calls that have begun and not ended, with those that wait for a retry, for the rate limit or for a token.
    /// Minting a token is a call of its own. A file, or a list that is read as a stream, counts until its response has
    /// begun.
    pub calls_in_flight: u64,
    /// The retries that are left in the [`RetryBudget`](crate::RetryBudget). While it is 0, calls fail with the error of
    /// their first attempt.
    pub retries_left: u64,
    /// The access tokens that handles hold: one for a handle and its clones, from its first call, or from the beginning
    /// where the token was given to it.
    pub tokens_cached: u64,
    /// The data channels that are connected.
    #[cfg(feature = "push")]
    pub channels_open: u64,
}

/// The counts of a client.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    pub(crate) calls: Gauge,
    /// Shared with the token caches, which may outlive a call.
    pub(crate) tokens: Arc<Gauge>,
    #[cfg(feature = "push")]
    pub(crate) channels: Gauge,
}

/// Counts things for as long as each has its [`Counted`].
///
/// Every call counts itself up and down, so one number would be a cache line that all cores contend for. Each thread
/// counts in a shard of its own (until there are more threads than shards), and only a reader adds them up.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    shards: [Shard; SHARDS],
}

const SHARDS: usize = 16;

/// On a cache line of its own; 128 bytes, because some processors fetch two lines at a time.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(AtomicU64);

thread_local! {
    /// The shard of this thread: threads take them in turn.
    static SHARD: usize = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS
    };
}

impl Gauge {
    /// Returns how many things are counted at the moment.
    pub(crate) fn value(&self) -> u64 {
        self.shards.iter().map(|shard| shard.0.load(Ordering::Relaxed)).sum()
    }
}

/// Counts one thing in a gauge until it is dropped: also where its future is cancelled or panics.
#[derive(Debug)]
pub(crate) struct Counted<G: Deref<Target = Gauge>> {
    gauge: G,
    /// The shard that was incremented, so that none falls below zero where another thread drops this.
    shard: usize,
}

impl<G: Deref<Target = Gauge>> Counted<G> {
    pub(crate) fn new(gauge: G) -> Self {
        let shard = SHARD.with(|shard| *shard);
        // Relaxed: the count guards no other data.
        gauge.shards[shard].0.fetch_add(1, Ordering::Relaxed);
        Self { gauge, shard }
    }
}

impl<G: Deref<Target = Gauge>> Drop for Counted<G> {
    fn drop(&mut self) {
        self.gauge.shards[self.shard].0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_one_thread_creates_and_another_drops() {
        let gauge = Arc::new(Gauge::default());
        let threads: Vec<_> = (0..2 * SHARDS)
            .map(|_| {
                let gauge = gauge.clone();
                std::thread::spawn(move || [Counted::new(gauge.clone()), Counted::new(gauge)])
            })
            .collect();
        let mut counted: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect();
        assert_eq!(gauge.value(), 4 * SHARDS as u64);
        assert!(
            gauge.shards.iter().filter(|shard| shard.0.load(Ordering::Relaxed) > 0).count() > 1,
            "threads share one"
        );
        counted.truncate(3);
        assert_eq!(gauge.value(), 3);
        drop(counted);
        assert_eq!(gauge.value(), 0);
    }
}
