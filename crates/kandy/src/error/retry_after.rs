//! [`RetryAfter`]: the header of that name. Depends on nothing.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// The value of the header `Retry-After`: seconds, or a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryAfter {
    Time(Duration),
    Date(SystemTime),
}

impl RetryAfter {
    /// Parses the header; `None` if it is missing or invalid.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        match text.parse() {
            Ok(seconds) => Some(Self::Time(Duration::from_secs(seconds))),
            Err(_) => httpdate::parse_http_date(text).ok().map(Self::Date),
        }
    }

    /// Returns the time to wait, counted from `now`. A date in the past means no wait.
    pub(crate) fn wait(self, now: SystemTime) -> Duration {
        match self {
            Self::Time(time) => time,
            Self::Date(date) => date.duration_since(now).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_seconds_and_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let waits = |text: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().expect(text))]);
            RetryAfter::read(&headers).map(|after| after.wait(now).as_secs())
        };
        assert_eq!(waits("120"), Some(120));
        assert_eq!(waits(" 0 "), Some(0));
        assert_eq!(waits("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(waits("Sunday, 06-Nov-94 08:49:47 GMT"), Some(10));
        assert_eq!(waits("Sat, 05 Nov 1994 08:49:47 GMT"), Some(0));
        assert_eq!(waits("18446744073709551615"), Some(u64::MAX));
        for text in ["soon", "-1", "1.5", ""] {
            assert_eq!(waits(text), None, "{text}");
        }
        assert_eq!(RetryAfter::read(&HeaderMap::new()), None);
    }
}
