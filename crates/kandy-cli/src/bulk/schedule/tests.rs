//! When rows may begin, on days when the clock is changed, too.

use super::*;

fn berlin() -> TimeZone {
    // The rules of Central Europe as POSIX writes them, so that no zone has to be installed.
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("rules")
}

fn time(text: &str) -> Option<Time> {
    (!text.is_empty()).then(|| time_of_day(text).expect(text))
}

fn schedule(window: [&str; 2], at: Option<&str>, zone: TimeZone) -> Schedule {
    let made = Schedule::new(window.map(time), at, Some(zone)).unwrap_or_else(|reason| panic!("{reason}"));
    made.expect("a schedule")
}

#[test]
fn window_opens_at_the_first_time_that_the_clock_shows() {
    let now = None;
    for (window, at, opens) in [
        // In winter, one hour ahead of UTC.
        (["09:00", "18:00"], "2026-11-27T07:59:59Z", Some("2026-11-27T08:00:00Z")),
        (["09:00", "18:00"], "2026-11-27T08:00:00Z", now),
        (["09:00", "18:00"], "2026-11-27T16:59:59.999Z", now),
        (["09:00", "18:00"], "2026-11-27T17:00:00Z", Some("2026-11-28T08:00:00Z")),
        // Only one of the two.
        (["09:00", ""], "2026-11-27T22:59:59Z", now),
        (["09:00", ""], "2026-11-27T23:00:00Z", Some("2026-11-28T08:00:00Z")),
        (["", "18:00"], "2026-11-27T17:00:00Z", Some("2026-11-27T23:00:00Z")),
        (["", "18:00"], "2026-11-27T23:00:00Z", now),
        // Across midnight.
        (["22:00", "06:00"], "2026-11-27T20:59:00Z", Some("2026-11-27T21:00:00Z")),
        (["22:00", "06:00"], "2026-11-27T23:30:00Z", now),
        (["22:00", "06:00"], "2026-11-28T04:59:59Z", now),
        (["22:00", "06:00"], "2026-11-28T05:00:00Z", Some("2026-11-28T21:00:00Z")),
        (["18:00", "00:00"], "2026-11-27T22:59:59Z", now),
        (["18:00", "00:00"], "2026-11-27T23:00:00Z", Some("2026-11-28T17:00:00Z")),
        // On 29 March 2026 the clock goes from 02:00 to 03:00, at 01:00 UTC.
        (["09:00", "18:00"], "2026-03-28T20:00:00Z", Some("2026-03-29T07:00:00Z")),
        (["02:30", "09:00"], "2026-03-29T00:59:59Z", Some("2026-03-29T01:00:00Z")),
        (["02:30", "09:00"], "2026-03-29T01:00:00Z", now),
        (["02:15", "02:45"], "2026-03-29T00:30:00Z", Some("2026-03-30T00:15:00Z")),
        (["22:00", "02:30"], "2026-03-29T00:59:59Z", now),
        (["22:00", "02:30"], "2026-03-29T01:00:00Z", Some("2026-03-29T20:00:00Z")),
        // On 25 October 2026 the hour from 02:00 comes twice: at 00:00 and at 01:00 UTC.
        (["09:00", "18:00"], "2026-10-24T20:00:00Z", Some("2026-10-25T08:00:00Z")),
        (["02:15", "02:45"], "2026-10-25T00:00:00Z", Some("2026-10-25T00:15:00Z")),
        (["02:15", "02:45"], "2026-10-25T00:45:00Z", Some("2026-10-25T01:15:00Z")),
        (["02:15", "02:45"], "2026-10-25T01:45:00Z", Some("2026-10-26T01:15:00Z")),
        (["01:00", "02:30"], "2026-10-25T00:30:00Z", Some("2026-10-25T01:00:00Z")),
        (["01:00", "02:30"], "2026-10-25T01:30:00Z", Some("2026-10-26T00:00:00Z")),
    ] {
        let schedule = schedule(window, None, berlin());
        let wait = schedule.wait(at.parse().unwrap()).map(|at| at.to_string());
        assert_eq!(wait.as_deref(), opens, "{window:?} at {at}");
    }
}

/// Wherever the search begins, the window is open at the time that it finds, and not a second before.
#[test]
fn window_is_open_when_the_wait_is_over() {
    for zone in ["CET-1CEST,M3.5.0,M10.5.0/3", "EST5EDT,M3.2.0,M11.1.0", "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"]
    {
        let zone = TimeZone::posix(zone).expect(zone);
        for window in [["09:00", "18:00"], ["22:00", "06:00"], ["02:30", "02:31"], ["00:00", "00:01"], ["23:59", ""]] {
            let schedule = schedule(window, None, zone.clone());
            let mut now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
            while now < "2026-12-31T00:00:00Z".parse::<Timestamp>().unwrap() {
                if let Some(open) = schedule.wait(now) {
                    assert!(open > now && schedule.is_open(open), "{window:?} at {now}: {open}");
                    assert!(!schedule.is_open(open - Span::new().seconds(1)), "{window:?} at {now}: {open}");
                    assert!(open.duration_since(now).as_hours() < 51, "{window:?} at {now}: {open}");
                }
                now += Span::new().minutes(37);
            }
        }
    }
}

#[test]
fn start_is_awaited_before_the_window() {
    let at = |at: &'static str| Some(at);
    for (window, start, now, opens) in [
        (["", ""], at("2026-11-28T09:00"), "2026-11-27T09:00:00Z", Some("2026-11-28T08:00:00Z")),
        (["", ""], at("2026-11-28 09:00"), "2026-11-28T08:00:00Z", None),
        (["", ""], at("2026-11-28T09:00:00Z"), "2026-11-27T09:00:00Z", Some("2026-11-28T09:00:00Z")),
        (["", ""], at("2026-11-28T09:00-05:00"), "2026-11-27T09:00:00Z", Some("2026-11-28T14:00:00Z")),
        // A time that has passed: the same command resumes the next day.
        (["", ""], at("2020-01-01T00:00"), "2026-11-27T09:00:00Z", None),
        (["09:00", "18:00"], at("2026-11-28T20:00"), "2026-11-27T09:00:00Z", Some("2026-11-29T08:00:00Z")),
        (["09:00", "18:00"], at("2026-11-28T12:00"), "2026-11-27T09:00:00Z", Some("2026-11-28T11:00:00Z")),
    ] {
        let wait = schedule(window, start, berlin()).wait(now.parse().unwrap()).map(|at| at.to_string());
        assert_eq!(wait.as_deref(), opens, "{window:?} from {start:?} at {now}");
    }
}

#[test]
fn impossible_options_are_refused() {
    let made = |window: [&str; 2], at, zone| Schedule::new(window.map(time), at, zone);
    assert!(made(["", ""], None, None).unwrap().is_none());
    for (window, at, reason) in [
        (["09:00", "09:00"], None, "are both 09:00"),
        (["", "00:00"], None, "are both 00:00"),
        (["", ""], None, "--time-zone requires"),
        (["", ""], Some("2026-03-29T02:30"), "does not exist exactly once"),
        (["", ""], Some("2026-10-25T02:30"), "does not exist exactly once"),
        (["", ""], Some("soon"), "is not a date and a time"),
        (["", ""], Some("09:00"), "is not a date and a time"),
        (["", ""], Some("2026-11-28"), "is not a date and a time"),
        (["", ""], Some("2026-02-30T09:00"), "is not a date and a time"),
        (["", ""], Some("99999-01-01T00:00"), "is not a date and a time"),
        (["", ""], Some(""), "is not a date and a time"),
    ] {
        let error = made(window, at, Some(berlin())).expect_err(reason);
        assert!(error.contains(reason), "{error}");
    }
    for text in ["24:00", "9", "09", "0900", "9:5", "09:60", "-1:00", "09:00:00", "+9:00", "９:00", "", ":", "009:00"]
    {
        assert!(time_of_day(text).is_err(), "{text}");
    }
    for (text, shown) in [("09:05", "09:05"), ("9:05", "09:05"), ("23:59", "23:59"), ("00:00", "00:00")] {
        assert_eq!(time_of_day(text).unwrap().strftime("%H:%M").to_string(), shown);
    }
    for name in ["", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "CET-1CEST"] {
        assert!(time_zone(name).is_err(), "{name}");
    }
}

#[test]
fn time_is_shown_with_its_zone() {
    for (at, shown) in [
        ("2026-11-27T08:00:00Z", "2026-11-27 09:00:00 +01:00"),
        ("2026-07-27T07:00:00Z", "2026-07-27 09:00:00 +02:00"),
        ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00 +02:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00 +01:00"),
    ] {
        assert_eq!(schedule(["09:00", ""], None, berlin()).show(at.parse().unwrap()), shown);
    }
    let utc = schedule(["09:00", ""], None, TimeZone::UTC);
    assert_eq!(utc.show("2026-11-27T08:00:00Z".parse().unwrap()), "2026-11-27 08:00:00 UTC");
}

#[test]
fn window_closes_at_the_second_time_that_the_clock_shows() {
    for (window, at, closes) in [
        (["09:00", "18:00"], "2026-11-27T08:00:00Z", Some("2026-11-27T17:00:00Z")),
        (["09:00", "18:00"], "2026-11-27T16:59:59.999Z", Some("2026-11-27T17:00:00Z")),
        (["09:00", ""], "2026-11-27T22:59:59Z", Some("2026-11-27T23:00:00Z")),
        (["", "18:00"], "2026-11-27T08:00:00Z", Some("2026-11-27T17:00:00Z")),
        (["22:00", "06:00"], "2026-11-27T21:00:00Z", Some("2026-11-28T05:00:00Z")),
        (["18:00", "00:00"], "2026-11-27T17:00:00Z", Some("2026-11-27T23:00:00Z")),
        // The clock is put forward over the end.
        (["22:00", "02:30"], "2026-03-28T23:00:00Z", Some("2026-03-29T01:00:00Z")),
        // The end comes twice, and so does the time before it.
        (["01:00", "02:30"], "2026-10-25T00:00:00Z", Some("2026-10-25T00:30:00Z")),
        (["01:00", "02:30"], "2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z")),
    ] {
        let schedule = schedule(window, None, berlin());
        let at = at.parse().unwrap();
        assert_eq!(schedule.wait(at), None, "{window:?} is open at {at}");
        assert_eq!(schedule.closes(at).map(|at| at.to_string()).as_deref(), closes, "{window:?} at {at}");
    }
    // It never closes.
    let always = schedule(["", ""], Some("2026-11-27T08:00:00Z"), berlin());
    assert_eq!(always.closes("2026-11-28T00:00:00Z".parse().unwrap()), None);
}
