//! Which attempts a call makes, and when, against a service in memory, on tokio's paused clock.

mod recorded;
mod shared_limit;

use std::{
    future::IntoFuture as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{future::join, stream};
use kandy_sys::Status;

use self::recorded::Recorded;
use crate::{
    Attachment, AttemptEvent, CallEvent, Clock as _, Device, Error, Kandy, Observer, RateLimit, Result, RetryPolicy,
    Sms, clock::SystemClock, error::Phase, testing::Reply,
};

const SECOND: Duration = Duration::from_secs(1);

fn phone(kandy: &Kandy) -> Device {
    kandy.user_with_token("UAT-token").device("A149")
}

fn sms(device: &Device) -> crate::sms::SendSms {
    device.send_sms("+12245556666", "Hello")
}

/// What a call of the table does.
#[derive(Clone, Copy, Debug)]
enum Does {
    /// Not idempotent.
    Send,
    /// Idempotent; a deletion that was applied is not found the second time.
    Delete,
    /// The content is a stream, which cannot be sent twice.
    Upload,
}

impl Does {
    fn operation(self) -> &'static str {
        match self {
            Self::Send => "sms_send",
            Self::Delete => "device_delete",
            Self::Upload => "content_upload",
        }
    }

    async fn call(self, kandy: &Kandy, is_minted: bool) -> Result<()> {
        let user = match is_minted {
            true => kandy.domain("DAK-key", "DAS-secret").user("russ"),
            false => kandy.user_with_token("UAT-token"),
        };
        match self {
            Self::Send => sms(&user.device("A149")).await,
            Self::Delete => user.delete_device("A149").await,
            Self::Upload => {
                let chunks = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"all"))]);
                user.device("A149").upload(Attachment::stream("a.bin", Some(3), chunks)).await.map(drop)
            }
        }
    }
}

/// What becomes of a call: it succeeds, or it fails and may have been applied or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    Well,
    InDoubt,
    NotApplied,
}

impl Ends {
    fn of(outcome: &Result<()>) -> Self {
        match outcome {
            Ok(()) => Self::Well,
            Err(error) if error.may_have_been_applied() => Self::InDoubt,
            Err(_) => Self::NotApplied,
        }
    }
}

fn failure(phase: Phase) -> Reply {
    Reply::failure(phase)
}

fn limited() -> Reply {
    Reply::http(429)
}

fn limited_for(seconds: u32) -> Reply {
    limited().header("retry-after", &seconds.to_string())
}

fn gone() -> Reply {
    Reply::refusal(Status::DOES_NOT_EXIST, "no such device")
}

/// A refused token, which proves that nothing was applied.
fn expired() -> Reply {
    Reply::refusal(Status::TOKEN_EXPIRED, "expired")
}

#[tokio::test(start_paused = true)]
async fn only_what_cannot_be_applied_twice_is_attempted_again() {
    use Does::{Delete, Send, Upload};
    use Ends::{InDoubt, NotApplied, Well};
    for (does, replies, times, ends) in [
        (Send, vec![failure(Phase::Connect)], vec![0, 200], Well),
        (Send, vec![failure(Phase::Connect); 3], vec![0, 200, 600], NotApplied),
        (Send, vec![failure(Phase::Timeout)], vec![0], InDoubt),
        (Send, vec![failure(Phase::Receive)], vec![0], InDoubt),
        (Send, vec![failure(Phase::Deadline)], vec![0], InDoubt),
        (Send, vec![Reply::http(500)], vec![0], InDoubt),
        (Send, vec![Reply::http(503).header("retry-after", "1")], vec![0], InDoubt),
        (Send, vec![Reply::refusal(Status(16), "no")], vec![0], NotApplied),
        (Send, vec![limited()], vec![0, 200], Well),
        (Send, vec![limited(); 3], vec![0, 200, 600, 1400], Well),
        (Send, vec![limited_for(7)], vec![0, 7000], Well),
        (Send, vec![limited(), Reply::http(503)], vec![0, 200], InDoubt),
        // A refusal with another status than that of the rate, and the status of a success with HTTP 429: neither is a rate.
        (Send, vec![Reply::http(404).body(r#"{"status":18,"message":"no"}"#)], vec![0], NotApplied),
        (Send, vec![limited().body(r#"{"status":0,"message":"success"}"#)], vec![0], InDoubt),
        (Delete, vec![Reply::http(503)], vec![0, 200], Well),
        (Delete, vec![Reply::http(503).header("retry-after", "5")], vec![0, 5000], Well),
        (Delete, vec![Reply::http(503); 3], vec![0, 200, 600], InDoubt),
        // A refusal for the rate is no attempt of the policy, so the first failure after it waits the first backoff.
        (Delete, vec![limited(), limited(), Reply::http(503), Reply::http(503)], vec![0, 200, 600, 800, 1200], Well),
        // Who deleted it, if the first attempt may have done it?
        (Delete, vec![Reply::http(503), gone()], vec![0, 200], InDoubt),
        (Delete, vec![failure(Phase::Receive), gone()], vec![0, 200], InDoubt),
        (Delete, vec![failure(Phase::Connect), gone()], vec![0, 200], NotApplied),
        (Delete, vec![limited(), gone()], vec![0, 200], NotApplied),
        // Half of the stream may have been read.
        (Upload, vec![failure(Phase::Connect)], vec![0], NotApplied),
        (Upload, vec![limited()], vec![0], NotApplied),
        (Upload, vec![Reply::http(503)], vec![0], InDoubt),
    ] {
        let recorded = Recorded::new(does.operation(), replies.clone());
        let outcome = does.call(&recorded.builder().build().expect("a client"), false).await;
        assert_eq!((recorded.times(), Ends::of(&outcome)), (times, ends), "{does:?} {replies:?}: {outcome:?}");
        if let Err(error) = outcome {
            assert_eq!(error.attempts() as usize, recorded.times().len(), "{does:?} {replies:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_and_sends_nothing_twice() {
    use Does::{Delete, Send, Upload};
    use Ends::{InDoubt, NotApplied, Well};
    let unproven = || Reply::http(401);
    for (does, is_minted, replies, attempts, minted, ends) in [
        (Send, true, vec![expired()], 2, 2, Well),
        (Send, true, vec![expired(), expired()], 2, 2, NotApplied),
        // The next call has a new token.
        (Send, true, vec![unproven()], 1, 2, InDoubt),
        (Send, false, vec![expired()], 1, 0, NotApplied),
        (Send, false, vec![unproven()], 1, 0, InDoubt),
        (Delete, true, vec![unproven()], 2, 2, Well),
        (Delete, true, vec![unproven(), gone()], 2, 2, InDoubt),
        (Delete, true, vec![expired(), gone()], 2, 2, NotApplied),
        (Upload, true, vec![expired()], 1, 2, NotApplied),
        (Upload, true, vec![unproven()], 1, 2, InDoubt),
        (Upload, false, vec![expired()], 1, 0, NotApplied),
    ] {
        let recorded = Recorded::new(does.operation(), replies.clone());
        let outcome = does.call(&recorded.builder().build().expect("a client"), is_minted).await;
        let seen = (recorded.times().len(), recorded.minted(), Ends::of(&outcome));
        assert_eq!(seen, (attempts, minted, ends), "{does:?} {is_minted} {replies:?}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn time_and_policy_bound_what_is_attempted_again() {
    let never = RetryPolicy::never;
    for (replies, policy, timeout, deadline, times) in [
        (vec![limited()], never(), 30, 120, vec![0]),
        (vec![failure(Phase::Connect)], never(), 30, 120, vec![0]),
        // A quarter of the deadline, or the timeout, is left for the attempt after the wait.
        (vec![limited_for(29)], RetryPolicy::default(), 10, 40, vec![0, 29_000]),
        (vec![limited_for(30)], RetryPolicy::default(), 10, 40, vec![0]),
        (vec![limited_for(29)], RetryPolicy::default(), 30, 40, vec![0, 29_000]),
        (vec![limited_for(30)], RetryPolicy::default(), 30, 40, vec![0]),
        (vec![limited_for(12); 9], RetryPolicy::default(), 10, 40, vec![0, 12_000, 24_000]),
        (
            vec![limited_for(7); 9],
            RetryPolicy::default().longest_rate_limit_wait(15 * SECOND),
            10,
            120,
            vec![0, 7_000, 14_000],
        ),
    ] {
        let recorded = Recorded::new("sms_send", replies.clone());
        let kandy = recorded.builder().retry(policy.clone()).timeout(timeout * SECOND).build().expect("a client");
        let outcome = sms(&phone(&kandy)).deadline(deadline * SECOND).await;
        assert_eq!(recorded.times(), times, "{replies:?} {policy:?}");
        if let Err(error) = outcome {
            // The refusal itself, and not that the call ran out of time.
            let is_refusal = matches!(&error, Error::Api(_)) || !policy.repeats();
            assert!(is_refusal && !error.may_have_been_applied(), "{replies:?}: {error}");
        }
    }
    // A wait that leaves no time for another attempt is not begun.
    for (deadline, times) in [(20, vec![0]), (21, vec![0, 20_000])] {
        let recorded = Recorded::new("device_delete", [Reply::http(503).header("retry-after", "20")]);
        let kandy = recorded.builder().deadline(deadline * SECOND).build().expect("a client");
        let _ = Does::Delete.call(&kandy, false).await;
        assert_eq!(recorded.times(), times, "{deadline}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_does_not_come_in_time_sends_nothing() {
    let recorded = Recorded::new("sms_send", []);
    recorded.service.reply("user_access_token_get", Reply::example().after(3600 * SECOND));
    let kandy = recorded.builder().build().expect("a client");
    for limit in [None, Some(RateLimit::per_second(10))] {
        let kandy = match limit {
            None => kandy.clone(),
            Some(limit) => recorded.builder().rate_limit(limit).build().expect("a client"),
        };
        let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
        let begin = SystemClock.now();
        let error = sms(&device).deadline(5 * SECOND).await.expect_err("no token");
        assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Deadline), "{error}");
        assert!(!error.may_have_been_applied() && error.attempts() == 0, "{error}");
        assert_eq!(SystemClock.now() - begin, 5 * SECOND);
    }
    assert!(recorded.times().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_holds_back_calls_that_wait_for_the_limit_of_the_client() {
    // The first is refused while the second waits for its turn at the limit of the client.
    let recorded = Recorded::new("sms_send", [limited_for(5).after(SECOND / 2)]);
    let kandy = recorded.builder().rate_limit(RateLimit::per_second(1)).build().expect("a client");
    let device = phone(&kandy);
    let first = async { sms(&device).retry(RetryPolicy::never()).await.expect_err("refused") };
    let (_, second) = join(first, sms(&device).into_future()).await;
    second.expect("sent");
    assert_eq!(recorded.times(), [0, 5_500]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_service_keeps_out_gives_its_turn_back() {
    let patient = RetryPolicy::default().longest_retry_after(1000 * SECOND);
    let recorded = Recorded::new("sms_send", [limited_for(500).after(5 * SECOND)]);
    let kandy = recorded.builder().retry(patient).rate_limit(RateLimit::per_minute(6)).build().expect("a client");
    let device = phone(&kandy);
    let first = sms(&device).deadline(60 * SECOND).into_future();
    let (first, second) = join(first, sms(&device).deadline(60 * SECOND).into_future()).await;
    for error in [first, second].map(|outcome| outcome.expect_err("kept out")) {
        assert!(error.is_rate_limited() && !error.may_have_been_applied(), "{error}");
    }
    // At ten seconds: the second call has returned the turn that it took.
    sms(&device).retry(RetryPolicy::never()).await.expect("sent");
    assert_eq!(recorded.times(), [0, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn paced_calls_begin_one_by_one_and_faster_while_none_is_refused() {
    for limit in [None, Some(RateLimit::per_second(1000))] {
        for (what, begin, grows) in [
            ("refused for the rate", limited_for(1), true),
            ("asked for fewer", Reply::http(503).header("retry-after", "1"), true),
            ("another failure", Reply::http(503), false),
            ("a header alone", Reply::http(404).header("retry-after", "1"), false),
        ] {
            let recorded = Recorded::new("sms_send", [begin]);
            let mut builder = recorded.builder();
            if let Some(limit) = limit {
                builder = builder.rate_limit(limit);
            }
            let device = phone(&builder.build().expect("a client"));
            sms(&device).retry(RetryPolicy::never()).await.expect_err("failed");
            for _ in 0..40 {
                sms(&device).await.expect("sent");
            }
            let times = recorded.times();
            let gap = |at: usize| times[at + 1] - times[at];
            let (first, last) = (gap(1), gap(39));
            match grows {
                true => assert!((95..=101).contains(&first) && last < first / 2, "{what}: {times:?}"),
                false => assert!(first <= 1 && last <= 1, "{what}: {times:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_needs_a_token_takes_one_turn_of_the_service() {
    for (what, has_token, sent) in [("the call", true, 1_000), ("the token, and the call", false, 1_100)] {
        let recorded = Recorded::new("sms_send", [limited_for(1)]);
        let domain = recorded.builder().build().expect("a client").domain("DAK-key", "DAS-secret");
        let phones = ["russ", "anna"].map(|user| domain.user(user).device("A149"));
        sms(&phones[0]).retry(RetryPolicy::never()).await.expect_err("refused");
        sms(&phones[usize::from(!has_token)]).await.expect("sent");
        assert_eq!(recorded.times(), [0, sent], "turns of {what}");
    }
}

/// Records the events of calls and attempts.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Observer for Seen {
    fn call_finished(&self, call: &CallEvent<'_>) {
        let (waited, elapsed) = (call.rate_limit_wait.as_millis(), call.elapsed.as_millis());
        let event = format!("call: {} attempts in {elapsed} ms, waited {waited} ms", call.attempts);
        self.0.lock().expect("no panic").push(event);
    }

    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        let event = format!("attempt {}: {} ms", attempt.number, attempt.elapsed.as_millis());
        self.0.lock().expect("no panic").push(event);
    }
}

#[tokio::test(start_paused = true)]
async fn observers_learn_of_each_attempt_and_of_the_waits_for_turns() {
    let seen = Seen::default();
    let replies =
        [Reply::example().after(SECOND), failure(Phase::Connect), limited_for(3), Reply::success().after(SECOND)];
    let recorded = Recorded::new("sms_send", replies);
    let builder = recorded.builder().observer(seen.clone()).rate_limit(RateLimit::per_minute(30));
    let device = phone(&builder.build().expect("a client"));
    let two = (0..2).map(|_| Sms::new("+12245556666", "Hello"));
    let mut bulk = device.send_many_sms(two).concurrency(1).rate_limit(RateLimit::per_minute(15));
    while let Some(outcome) = bulk.next().await {
        outcome.result.expect("sent");
    }
    assert_eq!(recorded.times(), [0, 4_000, 8_000, 12_000]);
    // Before it began 3 s, then for limits 3.8 s after the backoff, for the service 3 s, and for limits 1 s.
    assert_eq!(
        *seen.0.lock().expect("no panic"),
        [
            "attempt 1: 1000 ms",
            "call: 1 attempts in 1000 ms, waited 0 ms",
            "attempt 1: 0 ms",
            "attempt 2: 0 ms",
            "attempt 3: 1000 ms",
            "call: 3 attempts in 9000 ms, waited 10800 ms"
        ]
    );
}
