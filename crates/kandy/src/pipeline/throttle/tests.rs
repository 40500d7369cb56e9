//! The rate, the queue and the end of pacing, on clocks that do not wait.

use std::sync::Arc;

use futures_util::future::join_all;
use kandy_sys::BoxFuture;

use super::{
    pacing::{END_AFTER, MAX_WAIT},
    *,
};

const SECOND: Duration = Duration::from_secs(1);

/// A clock that advances by the time slept, without waiting.
#[derive(Clone, Debug)]
struct JumpingClock(Arc<Mutex<Instant>>);

impl JumpingClock {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn pass(&self, time: Duration) {
        *self.0.lock().expect("no panic") += time;
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> Instant {
        *self.0.lock().expect("no panic")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.pass(duration);
        Box::pin(async {})
    }
}

/// A clock that never advances.
#[derive(Debug)]
struct FrozenClock(Instant);

impl Clock for FrozenClock {
    fn now(&self) -> Instant {
        self.0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

/// Returns the current rate.
fn rate(throttle: &Throttle) -> f64 {
    throttle.pacing().as_ref().expect("pacing").rate
}

#[tokio::test]
async fn the_first_refusal_delays_and_paces_all_attempts() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    assert!(!throttle.is_active());
    let begin = clock.now();
    assert_eq!(throttle.refused(begin, begin, |_| 3 * SECOND), 3 * SECOND);
    assert!(throttle.is_active());
    let turns = join_all((0..20).map(|_| throttle.turn(&clock, 60 * SECOND))).await;
    assert!(turns.iter().all(Option::is_some));
    assert_eq!(clock.now() - begin, 3 * SECOND + 19 * SECOND / 10);
}

#[tokio::test]
async fn a_refusal_halves_the_rate_once_for_attempts_in_flight() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    let begin = clock.now();
    throttle.refused(begin, begin, |_| Duration::ZERO);
    for expected in [5.0, 2.5, 1.25, 1.0, 1.0] {
        clock.pass(SECOND);
        let begun = clock.now();
        clock.pass(SECOND);
        throttle.refused(begun, clock.now(), |_| Duration::ZERO);
        // These began before the rate was reduced.
        for _ in 0..50 {
            throttle.refused(begun, clock.now(), |_| Duration::ZERO);
        }
        assert_eq!(rate(&throttle), expected);
    }
}

#[test]
fn the_rate_doubles_each_second_and_recovers_slowly_after_a_cut() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    throttle.refused(clock.now(), clock.now(), |_| Duration::ZERO);
    for expected in [20.0, 40.0, 80.0] {
        clock.pass(SECOND);
        throttle.accepted(clock.now());
        assert_eq!(rate(&throttle), expected);
    }
    throttle.refused(clock.now(), clock.now(), |_| Duration::ZERO);
    for expected in [44.0, 48.0, 52.0] {
        clock.pass(SECOND);
        throttle.accepted(clock.now());
        assert_eq!(rate(&throttle), expected);
    }
    clock.pass(30 * SECOND);
    throttle.accepted(clock.now());
    assert_eq!(rate(&throttle), 56.0, "without use it does not grow");
}

#[tokio::test]
async fn pacing_ends_a_minute_after_the_last_refusal() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    throttle.refused(clock.now(), clock.now(), |_| Duration::ZERO);
    clock.pass(END_AFTER - SECOND);
    assert_eq!(throttle.turn(&clock, SECOND).await, Some(Duration::ZERO));
    assert!(throttle.is_active());
    clock.pass(SECOND);
    assert_eq!(throttle.turn(&clock, SECOND).await, Some(Duration::ZERO));
    assert!(!throttle.is_active());

    // Unless the service asked for more.
    throttle.refused(clock.now(), clock.now(), |_| 2 * END_AFTER);
    clock.pass(END_AFTER);
    assert_eq!(throttle.turn(&clock, SECOND).await, None);
    assert!(throttle.is_active());
}

#[tokio::test]
async fn a_turn_beyond_the_time_left_fails_at_once() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    let begin = clock.now();
    throttle.refused(begin, begin, |_| 30 * SECOND);
    assert_eq!(throttle.turn(&clock, 30 * SECOND).await, None);
    assert_eq!(clock.now(), begin);
    assert_eq!(throttle.turn(&clock, 31 * SECOND).await, Some(30 * SECOND));
    // A wait beyond the range of `Instant` does not panic.
    assert!(throttle.refused(clock.now(), clock.now(), |_| Duration::MAX) >= MAX_WAIT);
}

#[tokio::test]
async fn a_clock_that_stands_still_does_not_make_a_turn_hang() {
    let (throttle, clock) = (Throttle::default(), FrozenClock(Instant::now()));
    throttle.refused(clock.now(), clock.now(), |_| SECOND);
    assert_eq!(throttle.turn(&clock, 10 * SECOND).await, None);
}

#[tokio::test]
async fn a_dropped_turn_leaves_the_queue() {
    let throttle = Throttle::default();
    let now = Instant::now();
    throttle.refused(now, now, |_| Duration::from_millis(50));
    let clock = crate::clock::SystemClock;
    {
        let mut head = Box::pin(throttle.turn(&clock, SECOND));
        assert!(futures_util::FutureExt::now_or_never(&mut head).is_none());
    }
    assert!(throttle.turn(&clock, 60 * SECOND).await.is_some());
}

#[test]
fn refusals_in_a_row_are_counted_until_one_is_accepted() {
    let (throttle, clock) = (Throttle::default(), JumpingClock::new());
    let refuse = || {
        let begun = clock.now();
        clock.pass(SECOND);
        let mut refusals = 0;
        throttle.refused(begun, clock.now(), |count| {
            refusals = count;
            Duration::ZERO
        });
        refusals
    };
    assert_eq!([refuse(), refuse(), refuse()], [1, 2, 3]);
    throttle.accepted(clock.now());
    assert_eq!([refuse(), refuse()], [1, 2]);
}
