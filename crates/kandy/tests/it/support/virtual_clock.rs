//! A clock whose time passes only when the test advances it.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::{Duration, Instant, SystemTime},
};

use kandy::{Clock, sys::BoxFuture};
use tokio::sync::Notify;

/// The longest real time that a test waits for something to happen.
const LIMIT: Duration = Duration::from_secs(20);

/// Lets all tasks of a runtime with one thread run until each waits for something, as far as that can be told: for a test
/// that nothing happens.
pub(crate) async fn settle() {
    yield_times(1000).await;
}

/// Lets the other tasks run this many times.
pub(crate) async fn yield_times(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

/// A [`Clock`] whose sleeps end when the test advances its time past them. Its date is `Sun, 06 Nov 1994 08:49:37 GMT`
/// at the beginning.
#[derive(Clone, Debug)]
pub(crate) struct VirtualClock {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    begin: Instant,
    now: Instant,
    random: f64,
    /// The number of sleeps so far, which identifies the next.
    number: u64,
    sleepers: Vec<Sleeper>,
}

#[derive(Debug)]
struct Sleeper {
    number: u64,
    until: Instant,
    waker: Option<Waker>,
}

impl VirtualClock {
    /// Creates a clock that draws `random`.
    pub(crate) fn new(random: f64) -> Self {
        let now = Instant::now();
        let state = State { begin: now, now, random, number: 0, sleepers: Vec::new() };
        Self { state: Arc::new(Mutex::new(state)), changed: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }

    /// Sets the number that is drawn from now on.
    pub(crate) fn set_random(&self, random: f64) {
        self.state().random = random;
    }

    /// Advances the time, and ends the sleeps that are over.
    pub(crate) fn advance(&self, time: Duration) {
        let mut state = self.state();
        state.now += time;
        state.sleepers.iter_mut().filter_map(|sleeper| sleeper.waker.take()).for_each(Waker::wake);
    }

    /// Returns the time since the clock was created.
    pub(crate) fn elapsed(&self) -> Duration {
        let state = self.state();
        state.now - state.begin
    }

    /// Returns how long each sleep still takes, the shortest first.
    pub(crate) fn left(&self) -> Vec<Duration> {
        let state = self.state();
        let mut left: Vec<_> = state.sleepers.iter().map(|sleeper| sleeper.until - state.now).collect();
        left.sort_unstable();
        left
    }

    /// Returns how many sleeps have begun.
    pub(crate) fn sleeps(&self) -> u64 {
        self.state().number
    }

    /// Waits until there is a sleep that still takes exactly this long: then its task has done what it had to.
    pub(crate) async fn sleeping_for(&self, left: Duration) {
        let sleeping = async {
            loop {
                let changed = self.changed.notified();
                if self.left().contains(&left) {
                    return;
                }
                changed.await;
            }
        };
        let slept = tokio::time::timeout(LIMIT, sleeping).await;
        slept.unwrap_or_else(|_| panic!("nothing sleeps for {left:?}, but {:?}", self.left()));
    }

    /// Waits until there is a sleep of exactly this long, and advances the time by it.
    pub(crate) async fn pass(&self, time: Duration) {
        self.sleeping_for(time).await;
        self.advance(time);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        self.state().now
    }

    fn now_utc(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777) + self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state();
        state.number += 1;
        let (number, until) = (state.number, state.now + duration);
        state.sleepers.push(Sleeper { number, until, waker: None });
        drop(state);
        Box::pin(Sleep { clock: self.clone(), number })
    }

    fn random(&self) -> f64 {
        self.state().random
    }
}

struct Sleep {
    clock: VirtualClock,
    number: u64,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        let now = state.now;
        let sleeper = state.sleepers.iter_mut().find(|sleeper| sleeper.number == self.number);
        let sleeper = sleeper.expect("it is removed when it is dropped");
        if now >= sleeper.until {
            return Poll::Ready(());
        }
        sleeper.waker = Some(context.waker().clone());
        drop(state);
        // Only now, since a sleep that was never polled is not waited for.
        self.clock.changed.notify_waiters();
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.state().sleepers.retain(|sleeper| sleeper.number != self.number);
    }
}
