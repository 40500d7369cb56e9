//! [`Clock`]: the only source of time, sleep and randomness in this crate, so that tests can inject their own. Depends
//! on nothing; `clippy.toml` forbids the standard clocks elsewhere.

use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

use kandy_sys::BoxFuture;

use crate::runtime;

/// The source of time and randomness of a client.
///
/// By default a client uses the system clock, the timer of tokio and random UUIDs. A test replaces them with
/// [`KandyBuilder::clock`](crate::KandyBuilder::clock), and need not wait:
///
/// ```
/// use std::{sync::{Arc, Mutex}, time::{Duration, Instant}};
/// use kandy::{Clock, sys::BoxFuture};
///
/// /// A clock that advances instead of sleeping.
/// #[derive(Debug)]
/// struct ManualClock(Mutex<Instant>);
///
/// impl Clock for ManualClock {
///     fn now(&self) -> Instant {
///         *self.0.lock().unwrap()
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         *self.0.lock().unwrap() += duration;
///         Box::pin(async {})
///     }
/// }
///
/// let kandy = kandy::Kandy::builder().clock(ManualClock(Mutex::new(Instant::now()))).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Returns the monotonic time, by which intervals are measured.
    fn now(&self) -> Instant;

    /// Returns the wall-clock time.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now_utc(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Waits for this long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// Returns a random number from 0 up to, but not including, 1.
    fn random(&self) -> f64 {
        // Jitter needs neither a seed nor a generator of its own: 48 of the random bits of a version 4 UUID are enough
        // to spread waits.
        let bits = uuid::Uuid::new_v4().as_u128() >> 80;
        bits as f64 / (1_u64 << 48) as f64
    }
}

/// The system clock, as tokio reads it, and the timer of tokio.
#[derive(Debug)]
pub(crate) struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // That of tokio stands still while a test has paused its timer, so that intervals and sleeps stay consistent.
        tokio::time::Instant::now().into_std()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Outside a runtime the timer would panic. The call that follows fails there, with an error that says why.
        if runtime::check(None).is_err() {
            return Box::pin(async {});
        }
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_are_in_range_and_vary() {
        let numbers: Vec<f64> = (0..1000).map(|_| SystemClock.random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(numbers.iter().any(|number| *number < 0.1) && numbers.iter().any(|number| *number > 0.9));
    }
}
