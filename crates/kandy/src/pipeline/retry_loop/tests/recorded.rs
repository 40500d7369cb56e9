//! [`Recorded`]: a service in memory that records when requests arrive.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use kandy_sys::BoxFuture;

use crate::{
    Clock, KandyBuilder,
    clock::SystemClock,
    testing::{MockService, Reply},
};

/// The system's clock, which draws the longest backoff.
#[derive(Debug)]
struct LongestWaits;

impl Clock for LongestWaits {
    fn now(&self) -> Instant {
        SystemClock.now()
    }

    fn now_utc(&self) -> SystemTime {
        SystemClock.now_utc()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }

    fn random(&self) -> f64 {
        1.0
    }
}

/// A service that records when requests arrive, in milliseconds.
pub(super) struct Recorded {
    pub(super) service: MockService,
    times: Arc<Mutex<Vec<u128>>>,
}

impl Recorded {
    /// Starts a service with these replies to the requests of an operation, and then the example of the documentation.
    pub(super) fn new(operation: &str, replies: impl IntoIterator<Item = Reply>) -> Self {
        let service = MockService::new();
        let begin = SystemClock.now();
        let (times, replies) = (Arc::default(), Mutex::new(replies.into_iter().collect::<Vec<_>>().into_iter()));
        let recorded: Arc<Mutex<Vec<u128>>> = Arc::clone(&times);
        service.reply_with(operation, move |_| {
            recorded.lock().expect("no panic").push((SystemClock.now() - begin).as_millis());
            replies.lock().expect("no panic").next().unwrap_or_else(Reply::example)
        });
        Self { service, times }
    }

    pub(super) fn builder(&self) -> KandyBuilder {
        self.service.builder().clock(LongestWaits)
    }

    pub(super) fn times(&self) -> Vec<u128> {
        self.times.lock().expect("no panic").clone()
    }

    pub(super) fn minted(&self) -> usize {
        self.service.requests_of("user_access_token_get").len()
    }
}
