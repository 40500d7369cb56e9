use std::{
    fmt,
    time::{Duration, Instant, SystemTime},
};

use kandy_sys::BoxFuture;

/// Time and chance, as a client sees them.
///
/// A client has the real ones. A test gives it others with [`KandyBuilder::clock`](crate::KandyBuilder::clock), and
/// need not wait:
///
/// ```
/// use std::{sync::{Arc, Mutex}, time::{Duration, Instant}};
/// use kandy::{Clock, sys::BoxFuture};
///
/// /// A clock that jumps where others sleep.
/// #[derive(Debug)]
/// struct Impatient(Mutex<Instant>);
///
/// impl Clock for Impatient {
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
/// let kandy = kandy::Kandy::builder().clock(Impatient(Mutex::new(Instant::now()))).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The time that intervals are measured by.
    fn now(&self) -> Instant;

    /// The time of day.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now_utc(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A random number from 0 up to, but not including, 1.
    fn random(&self) -> f64 {
        // A random UUID is at hand anyway; 48 of its random bits are enough to spread waits.
        let bits = uuid::Uuid::new_v4().as_u128() >> 80;
        bits as f64 / (1_u64 << 48) as f64
    }
}

/// Real time.
#[derive(Debug)]
pub(crate) struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_in_its_bounds_and_varies() {
        let numbers: Vec<f64> = (0..1000).map(|_| SystemClock.random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(numbers.iter().any(|number| *number < 0.1) && numbers.iter().any(|number| *number > 0.9));
    }
}
