//! [`SharedRateLimit`], the public trait of rate limits that processes share. Depends on `auth` for the error of stores;
//! `pipeline::retry_loop` calls it.

use std::{fmt, time::Duration};

use kandy_sys::BoxFuture;

use super::RateLimit;
use crate::StoreError;

/// A rate limit that processes share: the attempts of all of them together keep to it.
///
/// The crate `kandy-redis` has one. [`KandyBuilder::shared_rate_limit`](crate::KandyBuilder::shared_rate_limit) sets it.
///
/// Each attempt reserves a turn, and waits for its time: one access to the store for each attempt. Where the store fails,
/// the call fails with [`Phase::SharedLimit`](crate::Phase::SharedLimit) before it is sent: without the store nothing
/// tells how fast the others are, and a limit that holds only while the store works is none.
///
/// ```
/// use std::{sync::Mutex, time::{Duration, Instant}};
/// use kandy::{RateLimit, SharedRateLimit, StoreError, sys::BoxFuture};
///
/// /// The limit of all clients of one process.
/// #[derive(Debug)]
/// struct OfProcess {
///     limit: RateLimit,
///     next: Mutex<Instant>,
/// }
///
/// impl SharedRateLimit for OfProcess {
///     fn limit(&self) -> RateLimit {
///         self.limit
///     }
///
///     fn reserve(&self, longest: Duration) -> BoxFuture<'_, Result<Option<Duration>, StoreError>> {
///         Box::pin(async move {
///             let (now, interval) = (Instant::now(), self.limit.interval()?);
///             let mut next = self.next.lock().unwrap();
///             let turn = now.max(*next);
///             let wait = turn - now;
///             if wait > longest {
///                 return Ok(None);
///             }
///             *next = turn + interval;
///             Ok(Some(wait))
///         })
///     }
/// }
///
/// let limit = OfProcess { limit: RateLimit::per_second(10), next: Mutex::new(Instant::now()) };
/// let kandy = kandy::Kandy::builder().shared_rate_limit(limit).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
pub trait SharedRateLimit: fmt::Debug + Send + Sync + 'static {
    /// Returns the limit, for errors.
    fn limit(&self) -> RateLimit;

    /// Reserves the next turn, and returns the time until it. Returns `None`, and reserves nothing, if that is longer than
    /// `longest`: the call would not wait for it.
    ///
    /// A turn that is not used, because the call is dropped while it waits, is lost: the rate is lower for a moment, and
    /// never higher.
    fn reserve(&self, longest: Duration) -> BoxFuture<'_, Result<Option<Duration>, StoreError>>;
}
