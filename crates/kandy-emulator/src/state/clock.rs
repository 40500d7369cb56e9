//! The clock of the emulator: that of the system, which tests can move forward.
//!
//! Depends on nothing. Begin with `Clock`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The last millisecond of the year 9999, which is the last that the timestamps can write.
const LAST: u64 = 253_402_300_799_999;

/// A clock that can be moved forward.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    ahead: u64,
}

impl Clock {
    /// Moves it forward. It stops at the end of the year 9999.
    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(millis(by)).min(LAST);
    }

    /// A clock that is ahead of the system's by a number of milliseconds.
    pub(super) fn new_ahead(ahead: u64) -> Self {
        Self { ahead: ahead.min(LAST) }
    }

    /// How many milliseconds it is ahead of the system's.
    pub(super) fn ahead(self) -> u64 {
        self.ahead
    }

    /// Milliseconds since 1970-01-01 UTC.
    pub(crate) fn now(self) -> u64 {
        // A system clock before 1970 counts as 1970.
        let system = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
        system.saturating_add(self.ahead).min(LAST)
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A moment as `yyyy-mm-ddThh:mm:ss.sss`.
pub(crate) fn timestamp(at: u64) -> String {
    let mut text = humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(at.min(LAST))).to_string();
    // The service names no time zone.
    text.pop();
    text
}

/// The day of a moment, as `yyyy-mm-dd`.
pub(crate) fn day(at: u64) -> String {
    let mut text = timestamp(at);
    text.truncate("yyyy-mm-dd".len());
    text
}

/// A moment as HTTP writes it: `Sat, 10 Dec 2016 18:30:53 GMT`.
pub(crate) fn http_date(at: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let text = timestamp(at);
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    // 1970 began with a Thursday.
    let weekday = DAYS.iter().cycle().nth(usize::try_from(at.min(LAST) / DAY % 7).unwrap_or_default());
    let month = part(5..7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let (weekday, month) = (weekday.copied().unwrap_or_default(), month.copied().unwrap_or_default());
    format!("{weekday}, {} {month} {} {} GMT", part(8..10), part(0..4), part(11..19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_timestamps_as_the_service_does() {
        assert_eq!(timestamp(1_481_394_653_597), "2016-12-10T18:30:53.597");
        assert_eq!(day(1_481_394_653_597), "2016-12-10");
    }

    #[test]
    fn writes_dates_as_http_does() {
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        // The example of the HTTP specification.
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(u64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    #[test]
    fn ends_with_the_year_9999() {
        let mut clock = Clock::default();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), LAST);
        assert_eq!(timestamp(clock.now()), "9999-12-31T23:59:59.999");
        assert_eq!(timestamp(u64::MAX), "9999-12-31T23:59:59.999");
    }
}
