//! [`RateLimit`]: how many attempts may begin in a time. Depends on `error` only.

use std::{fmt, str::FromStr, time::Duration};

use crate::{Error, Result};

/// The highest rate at which calls begin: of a client ([`KandyBuilder::rate_limit`](crate::KandyBuilder::rate_limit)),
/// of a [`Bulk`](crate::Bulk) or of a [`CallPool`](crate::CallPool).
///
/// Without a [burst](Self::burst) calls begin evenly: at `10/s` one every 100 ms. It is read from text, too, as a
/// number and a unit (`s`, `min` or `h`).
///
/// ```
/// use kandy::RateLimit;
///
/// let limit = RateLimit::per_second(10).burst(5);
/// assert_eq!(limit.to_string(), "10/s in bursts of up to 5");
/// assert_eq!("10/s".parse::<RateLimit>()?, RateLimit::per_second(10));
/// assert_eq!("600/min".parse::<RateLimit>()?, RateLimit::per_minute(600));
/// # Ok::<(), kandy::Error>(())
/// ```
///
/// A rate is from one a day to 1,000,000 a second. Any other, and a burst of none, is an argument error where the limit
/// is used; nothing is sent then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateLimit {
    calls: f64,
    unit: Unit,
    burst: u32,
}

/// The time that a rate counts calls in.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

/// The longest time from one call to the next: waits stay far within the range of `Instant`.
const MAX_INTERVAL: Duration = Duration::from_secs(24 * 3600);

/// The most calls per second: of shorter intervals a nanosecond would be a noticeable part.
const MAX_RATE: f64 = 1e6;

/// The largest burst.
const MAX_BURST: u32 = 1_000_000;

impl RateLimit {
    /// Returns a limit of this many calls per second.
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder().rate_limit(kandy::RateLimit::per_second(10)).build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn per_second(calls: impl Into<f64>) -> Self {
        Self { calls: calls.into(), unit: Unit::Second, burst: 1 }
    }

    /// Returns a limit of this many calls per minute.
    ///
    /// ```
    /// assert_eq!(kandy::RateLimit::per_minute(90).to_string(), "90/min");
    /// ```
    pub fn per_minute(calls: impl Into<f64>) -> Self {
        Self { calls: calls.into(), unit: Unit::Minute, burst: 1 }
    }

    /// Returns a limit of this many calls per hour.
    ///
    /// ```
    /// assert_eq!(kandy::RateLimit::per_hour(0.5).to_string(), "0.5/h");
    /// ```
    pub fn per_hour(calls: impl Into<f64>) -> Self {
        Self { calls: calls.into(), unit: Unit::Hour, burst: 1 }
    }

    /// Sets how many calls may begin at once after a time in which none did; 1 by default. Afterwards they begin at the
    /// rate, as each call of a burst uses up a turn.
    ///
    /// ```
    /// // The first 20 calls begin at once, and then one every 100 ms.
    /// let limit = kandy::RateLimit::per_second(10).burst(20);
    /// ```
    #[must_use = "it returns the changed limit"]
    pub fn burst(mut self, calls: u32) -> Self {
        self.burst = calls;
        self
    }

    /// Returns the calls per second.
    pub(super) fn rate(&self) -> f64 {
        self.calls / self.unit.seconds()
    }

    /// Returns how many calls may begin at once, for a [`SharedRateLimit`](crate::SharedRateLimit).
    ///
    /// ```
    /// assert_eq!(kandy::RateLimit::per_second(10).burst(20).burst_size(), 20);
    /// ```
    pub fn burst_size(&self) -> u32 {
        self.burst
    }

    /// Returns the time from one call to the next, for a [`SharedRateLimit`](crate::SharedRateLimit).
    ///
    /// ```
    /// # use std::time::Duration;
    /// assert_eq!(kandy::RateLimit::per_minute(600).interval()?, Duration::from_millis(100));
    /// # Ok::<(), kandy::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] if the limit cannot be used.
    pub fn interval(&self) -> Result<Duration> {
        if self.burst == 0 || self.burst > MAX_BURST {
            let reason = format!("a burst of {} calls is not possible; use 1 to 1,000,000", self.burst);
            return Err(Error::argument("rate_limit", reason));
        }
        // Not a number compares as false, so it is refused here, too.
        let is_possible = self.calls > 0.0 && self.rate() <= MAX_RATE;
        let interval = is_possible.then(|| Duration::try_from_secs_f64(self.rate().recip()).ok()).flatten();
        interval.filter(|interval| *interval <= MAX_INTERVAL).ok_or_else(|| {
            let rate = Self { burst: 1, ..*self };
            let reason = format!("a rate of {rate} is not possible; use one a day (0.05/h) to 1000000/s");
            Error::argument("rate_limit", reason)
        })
    }
}

impl Unit {
    fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3600.0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.calls, self.unit.name())?;
        match self.burst {
            1 => Ok(()),
            burst => write!(f, " in bursts of up to {burst}"),
        }
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    /// Reads a limit such as `10/s`, `600/min` or `0.5/h`, without a burst.
    fn from_str(text: &str) -> Result<Self> {
        let unusable = || Error::argument("rate_limit", "it is not a rate such as 10/s, 600/min or 36000/h");
        let (calls, unit) = text.trim().split_once('/').ok_or_else(unusable)?;
        let unit = match unit.trim() {
            "s" | "sec" | "second" => Unit::Second,
            "m" | "min" | "minute" => Unit::Minute,
            "h" | "hour" => Unit::Hour,
            _ => return Err(unusable()),
        };
        // Only digits and a point: `f64` would read `inf`, `nan` and `1e3`, too.
        let calls = calls.trim();
        let is_decimal = calls.len() <= 20 && calls.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let calls = calls.parse().ok().filter(|_| is_decimal).ok_or_else(unusable)?;
        let limit = Self { calls, unit, burst: 1 };
        limit.interval().map(|_| limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_displays_rates() {
        for (text, limit) in [
            ("10/s", RateLimit::per_second(10)),
            (" 2.5 / sec ", RateLimit::per_second(2.5)),
            ("600/min", RateLimit::per_minute(600)),
            ("1/m", RateLimit::per_minute(1)),
            ("100/hour", RateLimit::per_hour(100)),
            ("1000000/s", RateLimit::per_second(1_000_000)),
        ] {
            assert_eq!(text.parse::<RateLimit>().unwrap_or_else(|error| panic!("{text}: {error}")), limit);
            assert_eq!(limit.to_string().parse::<RateLimit>().expect("it displays itself"), limit);
        }
        assert_eq!(RateLimit::per_minute(600).interval().expect("possible"), Duration::from_millis(100));
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "10",
            "/s",
            "10/",
            "10/d",
            "ten/s",
            "0/s",
            "-1/s",
            "+1/s",
            "NaN/s",
            "inf/s",
            "1e3/s",
            "1/s/s",
            "1000001/s",
            "0.01/h",
            "0x1/s",
            ".",
            "./s",
            "10/S",
            "99999999999999999999999999999999/s",
            "10/s\0",
            "１０/s",
        ] {
            let error = text.parse::<RateLimit>().expect_err(text);
            assert!(matches!(error, Error::Argument(_)), "{text}: {error}");
            assert!(error.to_string().contains("10/s") || error.to_string().contains("1000000/s"), "{text}: {error}");
        }
    }

    #[test]
    fn refuses_impossible_limits() {
        for limit in [0.0, -1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 1e-300]
        {
            for limit in [RateLimit::per_second(limit), RateLimit::per_minute(limit), RateLimit::per_hour(limit)] {
                assert!(matches!(limit.interval(), Err(Error::Argument(_))), "{limit}");
            }
        }
        for burst in [0, MAX_BURST + 1, u32::MAX] {
            let error = RateLimit::per_second(1).burst(burst).interval().expect_err("impossible");
            assert!(error.to_string().contains(&burst.to_string()), "{error}");
        }
    }
}
