//! Calls under a limit that processes share, whose store is in memory.

use std::collections::VecDeque;

use kandy_sys::BoxFuture;

use super::*;
use crate::{SharedRateLimit, StoreError};

/// What the store does when it is asked for a turn.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// In this time.
    In(Duration),
    /// The same, against what was asked: later than the call would wait.
    TooLate(Duration),
    Fails,
    Hangs,
}

/// A limit with these turns, and then turns at once. It counts those that are reserved.
#[derive(Clone, Debug)]
struct Turns {
    limit: RateLimit,
    turns: Arc<Mutex<VecDeque<Turn>>>,
    reserved: Arc<Mutex<u32>>,
}

impl Turns {
    fn new(turns: impl IntoIterator<Item = Turn>) -> Self {
        let turns = Arc::new(Mutex::new(turns.into_iter().collect()));
        Self { limit: RateLimit::per_second(100), turns, reserved: Arc::default() }
    }

    fn reserved(&self) -> u32 {
        *self.reserved.lock().expect("no panic")
    }
}

impl SharedRateLimit for Turns {
    fn limit(&self) -> RateLimit {
        self.limit
    }

    fn reserve(&self, longest: Duration) -> BoxFuture<'_, Result<Option<Duration>, StoreError>> {
        Box::pin(async move {
            let turn = self.turns.lock().expect("no panic").pop_front().unwrap_or(Turn::In(Duration::ZERO));
            match turn {
                Turn::In(wait) if wait > longest => Ok(None),
                Turn::In(wait) | Turn::TooLate(wait) => {
                    *self.reserved.lock().expect("no panic") += 1;
                    Ok(Some(wait))
                }
                Turn::Fails => Err("Redis is down".into()),
                Turn::Hangs => std::future::pending().await,
            }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_waits_for_its_turn_and_its_token_for_one_of_its_own() {
    for (what, has_token, replies, turns, times, reserved) in [
        ("at once", true, vec![], vec![], vec![0], 1),
        ("later", true, vec![], vec![Turn::In(3 * SECOND)], vec![3_000], 1),
        ("each attempt", true, vec![failure(Phase::Connect)], vec![Turn::In(SECOND); 2], vec![1_000, 2_200], 2),
        ("with a token", false, vec![], vec![Turn::In(SECOND); 2], vec![2_000], 2),
    ] {
        let recorded = Recorded::new("sms_send", replies);
        let limit = Turns::new(turns);
        let kandy = recorded.builder().shared_rate_limit(limit.clone()).build().expect("a client");
        let user = match has_token {
            true => kandy.user_with_token("UAT-token"),
            false => kandy.domain("DAK-key", "DAS-secret").user("russ"),
        };
        sms(&user.device("A149")).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!((recorded.times(), limit.reserved()), (times, reserved), "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_turn_nothing_is_sent() {
    let late = "the rate limit of all processes together, 100/s, left no turn in time; nothing was sent";
    let gave_none = "the rate limit that processes share gave no turn, and nothing is sent without one";
    for (what, turn, is_rate_limited, took, text) in [
        ("the store fails", Turn::Fails, false, 0, gave_none),
        ("too late", Turn::In(8 * SECOND), true, 0, late),
        ("later than was asked for", Turn::TooLate(8 * SECOND), true, 0, late),
        // Until the time is over that the attempt itself needs: a quarter of the deadline.
        ("the store hangs", Turn::Hangs, true, 7_500, late),
    ] {
        let recorded = Recorded::new("sms_send", []);
        let limit = Turns::new([turn]);
        let builder = recorded.builder().shared_rate_limit(limit.clone()).rate_limit(RateLimit::per_minute(1));
        let device = phone(&builder.build().expect("a client"));
        let error = sms(&device).deadline(10 * SECOND).await.expect_err(what);
        assert!(error.to_string().contains(text), "{what}: {error}");
        assert!(!error.may_have_been_applied() && error.attempts() == 0 && error.is_retryable(), "{what}: {error}");
        assert_eq!((error.is_rate_limited(), error.elapsed().as_millis()), (is_rate_limited, took), "{what}: {error}");
        // The turn under the limit of the client was given back.
        sms(&device).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(recorded.times(), [took], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_before_a_retry_ends_the_call() {
    let recorded = Recorded::new("user_list", [failure(Phase::Send)]);
    let limit = Turns::new([Turn::In(Duration::ZERO), Turn::Fails]);
    let kandy = recorded.builder().shared_rate_limit(limit).build().expect("a client");
    let error =
        kandy.domain_with_token("DAK-key", "DAT-token").users().await.expect_err("the second attempt has no turn");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::SharedLimit), "{error}");
    assert!(error.to_string().contains("Redis is down") && error.attempts() == 1, "{error}");
    assert_eq!(recorded.times().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn observers_learn_of_the_wait_and_of_the_failure() {
    let (recorded, seen) = (Recorded::new("sms_send", []), Seen::default());
    let builder = recorded.builder().observer(seen.clone());
    let limit = Turns::new([Turn::In(2 * SECOND), Turn::Fails]);
    let device = phone(&builder.shared_rate_limit(limit).build().expect("a client"));
    sms(&device).await.expect("sent");
    sms(&device).await.expect_err("no turn");
    let events =
        ["attempt 1: 0 ms", "call: 1 attempts in 2000 ms, waited 2000 ms", "call: 0 attempts in 0 ms, waited 0 ms"];
    assert_eq!(*seen.0.lock().expect("no panic"), events);
}

#[test]
fn limits_that_cannot_be_used_are_refused_when_the_client_is_built() {
    for limit in [RateLimit::per_second(0), RateLimit::per_second(1).burst(0), RateLimit::per_second(f64::NAN)] {
        let shared = Turns { limit, ..Turns::new([]) };
        assert!(matches!(Kandy::builder().shared_rate_limit(shared).build(), Err(Error::Argument(_))), "{limit}");
    }
}

#[cfg(feature = "blocking")]
#[test]
fn blocking_clients_wait_for_turns_too() {
    let recorded = Recorded::new("sms_send", []);
    let limit = Turns::new([Turn::In(Duration::from_millis(1)), Turn::Fails]);
    let builder = recorded.builder().shared_rate_limit(limit.clone());
    let kandy = builder.build_blocking().expect("a client");
    let device = kandy.user_with_token("UAT-token").device("A149");
    device.send_sms("+12245556666", "Hello").send().expect("sent");
    device.send_sms("+12245556666", "Hello").send().expect_err("no turn");
    assert_eq!((recorded.times().len(), limit.reserved()), (1, 1));
}
