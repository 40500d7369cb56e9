//! A clock that does not wait, and remembers for how long it was asked to.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use kandy::{Clock, sys::BoxFuture};

/// The moment that the clock stands at for those who ask for the time of day.
pub(crate) const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

#[derive(Clone, Debug)]
pub(crate) struct TestClock {
    now: Arc<Mutex<Instant>>,
    waits: Arc<Mutex<Vec<Duration>>>,
    random: f64,
}

impl TestClock {
    /// A clock whose every random number is this one.
    pub(crate) fn new(random: f64) -> Self {
        Self { now: Arc::new(Mutex::new(Instant::now())), waits: Arc::default(), random }
    }

    /// How long it was asked to wait, in milliseconds.
    pub(crate) fn waits(&self) -> Vec<u128> {
        self.waits.lock().expect("no panic").iter().map(Duration::as_millis).collect()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.now.lock().expect("no panic")
    }

    fn now_utc(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        *self.now.lock().expect("no panic") += duration;
        self.waits.lock().expect("no panic").push(duration);
        Box::pin(async {})
    }

    fn random(&self) -> f64 {
        self.random
    }
}
