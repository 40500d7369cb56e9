use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// How long the service asks to wait: in seconds, or until a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    // A date that has passed says "now".
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_seconds_and_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let waits = |text: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().expect(text))]);
            retry_after(&headers, now).map(|wait| wait.as_secs())
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
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
