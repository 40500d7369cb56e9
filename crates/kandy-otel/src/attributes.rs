//! The attributes of the instruments. Each has few values, whatever the service responds. Depends on nothing.

use kandy::{Outcome, sys::Status};
use opentelemetry::{KeyValue, StringValue};

pub(crate) const METHOD: &str = "http.request.method";
pub(crate) const SERVER_ADDRESS: &str = "server.address";
pub(crate) const SERVER_PORT: &str = "server.port";
pub(crate) const STATUS_CODE: &str = "http.response.status_code";
pub(crate) const ERROR_TYPE: &str = "error.type";
pub(crate) const URL_TEMPLATE: &str = "url.template";
pub(crate) const OPERATION: &str = "kandy.operation";
pub(crate) const STATUS: &str = "kandy.status";
pub(crate) const TOKEN_LEVEL: &str = "kandy.token.level";
pub(crate) const SUCCESS: &str = "kandy.success";
pub(crate) const DELIVERY: &str = "kandy.inbox.delivery";
#[cfg(feature = "push")]
pub(crate) const CHANNEL_STATE: &str = "kandy.channel.state";

/// Returns `error.type`, where the outcome is a failure.
pub(crate) fn error_type(outcome: &Outcome<'_>) -> Option<KeyValue> {
    outcome.error_type().map(|kind| KeyValue::new(ERROR_TYPE, kind))
}

/// Returns the service's own status. One that is not known is `_OTHER`, as unknown methods are in the semantic
/// conventions: a service that responds with other numbers all the time does not make new series.
pub(crate) fn status(status: Status) -> KeyValue {
    let value: StringValue = match status.name() {
        Some(_) => status.0.to_string().into(),
        None => "_OTHER".into(),
    };
    KeyValue::new(STATUS, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_statuses_share_a_value() {
        for (number, expected) in [(0, "0"), (10, "10"), (4711, "_OTHER"), (-1, "_OTHER"), (i64::MAX, "_OTHER")] {
            assert_eq!(status(Status(number)), KeyValue::new(STATUS, expected), "{number}");
        }
    }
}
