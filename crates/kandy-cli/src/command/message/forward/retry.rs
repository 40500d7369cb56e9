//! When the next attempt begins: backoff with jitter, `Retry-After`, and the pause of the whole receiver.

use std::{
    cell::Cell,
    time::{Duration, SystemTime},
};

use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

/// The longest backoff after the first attempt. It doubles with each attempt.
const FIRST: Duration = Duration::from_secs(1);
/// The longest backoff, unless an option sets it.
const LONGEST: Duration = Duration::from_secs(60);
/// The longest time that the receiver can ask for, unless an option sets it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);
/// The shortest longest wait, so that attempts never follow each other without a pause.
const SHORTEST: Duration = Duration::from_millis(1);

/// The waits between attempts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    longest: Duration,
    longest_retry_after: Duration,
}

impl Backoff {
    /// Returns the usual waits, or waits of at most `longest`.
    pub(super) fn new(longest: Option<Duration>) -> Self {
        let longest = longest.map(|longest| longest.max(SHORTEST));
        Self { longest: longest.unwrap_or(LONGEST), longest_retry_after: longest.unwrap_or(LONGEST_RETRY_AFTER) }
    }

    /// Returns the wait that the receiver asked for, as far as it is allowed.
    pub(super) fn capped(&self, retry_after: Duration) -> Duration {
        retry_after.min(self.longest_retry_after)
    }

    /// Returns the wait after the `attempt`th attempt. Full jitter: a random time up to the limit, so that messages that
    /// failed together are not sent again together.
    pub(super) fn wait(&self, attempt: u32) -> Duration {
        self.limit(attempt).mul_f64(random())
    }

    fn limit(&self, attempt: u32) -> Duration {
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.longest)
    }
}

/// Returns a random number from 0 to 1.
fn random() -> f64 {
    let (random, _) = Uuid::new_v4().as_u64_pair();
    // The upper 32 bits have no version number.
    f64::from((random >> 32) as u32) / f64::from(u32::MAX)
}

/// Returns the wait in a `Retry-After` header: seconds, or a date.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        }
    }
}

/// The pause that an overloaded receiver asked for: nothing is sent to it until then.
#[derive(Debug, Default)]
pub(super) struct Pause(Cell<Option<Instant>>);

impl Pause {
    /// Pauses for this time. A longer pause stays.
    pub(super) fn begin(&self, wait: Duration) {
        let until = Instant::now() + wait;
        self.0.set(Some(self.0.get().map_or(until, |before| before.max(until))));
    }

    /// Returns whether nothing may be sent now.
    pub(super) fn is_active(&self) -> bool {
        self.0.get().is_some_and(|until| until > Instant::now())
    }

    /// Waits for the end of the pause.
    pub(super) async fn wait(&self) {
        // Another response may extend the pause meanwhile.
        while let Some(until) = self.0.get().filter(|until| *until > Instant::now()) {
            sleep_until(until).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_limit() {
        let usual = Backoff::new(None);
        let limits: Vec<_> = (1..=8).map(|attempt| usual.limit(attempt).as_secs()).collect();
        assert_eq!(limits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(usual.limit(u32::MAX), LONGEST);
        assert_eq!(usual.capped(Duration::from_secs(u64::MAX)), LONGEST_RETRY_AFTER);
        let short = Backoff::new(Some(Duration::from_millis(20)));
        assert_eq!((short.limit(1), short.limit(9)), (Duration::from_millis(20), Duration::from_millis(20)));
        assert_eq!(short.capped(Duration::from_secs(1)), Duration::from_millis(20));
        assert_eq!(Backoff::new(Some(Duration::ZERO)).limit(1), SHORTEST);
        let waits: Vec<_> = (0..100).map(|_| usual.wait(7)).collect();
        assert!(waits.iter().all(|wait| *wait <= LONGEST), "{waits:?}");
        assert!(waits.iter().any(|wait| *wait < LONGEST / 2) && waits.iter().any(|wait| *wait > LONGEST / 2));
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let wait = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect(text))]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        for (text, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sat, 05 Nov 1994 08:49:47 GMT", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(wait(text), seconds, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
