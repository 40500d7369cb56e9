//! A clock that never waits, and records each wait that was requested.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use kandy::{Clock, sys::BoxFuture};

/// A [`Clock`] whose sleeps return at once and advance its time.
#[derive(Clone, Debug)]
pub(crate) struct TestClock {
    state: Arc<Mutex<State>>,
    random: f64,
    date: Option<SystemTime>,
}

#[derive(Debug)]
struct State {
    now: Instant,
    waits: Vec<Duration>,
}

impl TestClock {
    /// Creates a clock that always draws `random`, at the date `Sun, 06 Nov 1994 08:49:37 GMT`.
    pub(crate) fn new(random: f64) -> Self {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        Self { date: Some(date), ..Self::with_system_date(random) }
    }

    /// Creates a clock with the date of the system, for servers whose responses carry dates.
    pub(crate) fn with_system_date(random: f64) -> Self {
        let state = State { now: Instant::now(), waits: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)), random, date: None }
    }

    /// Advances the time.
    pub(crate) fn advance(&self, time: Duration) {
        self.state.lock().expect("no panic").now += time;
    }

    /// Returns all waits so far, in milliseconds.
    pub(crate) fn waits(&self) -> Vec<u128> {
        self.state.lock().expect("no panic").waits.iter().map(Duration::as_millis).collect()
    }

    /// Returns the waits since the last call of this method.
    pub(crate) fn take_waits(&self) -> Vec<Duration> {
        std::mem::take(&mut self.state.lock().expect("no panic").waits)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.state.lock().expect("no panic").now
    }

    fn now_utc(&self) -> SystemTime {
        self.date.unwrap_or_else(SystemTime::now)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state.lock().expect("no panic");
        state.now += duration;
        state.waits.push(duration);
        Box::pin(async {})
    }

    fn random(&self) -> f64 {
        self.random
    }
}
