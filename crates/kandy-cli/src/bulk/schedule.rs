//! When rows may begin: from a time on, and within a window of the day.
//!
//! The clock of a wall in the zone decides: in the hour that comes twice when summer time ends, a window may be open
//! twice; a window within the hour that is skipped opens on the next day. Depends on jiff only. Begin with
//! [`Schedule::wait`].

use jiff::{
    Span, Timestamp, Zoned,
    civil::{DateTime, Time},
    tz::TimeZone,
};

/// When rows may begin.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    zone: TimeZone,
    /// No row begins before.
    at: Option<Timestamp>,
    window: Window,
}

/// The part of each day in which rows may begin: from the first time on, until before the second. It spans midnight if the
/// second is earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    from: Time,
    /// `None` for the end of the day.
    until: Option<Time>,
}

/// How many days ahead a window is looked for. Zones skip a day at most.
const DAYS_AHEAD: i64 = 3;

impl Schedule {
    /// Creates a schedule; `None` if rows may begin at any time. Returns why the options make none.
    pub(crate) fn new(
        [not_before, not_after]: [Option<Time>; 2],
        at: Option<&str>,
        zone: Option<TimeZone>,
    ) -> Result<Option<Self>, String> {
        if not_before.is_none() && not_after.is_none() && at.is_none() {
            return match zone {
                Some(_) => Err("--time-zone requires --not-before, --not-after or --at".into()),
                None => Ok(None),
            };
        }
        let zone = match zone {
            Some(zone) => zone,
            None => TimeZone::try_system().map_err(|_| {
                "the time zone of this machine is not known; name one with --time-zone, such as Europe/Berlin or UTC"
            })?,
        };
        let window = Window { from: not_before.unwrap_or(Time::midnight()), until: not_after };
        if window.until == Some(window.from) {
            return Err(format!(
                "--not-before and --not-after are both {}, so no row may ever begin; leave both out for no window",
                window.from.strftime("%H:%M")
            ));
        }
        let at = at.map(|at| instant(at, &zone)).transpose()?;
        Ok(Some(Self { zone, at, window }))
    }

    /// Returns when rows may begin, if they may not begin now.
    pub(crate) fn wait(&self, now: Timestamp) -> Option<Timestamp> {
        let from = self.at.map_or(now, |at| at.max(now));
        if from == now && self.is_open(now) {
            return None;
        }
        Some(self.next_open(from))
    }

    fn is_open(&self, at: Timestamp) -> bool {
        self.window.contains(self.zone.to_datetime(at).time())
    }

    /// Returns the first time at which the window is open, from a time on.
    fn next_open(&self, from: Timestamp) -> Timestamp {
        if self.is_open(from) {
            return from;
        }
        let opens = self.changes(from, self.window.from).filter(|at| self.is_open(*at)).min();
        // The run looks again then, so that it never begins too early.
        opens.unwrap_or_else(|| from.checked_add(Span::new().hours(1)).unwrap_or(Timestamp::MAX))
    }

    /// Returns when rows may no longer begin, if they may now; `None` if that is far away, or never.
    pub(crate) fn closes(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.window.until.unwrap_or(Time::midnight());
        self.changes(now, until).filter(|at| !self.is_open(*at)).min()
    }

    /// Returns when the clock on the wall shows a time in the next days, and when it is put forward or back.
    fn changes(&self, from: Timestamp, time: Time) -> impl Iterator<Item = Timestamp> {
        let today = self.zone.to_datetime(from).date();
        let days = (-1..=DAYS_AHEAD).filter_map(move |days| today.checked_add(Span::new().days(days)).ok());
        // A local time exists once, twice or not at all; callers drop what is not within, or outside of, the window.
        let shown = days.flat_map(move |day| {
            let shown = self.zone.to_ambiguous_timestamp(day.to_datetime(time));
            [shown.earlier(), shown.later()].into_iter().flatten()
        });
        // An end of the window may be skipped: then the window changes when the clock is put forward.
        let jumps = self.zone.following(from).take(2).map(|jump| jump.timestamp());
        shown.chain(jumps).filter(move |at| *at > from)
    }

    /// Formats a time in the zone, which is named: `2026-11-27 09:00:00 Europe/Berlin`.
    pub(crate) fn show(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        let offset = local.strftime("%:z").to_string();
        let is_ambiguous = self.zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
        let zone = match self.zone.iana_name() {
            Some(name) if is_ambiguous => format!("{offset} {name}"),
            Some(name) => name.to_owned(),
            None => offset,
        };
        format!("{} {zone}", local.strftime("%Y-%m-%d %H:%M:%S"))
    }
}

impl Window {
    fn contains(self, time: Time) -> bool {
        match self.until {
            None => time >= self.from,
            Some(until) if self.from < until => time >= self.from && time < until,
            Some(until) => time >= self.from || time < until,
        }
    }
}

/// Parses a time of the day, such as `09:00`.
pub(crate) fn time_of_day(text: &str) -> Result<Time, String> {
    let wrong = || "it is not a time such as 09:00 or 17:30, between 00:00 and 23:59".to_owned();
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| match digits.len() {
        2 if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    };
    let hour = if hour.len() == 1 { number(&format!("0{hour}")) } else { number(hour) };
    let time = hour.zip(number(minute)).and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
    time.ok_or_else(wrong)
}

/// Finds a time zone by its IANA name.
pub(crate) fn time_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| "this machine knows no time zone of that name; write it as in Europe/Berlin, or UTC".to_owned())
}

/// Parses a date and a time: with an offset or a zone, or else in this zone.
fn instant(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let wrong =
        || format!("--at: {text:?} is not a date and a time such as 2026-11-28T09:00 or 2026-11-28T09:00:00+01:00");
    if !text.contains(':') {
        return Err(wrong());
    }
    if text.contains('[') {
        return text.parse::<Zoned>().map(|zoned| zoned.timestamp()).map_err(|_| wrong());
    }
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Ok(timestamp);
    }
    let local: DateTime = text.parse().map_err(|_| wrong())?;
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let is_ambiguous = ambiguous.is_ambiguous();
    ambiguous.unambiguous().map_err(|_| match is_ambiguous {
        true => format!(
            "--at: {text:?} does not exist exactly once in the time zone, because the clock changes then; write it \
             with its offset, such as {text}+01:00"
        ),
        false => wrong(),
    })
}

#[cfg(test)]
mod tests;
