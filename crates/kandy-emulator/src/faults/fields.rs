//! The fields of faults, with what the page tells about each.
//!
//! Depends on the operation table alone. Begin with [`fields`].

use std::{collections::BTreeSet, iter};

use kandy_sys::OPERATIONS;
use serde::Serialize;

/// A field of a fault.
#[derive(Serialize)]
pub(super) struct FieldInfo {
    pub(super) name: &'static str,
    #[serde(rename = "type")]
    pub(super) field_type: FieldType,
    explanation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) values: Vec<&'static str>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FieldType {
    Number,
    Flag,
    Choice,
}

/// The fields of all kinds, in the order of the documentation.
pub(super) fn fields() -> Vec<FieldInfo> {
    let number = |name, unit, explanation| FieldInfo {
        name,
        field_type: FieldType::Number,
        explanation,
        unit: Some(unit).filter(|unit: &&str| !unit.is_empty()),
        values: Vec::new(),
    };
    let choice =
        |name, values, explanation| FieldInfo { name, field_type: FieldType::Choice, explanation, unit: None, values };
    let tags: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.tag).collect();
    vec![
        number("http", "", "The HTTP status, from 200 to 599."),
        number("status", "", "The number in the envelope, such as 10."),
        number("bytes", "bytes", "The length of the response."),
        number("per_second", "requests", "How many requests are admitted in a second."),
        choice("body", vec!["empty", "text", "json"], "The body, outside of the API's envelope."),
        number("retry_after_seconds", "seconds", "Adds the header Retry-After as a number."),
        number("retry_after_date_seconds", "seconds", "Adds the header Retry-After as a date, that far from now."),
        number("latency_ms", "milliseconds", "Delays the response or the push."),
        FieldInfo {
            name: "applied",
            field_type: FieldType::Flag,
            explanation: "Whether the operation is applied, other than the kind does.",
            unit: None,
            values: Vec::new(),
        },
        choice(
            "operation",
            OPERATIONS.iter().map(|operation| operation.id).collect(),
            "The only operation that it concerns.",
        ),
        choice("tag", tags.into_iter().collect(), "The tag of the operations that it concerns."),
        choice(
            "level",
            vec!["account", "domain", "user"],
            "The level of the credentials of the operations that it concerns.",
        ),
        number("nth", "", "The only request that triggers it, counted from 1."),
        number("every", "", "Each nth request triggers it: 5 is the 5th, the 10th, and so on."),
        number("probability", "", "The share of requests that trigger it, from 0 to 1."),
        number("seed", "", "Selects the requests of a probability; the same seed selects the same."),
        number("times", "", "How often it is triggered at most."),
    ]
}

/// The names of the fields.
pub(super) fn field_names() -> String {
    iter::once("kind").chain(fields().into_iter().map(|field| field.name)).collect::<Vec<_>>().join(", ")
}
