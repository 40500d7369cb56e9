//! The kinds of faults and which fields each takes, as the page offers them and as error messages list them.
//!
//! Depends on `fields`; a test holds it against `json`. Begin with [`kinds`].

use serde::Serialize;
use serde_json::{Value, json};

use super::fields::fields;

/// A kind of faults.
#[derive(Serialize)]
pub(super) struct KindInfo {
    pub(super) name: &'static str,
    group: Group,
    explanation: &'static str,
    /// The fields that it needs.
    pub(super) required: &'static [&'static str],
    /// The fields that it may have besides those of its group.
    #[serde(skip)]
    own: &'static [&'static str],
    /// Whether a response is sent, whose status and headers can be chosen.
    #[serde(skip)]
    sends_response: bool,
    /// Whether the request is read, so that it can be applied.
    #[serde(skip)]
    reads_request: bool,
}

/// What a fault concerns.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Group {
    Responses,
    Connections,
    Channel,
}

impl KindInfo {
    const fn new(name: &'static str, group: Group, explanation: &'static str) -> Self {
        Self { name, group, explanation, required: &[], own: &[], sends_response: true, reads_request: true }
    }

    const fn requires(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    const fn takes(self, own: &'static [&'static str]) -> Self {
        Self { own, ..self }
    }

    const fn without_response(self) -> Self {
        Self { sends_response: false, ..self }
    }

    const fn without_reading(self) -> Self {
        Self { sends_response: false, reads_request: false, ..self }
    }

    /// The fields that it may have.
    pub(super) fn optional(&self) -> Vec<&'static str> {
        let is_request = self.group != Group::Channel;
        let mut names = self.own.to_vec();
        if is_request && self.sends_response {
            names.extend(["http", "retry_after_seconds", "retry_after_date_seconds"]);
        }
        if is_request {
            names.push("latency_ms");
        }
        // Of the others, `false` is accepted, as the emulator writes it, and changes nothing.
        if is_request && self.reads_request {
            names.push("applied");
        }
        if is_request {
            names.extend(["operation", "tag", "level"]);
        }
        names.extend(["nth", "every", "probability", "seed", "times"]);
        names.retain(|name| !self.required.contains(name));
        names
    }
}

use Group::{Channel, Connections, Responses};

pub(super) const KINDS: &[KindInfo] = &[
    KindInfo::new("latency", Responses, "The right response arrives later. The operation is applied.").requires(&["latency_ms"]),
    KindInfo::new(
        "stall",
        Connections,
        "No response until the client disconnects or the emulator stops. The operation is not applied.",
    )
    .without_response(),
    KindInfo::new(
        "stall_during_response",
        Connections,
        "The head and half of the body arrive, and then nothing. The operation is applied.",
    ),
    KindInfo::new(
        "close_before_reading",
        Connections,
        "The connection is reset before the body of the request is read. The operation is not applied.",
    )
    .without_reading(),
    KindInfo::new(
        "close_during_reading",
        Connections,
        "The connection is reset after the first chunk of the body of the request. The operation is not applied.",
    )
    .without_reading(),
    KindInfo::new(
        "close_after_reading",
        Connections,
        "The connection is closed without a response. The operation is applied.",
    )
    .without_response(),
    KindInfo::new(
        "close_during_response",
        Connections,
        "The connection is closed after the head and half of the body. The operation is applied.",
    ),
    KindInfo::new("http", Responses, "An HTTP status with an empty body, or one of your choice. The operation is not applied.")
        .requires(&["http"])
        .takes(&["body"]),
    KindInfo::new("status", Responses, "A status number in the API's envelope, with HTTP 200. The operation is not applied.")
        .requires(&["status"]),
    KindInfo::new("expired_token", Responses, "Status 10, as for an expired token, with HTTP 403. The operation is not applied."),
    KindInfo::new("truncated_json", Responses, "The first half of the right JSON. The operation is applied."),
    KindInfo::new("wrong_json", Responses, "JSON with an unexpected field alone. The operation is applied."),
    KindInfo::new("html_page", Responses, "HTTP 200 with a page, as captive portals return it. The operation is not applied."),
    KindInfo::new("wrong_content_type", Responses, "The right JSON as text/plain. The operation is applied."),
    KindInfo::new("huge_body", Responses, "The right response, padded to a length. The operation is applied.").requires(&["bytes"]),
    KindInfo::new(
        "rate_limit",
        Responses,
        "HTTP 429 for requests beyond a number in any one second of the emulator's clock. They are not applied, and do not count.",
    )
    .requires(&["per_second"])
    .takes(&["body"]),
    KindInfo::new(
        "close_after_upgrade",
        Channel,
        "A data channel is closed with 4401 as soon as it is open. Counts upgrades.",
    ),
    KindInfo::new("drop_channel", Channel, "The connection of a data channel is reset in place of a push. Counts pushes."),
    KindInfo::new("stall_channel", Channel, "A push and all that follow are kept back; Pings are answered. Counts pushes."),
    KindInfo::new(
        "half_open_channel",
        Channel,
        "A push and all that follow are kept back, and Pings have no Pong. Counts pushes.",
    ),
    KindInfo::new("duplicate_push", Channel, "A push is sent twice. Counts pushes."),
    KindInfo::new("lost_push", Channel, "A push is left out; a message stays pending. Counts pushes."),
    KindInfo::new("late_push", Channel, "A push is delayed, and overtaken by those after it. Counts pushes.")
        .requires(&["latency_ms"]),
];

/// The names of the kinds.
pub(super) fn kind_names() -> String {
    KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ")
}

/// The kinds with their fields, and the fields.
pub(crate) fn kinds() -> Value {
    let kinds = KINDS.iter().map(|kind| {
        let mut described = json!(kind);
        described["optional"] = kind.optional().into();
        described
    });
    json!({"kinds": kinds.collect::<Vec<_>>(), "fields": fields()})
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kandy_sys::ApiFault;
    use serde_json::Map;

    use super::*;
    use crate::faults::{
        InjectedFault,
        fields::{FieldInfo, FieldType},
    };

    /// A value that is accepted, if the field is.
    fn sample(field: &FieldInfo) -> Value {
        match field.name {
            "http" => json!(503),
            "probability" => json!(0.5),
            _ => match field.field_type {
                FieldType::Number => json!(1),
                FieldType::Flag => json!(true),
                FieldType::Choice => json!(field.values[0]),
            },
        }
    }

    fn read(kind: &KindInfo, names: &[&str]) -> Result<InjectedFault, ApiFault> {
        let mut object = Map::from_iter([("kind".to_owned(), json!(kind.name))]);
        object.extend(
            fields()
                .iter()
                .filter(|field| names.contains(&field.name))
                .map(|field| (field.name.to_owned(), sample(field))),
        );
        InjectedFault::from_json(json!(object).to_string().as_bytes())
    }

    #[test]
    fn each_kind_takes_its_fields_and_no_others() {
        for kind in KINDS {
            let name = kind.name;
            let fault = read(kind, kind.required).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert_eq!(fault.kind(), name);
            for missing in kind.required {
                let others: Vec<_> = kind.required.iter().copied().filter(|field| field != missing).collect();
                assert!(read(kind, &others).is_err(), "{name} without {missing}");
            }
            let optional = kind.optional();
            for field in fields() {
                let mut names = kind.required.to_vec();
                names.push(field.name);
                // The seed of a probability.
                if field.name == "seed" {
                    names.push("probability");
                }
                let is_listed = kind.required.contains(&field.name) || optional.contains(&field.name);
                let read = read(kind, &names);
                assert_eq!(read.is_ok(), is_listed, "{name} with {}: {read:?}", field.name);
            }
        }
    }

    #[test]
    fn the_documentation_lists_the_kinds_and_the_fields() {
        let readme = include_str!("../../README.md");
        let (_, section) = readme.split_once("### Faults\n").expect("a section");
        let (section, _) = section.split_once("\n## ").expect("another section");
        let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
        let documented: BTreeSet<_> = rows
            .filter_map(|row| row.split_once(" | "))
            .flat_map(|(names, _)| names.split(", "))
            .filter_map(|name| name.strip_prefix('`')?.strip_suffix('`'))
            .collect();
        let known: BTreeSet<_> =
            KINDS.iter().map(|kind| kind.name).chain(fields().iter().map(|field| field.name)).collect();
        let known: BTreeSet<_> = known.into_iter().chain(["kind"]).collect();
        assert_eq!(documented, known);
    }
}
