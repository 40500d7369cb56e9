//! Every choice of a policy, and which outcomes allow another attempt.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::StatusCode;
use kandy_sys::{BoxFuture, OPERATIONS, Operation};

use super::*;
use crate::{
    Clock, Error, Result,
    error::{Phase, TransportError},
};

const SECOND: Duration = Duration::from_secs(1);

/// A clock whose random number is always 1, so that each wait is its bound.
#[derive(Debug)]
struct LongestWaits;

impl Clock for LongestWaits {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }

    fn random(&self) -> f64 {
        1.0
    }
}

fn operation(id: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.id == id).expect(id)
}

#[test]
fn attempts_are_counted_with_the_first() {
    for (policy, allowed, repeats) in [
        (RetryPolicy::default(), 2, true),
        (RetryPolicy::never(), 0, false),
        (RetryPolicy::default().attempts(0), 0, false),
        (RetryPolicy::default().attempts(1), 0, false),
        (RetryPolicy::default().attempts(2), 1, true),
        (RetryPolicy::never().attempts(9), 8, true),
    ] {
        let after = (1..100).filter(|attempt| policy.allows_after(*attempt)).count();
        assert_eq!((after, policy.repeats()), (allowed, repeats), "{policy:?}");
    }
}

#[test]
fn waits_are_those_of_the_service_up_to_a_limit_or_else_the_backoff() {
    let policy = RetryPolicy::default().backoff(SECOND, 3 * SECOND).longest_retry_after(5 * SECOND);
    for (attempt, asked, seconds) in
        [(1, None, 1), (2, None, 2), (3, None, 3), (9, None, 3), (1, Some(0), 0), (1, Some(4), 4), (9, Some(6), 5)]
    {
        let wait = policy.wait(attempt, asked.map(|asked| asked * SECOND), &LongestWaits);
        assert_eq!(wait, seconds * SECOND, "{attempt} {asked:?}");
    }
    let default = RetryPolicy::default();
    assert_eq!(default.wait(1, Some(3600 * SECOND), &LongestWaits), 30 * SECOND);
    assert_eq!(default.wait(1, None, &LongestWaits), SECOND / 5);
    assert_eq!(default.wait(30, None, &LongestWaits), 10 * SECOND);
}

#[test]
fn the_wait_for_the_rate_limit_is_bounded_by_what_is_left_of_both_limits() {
    let bounded = RetryPolicy::default().longest_rate_limit_wait(10 * SECOND);
    for (left, waited, wait) in [(3, 0, 3), (30, 0, 10), (30, 4, 6), (5, 4, 5), (30, 10, 0), (30, 11, 0)] {
        assert_eq!(bounded.rate_limit_wait(left * SECOND, waited * SECOND), wait * SECOND, "{left} {waited}");
    }
    assert_eq!(RetryPolicy::default().rate_limit_wait(30 * SECOND, 99 * SECOND), 30 * SECOND);
    for (policy, waits) in [
        (RetryPolicy::default(), true),
        (bounded, false),
        (RetryPolicy::never(), false),
        (RetryPolicy::never().longest_rate_limit_wait(SECOND), false),
    ] {
        assert_eq!(policy.waits_for_rate_limit(), waits, "{policy:?}");
    }
}

#[test]
fn only_idempotent_operations_are_repeated_unless_the_caller_allows_more() {
    // An SMS that is sent twice is paid twice.
    for (id, by_default) in [("user_list", true), ("user_delete", true), ("sms_send", false), ("user_create", false)] {
        assert_eq!(RetryPolicy::default().may_repeat(operation(id)), by_default, "{id}");
        assert!(RetryPolicy::default().retry_non_idempotent().may_repeat(operation(id)), "{id}");
    }
}

#[test]
fn a_status_allows_another_attempt_where_the_operation_may_be_repeated_and_the_status_may_pass() {
    let response = |status: u16| -> Result<http::Response<()>> {
        Ok(http::Response::builder().status(status).body(()).expect("a response"))
    };
    let (policy, anything) = (RetryPolicy::default(), RetryPolicy::default().retry_non_idempotent());
    for status in (200..=599).filter(|status| StatusCode::from_u16(*status).is_ok()) {
        let may_pass = [408, 429, 500, 502, 503, 504].contains(&status);
        let is_safe = |policy, id| is_safe_again(policy, operation(id), &response(status));
        assert_eq!(is_safe(&policy, "user_list"), may_pass, "{status}");
        assert_eq!(is_safe(&anything, "sms_send"), may_pass, "{status}");
        assert!(!is_safe(&policy, "sms_send"), "{status}");
    }
}

#[test]
fn a_failure_allows_another_attempt_where_it_may_pass_and_nothing_may_be_applied_twice() {
    // Phase, whether a read is repeated, and whether an SMS is: only if the request was certainly not sent.
    for (phase, read, sms) in [
        (Phase::Setup, false, false),
        (Phase::Connect, true, true),
        (Phase::ConnectTimeout, true, true),
        (Phase::Tls, false, false),
        (Phase::Send, true, false),
        (Phase::Receive, true, false),
        (Phase::Timeout, true, false),
        (Phase::Deadline, false, false),
        (Phase::Throttled, false, false),
        (Phase::SharedLimit, false, false),
    ] {
        let failed = || -> Result<http::Response<()>> {
            Err(Error::Transport(TransportError::new(None, phase, Arc::new(std::io::Error::other("broken"))).into()))
        };
        let is_safe = |id| is_safe_again(&RetryPolicy::default(), operation(id), &failed());
        assert_eq!((is_safe("user_list"), is_safe("sms_send")), (read, sms), "{phase:?}");
    }
    let refused: Result<http::Response<()>> = Err(Error::argument("user_id", "wrong"));
    assert!(!is_safe_again(&RetryPolicy::default(), operation("user_list"), &refused));
}

#[test]
fn a_budget_shows_what_is_left() {
    assert_eq!(RetryBudget::default().left(), 100);
    let budget = RetryBudget::new(3);
    assert!(budget.take());
    assert_eq!((budget.left(), format!("{budget:?}")), (2, "RetryBudget { left: 2 }".to_owned()));
    budget.put_back();
    assert_eq!(budget.left(), 2, "a tenth");
    assert!(!RetryBudget::new(0).take());
}
