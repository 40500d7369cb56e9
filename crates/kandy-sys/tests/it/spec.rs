//! Rules for the spec that no linter knows, and the operation table against the spec.

use std::collections::BTreeSet;

use crate::support::{operations, resolve, spec};
use kandy_sys::{
    KNOWN_STATUSES, OPERATIONS, Operation, Status, holds_credential,
    operation::{Confidence, Credential, Level, RequestBody, ResponseKind},
};
use serde_json::{Map, Value};

/// The documented operations. The spec must not lose one.
const DOCUMENTED: &[(&str, &str)] = &[
    ("GET", "/accounts/accesstokens"),
    ("DELETE", "/accounts/accesstokens"),
    ("POST", "/accounts/domains"),
    ("DELETE", "/accounts/domains"),
    ("GET", "/accounts/domains"),
    ("GET", "/domains/accesstokens"),
    ("DELETE", "/domains/accesstokens"),
    ("GET", "/accounts/domains/details"),
    ("POST", "/domains/users/phone_number"),
    ("POST", "/domains/users/user_id"),
    ("DELETE", "/domains/users"),
    ("GET", "/domains/users"),
    ("GET", "/domains/users/details"),
    ("GET", "/domains/users/accesstokens"),
    ("POST", "/users/devices"),
    ("DELETE", "/users/devices"),
    ("GET", "/users/devices"),
    ("GET", "/devices/addressbooks"),
    ("DELETE", "/devices/addressbooks"),
    ("POST", "/devices/messages"),
    ("GET", "/devices/messages"),
    ("DELETE", "/devices/messages"),
    ("POST", "/devices/smss"),
    ("GET", "/users/chatgroups/chatgroup"),
    ("POST", "/users/chatgroups/chatgroup/messages"),
];

/// One verb for one thing, everywhere, and the methods that it goes with.
const VERBS: &[(&str, &[&str])] = &[
    ("accept", &["POST"]),
    ("add", &["POST", "PUT"]),
    ("assign", &["POST"]),
    ("associate", &["PUT"]),
    ("boot", &["DELETE"]),
    ("check", &["GET"]),
    ("create", &["POST"]),
    ("delete", &["DELETE"]),
    ("download", &["GET"]),
    ("get", &["GET"]),
    ("join", &["POST"]),
    ("leave", &["DELETE"]),
    ("list", &["GET"]),
    ("mute", &["PUT"]),
    ("normalize", &["GET"]),
    ("redeem", &["PUT"]),
    ("reject", &["DELETE"]),
    ("remove", &["DELETE"]),
    ("search", &["GET"]),
    ("send", &["POST"]),
    ("set", &["POST"]),
    ("start", &["POST"]),
    ("stop", &["POST"]),
    ("update", &["PUT"]),
    ("upload", &["POST"]),
];

#[test]
fn has_every_documented_operation() {
    let spec = spec();
    let documented: BTreeSet<_> =
        DOCUMENTED.iter().map(|(method, path)| (method.to_string(), path.to_string())).collect();
    assert_eq!(documented.len(), DOCUMENTED.len(), "the list itself names one twice");
    let found: BTreeSet<_> = operations(&spec)
        .into_iter()
        .filter(|operation| operation.value["x-kandy-confidence"] == "A")
        .map(|operation| (operation.method.to_uppercase(), operation.path.to_owned()))
        .collect();
    let more = found.difference(&documented).map(|(method, path)| {
        format!(
            "{method} {path} has confidence A, but is not in the list of documented operations.\n  edit \
             crates/kandy-sys/tests/it/spec.rs: a row in `DOCUMENTED`; or, if the documentation does not have it, \
             `x-kandy-confidence` in its chapter of openapi/chapters\n  then run: cargo xtask generate && cargo test -p \
             kandy-sys --test it spec::"
        )
    });
    let less = documented.difference(&found).map(|(method, path)| {
        format!(
            "{method} {path} is documented, but no operation of the spec with confidence A.\n  edit its chapter of \
             openapi/chapters: the operation, with `x-kandy-confidence: A`\n  then run: cargo xtask generate"
        )
    });
    let reports: Vec<_> = more.chain(less).collect();
    assert!(reports.is_empty(), "\n{}\n", reports.join("\n"));
}

/// The operation ids of the chapters, each with the place that it is written at.
fn ids_in_chapters() -> Vec<(String, String)> {
    let folder = kandy_checkout::expect_root().join("openapi/chapters");
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(folder).expect("chapters") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for (number, line) in (1..).zip(std::fs::read_to_string(&path).expect("a text").lines()) {
            if let Some(id) = line.strip_prefix("      operationId: ") {
                ids.push((id.trim().to_owned(), format!("openapi/chapters/{name}:{number}")));
            }
        }
    }
    ids
}

#[test]
fn table_has_every_operation_of_the_chapters() {
    let ids = ids_in_chapters();
    for (id, place) in &ids {
        assert!(
            Operation::find(id).is_some(),
            "`{id}` at {place} is not in the table of operations.\n  run: cargo xtask generate"
        );
    }
    for operation in OPERATIONS {
        assert!(
            ids.iter().any(|(id, _)| id == operation.id),
            "{operation} is in no chapter any more.\n  edit openapi/chapters: restore it, or accept that it is gone\n  \
             then run: cargo xtask generate"
        );
    }
    assert_eq!(ids.len(), OPERATIONS.len());
    assert!(ids.len() > DOCUMENTED.len(), "the chapters were not read");
}

#[test]
fn table_matches_the_spec() {
    let spec = spec();
    let operations = operations(&spec);
    assert_eq!(operations.len(), OPERATIONS.len());
    for described in &operations {
        let operation = Operation::find(described.id).unwrap_or_else(|| panic!("{} is not in the table", described.id));
        let text = |key: &str| described.value[key].as_str().unwrap_or_default();
        assert_eq!(operation.id, described.id);
        assert_eq!(operation.method.as_str(), described.method.to_uppercase(), "{operation}");
        assert_eq!(operation.path, described.path, "{operation}");
        assert_eq!(operation.summary, text("summary"), "{operation}");
        assert_eq!(operation.confidence.to_string(), text("x-kandy-confidence"), "{operation}");
        assert_eq!(operation.tag, described.value["tags"][0], "{operation}");
        let idempotent = described.value["x-kandy-idempotent"].as_bool().unwrap_or(described.method != "post");
        assert_eq!(operation.idempotent, idempotent, "{operation}");
        assert_eq!(operation.body != RequestBody::None, !described.value["requestBody"].is_null(), "{operation}");
        assert_eq!(operation.version, described.value["x-kandy-version"].as_str().unwrap_or("v1.2"), "{operation}");
        let example: Value = serde_json::from_str(operation.example).expect(operation.id);
        let response = match operation.response {
            ResponseKind::File => &described.value["responses"]["200"]["content"]["*/*"],
            _ => described.response(&spec, "200"),
        };
        assert_eq!(example, response["example"], "{operation}");
    }
}

#[test]
fn table_is_sorted_by_unique_id() {
    assert!(OPERATIONS.windows(2).all(|pair| pair[0].id < pair[1].id));
    for operation in OPERATIONS {
        assert!(std::ptr::eq(Operation::find(operation.id).expect(operation.id), operation));
    }
    for unknown in ["", "a", "zzz", "sms", "sms_send ", "SMS_SEND"] {
        assert!(Operation::find(unknown).is_none(), "{unknown}");
    }
}

#[test]
fn table_has_every_parameter() {
    let spec = spec();
    for described in operations(&spec) {
        let operation = Operation::find(described.id).expect(described.id);
        let expected: Vec<_> = described
            .parameters(&spec)
            .into_iter()
            .map(|parameter| {
                (parameter["name"].as_str(), parameter["required"] == true, is_secret(&parameter["schema"]))
            })
            .collect();
        let mut found: Vec<_> = operation.parameters.iter().map(|p| (Some(p.name), p.required, p.secret)).collect();
        if matches!(operation.credential(), Credential::ApiKey(_)) {
            assert_eq!(found.remove(0), (Some("key"), true, true), "{operation}: its API key comes first");
        }
        assert_eq!(found, expected, "{operation}");
    }
}

#[test]
fn credentials_match_the_security_schemes() {
    let spec = spec();
    let scheme = |credential| {
        let (level, kind) = match credential {
            Credential::ApiKey(level) => (level, "api_key"),
            Credential::AccessToken(level) => (level, "access_token"),
        };
        assert!([Level::Account, Level::Domain, Level::User].contains(&level));
        format!("{level}_{kind}")
    };
    let mut used = BTreeSet::new();
    for described in operations(&spec) {
        let operation = Operation::find(described.id).expect(described.id);
        assert_eq!(operation.credential(), operation.credentials[0], "{operation}");
        let schemes = operation.credentials.iter().map(|credential| scheme(*credential));
        let security: Vec<_> = schemes.clone().map(|scheme| serde_json::json!({ scheme: [] })).collect();
        assert_eq!(described.value["security"], Value::from(security), "{operation}");
        used.extend(schemes);
    }
    let schemes: BTreeSet<_> =
        members(&spec["components"]["securitySchemes"]).map(|(name, _)| name.to_owned()).collect();
    assert_eq!(used, schemes);
}

#[test]
fn operation_ids_are_noun_and_verb() {
    let spec = spec();
    for operation in operations(&spec) {
        assert!(
            is_good_id(operation.id),
            "{id} ({method} {path}) is not a thing and a verb that is known.\n  edit its chapter of openapi/chapters: \
             `operationId`; or crates/kandy-sys/tests/it/spec.rs: a row in `VERBS`\n  then run: cargo xtask generate && cargo \
             test -p kandy-sys --test it spec::",
            id = operation.id,
            method = operation.method.to_uppercase(),
            path = operation.path
        );
    }
    for bad in ["get", "get_user", "userGet", "user_fetch", "user__get", "user_get_by", "User_get", "user_get_by_Id"] {
        assert!(!is_good_id(bad), "{bad}");
    }
}

fn is_good_id(id: &str) -> bool {
    let (name, by) = id.split_once("_by_").map_or((id, None), |(name, by)| (name, Some(by)));
    let are_words = |text: &str| text.split('_').all(|w| !w.is_empty() && w.chars().all(|c| c.is_ascii_lowercase()));
    let Some((thing, verb)) = name.rsplit_once('_') else {
        return false;
    };
    are_words(thing) && methods(verb).is_some() && by.is_none_or(are_words)
}

fn methods(verb: &str) -> Option<&'static [&'static str]> {
    VERBS.iter().find(|(known, _)| *known == verb).map(|(_, methods)| *methods)
}

#[test]
fn verbs_have_their_methods() {
    for operation in OPERATIONS {
        let name = operation.id.split("_by_").next().unwrap_or_default();
        let methods = name.rsplit('_').next().and_then(methods).unwrap_or_default();
        assert!(
            methods.contains(&operation.method.as_str()),
            "{operation}: its verb goes with {methods:?}.\n  edit its chapter of openapi/chapters: `operationId`; or \
             crates/kandy-sys/tests/it/spec.rs: the method of the verb in `VERBS`\n  then run: cargo xtask generate && cargo test \
             -p kandy-sys --test it spec::"
        );
        // A second message or SMS is never what the caller wanted.
        assert!(!operation.idempotent || !name.ends_with("_send"), "{operation} claims that it may be repeated");
    }
}

#[test]
fn operations_have_summary_and_description() {
    let spec = spec();
    let tags: BTreeSet<_> = spec["tags"].as_array().expect("tags").iter().map(|tag| tag["name"].as_str()).collect();
    for operation in operations(&spec) {
        let (id, value) = (operation.id, operation.value);
        let summary = value["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{id}: summary {summary:?}");
        assert!(is_sentence(&value["description"]), "{id}: description {}", value["description"]);
        assert!(tags.contains(&value["tags"][0].as_str()), "{id}: tag {}", value["tags"]);
        for code in ["4XX", "5XX"] {
            assert_eq!(value["responses"][code]["$ref"], "#/components/responses/Fault", "{id}: {code}");
        }
    }
    for confidence in OPERATIONS.iter().map(|operation| operation.confidence) {
        assert!(matches!(confidence, Confidence::A | Confidence::B | Confidence::C));
    }
}

#[test]
fn everything_has_a_description() {
    let spec = spec();
    let mut seen = 0;
    let mut check = |place: String, described: &Value| {
        seen += 1;
        assert!(is_sentence(&described["description"]), "{place}: description {}", described["description"]);
    };
    for operation in operations(&spec) {
        for parameter in operation.parameters(&spec) {
            check(format!("{}, parameter {}", operation.id, parameter["name"]), parameter);
        }
    }
    for section in ["securitySchemes", "parameters", "responses", "schemas"] {
        for (name, component) in members(&spec["components"][section]) {
            check(name.to_owned(), component);
            for (property, value) in members(&component["properties"]) {
                // In OpenAPI 3.0 nothing can stand beside a `$ref`, so it is described where it leads.
                check(format!("{name}.{property}"), resolve(&spec, value));
            }
            for value in component["x-kandy-known-values"].as_array().into_iter().flatten() {
                check(format!("{name}, known value {}", value["value"]), value);
            }
        }
    }
    assert!(seen > 250, "only {seen} descriptions were looked at");
}

fn is_sentence(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default().trim();
    text.ends_with('.') && text.len() > 5
}

#[test]
fn secret_names_have_the_secret_schema() {
    let spec = spec();
    let looks_secret = |name: &str| {
        let name = name.to_lowercase();
        ["_key", "_secret", "_token", "_password"].iter().any(|end| name.ends_with(end))
            || ["key", "secret", "token", "password", "credential", "validation_code"].contains(&name.as_str())
    };
    let mut secrets = 0;
    let mut check = |place: &str, name: &str, schema: &Value| {
        // Both ways: a text that is hidden without need is a fault too.
        assert_eq!(is_secret(schema), looks_secret(name), "{place}, {name}");
        assert_eq!(is_secret(schema), holds_credential(name), "{place}, {name}");
        // Two kinds of one type could be swapped.
        let typed = [("_api_key", "ApiKey"), ("_api_secret", "ApiSecret"), ("_access_token", "AccessToken")];
        match typed.into_iter().find(|(end, _)| name.ends_with(end)) {
            Some((_, kind)) => assert_eq!(credential(schema), Some(kind), "{place}, {name}"),
            None => assert!(matches!(credential(schema), None | Some("Secret" | "NewPassword")), "{place}, {name}"),
        }
        secrets += usize::from(is_secret(schema));
    };
    for operation in operations(&spec) {
        for parameter in operation.parameters(&spec) {
            check(operation.id, parameter["name"].as_str().expect("name"), &parameter["schema"]);
        }
    }
    for (name, schema) in members(&spec["components"]["schemas"]) {
        for (property, value) in members(&schema["properties"]) {
            check(name, property, value);
        }
    }
    assert!(secrets > 25, "only {secrets} secrets were found");
}

fn is_secret(schema: &Value) -> bool {
    credential(schema).is_some()
}

/// Returns the name of the schema of a credential that a schema refers to.
fn credential(schema: &Value) -> Option<&'static str> {
    ["ApiKey", "ApiSecret", "AccessToken", "Secret", "NewPassword"].into_iter().find(|name| {
        let secret = format!("#/components/schemas/{name}");
        schema["$ref"] == secret || schema["allOf"][0]["$ref"] == secret
    })
}

#[test]
fn status_names_are_unique() {
    let numbers: BTreeSet<Status> = KNOWN_STATUSES.iter().map(|known| known.status).collect();
    let names: BTreeSet<&str> = KNOWN_STATUSES.iter().map(|known| known.name).collect();
    assert!(KNOWN_STATUSES.len() >= 20);
    assert_eq!((numbers.len(), names.len()), (KNOWN_STATUSES.len(), KNOWN_STATUSES.len()));
    assert_eq!(KNOWN_STATUSES.iter().filter(|known| known.status.is_success()).count(), 1);
    for known in KNOWN_STATUSES {
        assert_eq!(known.status.name(), Some(known.name));
        assert_eq!(known.status.description(), Some(known.description));
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}
