//! Times in the time zone of the reader, for tables on a terminal.
//!
//! The zone is that of `TZ` or of the system, with the rules that the system has. Without one, times are in UTC and end
//! with `Z`. Pipes and JSON get times as the service sent them.

use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::Value;

/// The fields that contain times: in milliseconds or seconds since 1970, or in RFC 3339. The field `registrationTimestamp`
/// of a device is not among them, because its zone is unknown.
const FIELDS: [&str; 10] = [
    "client_timestamp",
    "creation_time",
    "creation_timestamp",
    "end_timestamp",
    "expiry_timestamp",
    "last_seen",
    "server_timestamp",
    "start_timestamp",
    "time",
    "timestamp",
];

/// Formats times.
#[derive(Clone, Debug)]
pub(super) struct Times {
    zone: TimeZone,
}

impl Times {
    /// Formats in UTC, or in the zone of the reader.
    pub(super) fn new(utc: bool) -> Self {
        let zone = if utc { None } else { TimeZone::try_system().ok() };
        Self { zone: zone.unwrap_or(TimeZone::UTC) }
    }

    /// Returns the text of a field with a time; `None` for another field, and for a value that is not a time.
    pub(super) fn text(&self, field: &str, value: &Value) -> Option<String> {
        if !FIELDS.contains(&field) {
            return None;
        }
        let time = match value {
            Value::String(text) if text.contains('T') => text.parse().ok()?,
            value => match kandy_sys::Timestamp::deserialize(value).ok()?.as_millis()? {
                // The service writes it for a user who was never seen.
                0 => return None,
                millis => Timestamp::from_millisecond(millis).ok()?,
            },
        };
        let local = time.to_zoned(self.zone.clone());
        let mut text = local.strftime("%Y-%m-%d %H:%M:%S").to_string();
        if self.zone == TimeZone::UTC {
            text.push('Z');
        } else if self.zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous() {
            // In the hour that comes twice when summer time ends, only the offset tells which one it is.
            text.push_str(&local.strftime("%:z").to_string());
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn berlin() -> Times {
        // The rules of Central Europe as POSIX writes them, so that no zone has to be installed.
        Times { zone: TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("rules") }
    }

    /// The forms are those of the dossier: numbers and texts, with ten digits in the documentation and thirteen live.
    #[test]
    fn formats_every_form_of_a_time() {
        let utc = Times::new(true);
        for (field, value, shown) in [
            ("timestamp", json!("1400510413"), Some("2014-05-19 14:40:13Z")),
            ("timestamp", json!("1400510413000"), Some("2014-05-19 14:40:13Z")),
            ("last_seen", json!(1_400_510_413_999_i64), Some("2014-05-19 14:40:13Z")),
            ("time", json!("2014-05-19T14:40:13.123Z"), Some("2014-05-19 14:40:13Z")),
            ("creation_time", json!(-5), Some("1969-12-31 23:59:59Z")),
            ("last_seen", json!(0), None),
            ("last_seen", json!("0"), None),
            ("timestamp", json!("soon"), None),
            ("timestamp", json!(""), None),
            ("timestamp", json!(null), None),
            ("timestamp", json!({"at": 1}), None),
            ("timestamp", json!(i64::MAX), None),
            ("timestamp", json!(i64::MIN), None),
            ("timestamp", json!("18446744073709551615"), None),
            ("timestamp", json!("T\u{1b}[31m"), None),
            ("user_id", json!("1400510413"), None),
            ("registrationTimestamp", json!("2016-12-10T18:30:53.597"), None),
        ] {
            assert_eq!(utc.text(field, &value).as_deref(), shown, "{field}: {value}");
        }
    }

    #[test]
    fn zone_has_summer_time() {
        let zone = berlin();
        for (time, shown) in [
            ("2026-01-15T12:00:00Z", "2026-01-15 13:00:00"),
            ("2026-07-15T12:00:00Z", "2026-07-15 14:00:00"),
            // This hour comes twice.
            ("2026-10-25T00:30:00Z", "2026-10-25 02:30:00+02:00"),
            ("2026-10-25T01:30:00Z", "2026-10-25 02:30:00+01:00"),
        ] {
            assert_eq!(zone.text("time", &json!(time)).as_deref(), Some(shown), "{time}");
        }
    }
}
