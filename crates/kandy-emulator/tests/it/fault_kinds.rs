//! `GET /_emulator/faults/kinds`: what a form of faults is made of.

use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response};

fn named<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] == name)
        .unwrap_or_else(|| panic!("{name} in {list}"))
}

#[tokio::test]
async fn a_form_is_made_of_the_kinds_and_their_fields() {
    let kandy = Kandy::start();
    let (http, described) = admin_response(kandy.http.get(kandy.admin_url("faults/kinds"))).await;
    assert_eq!(http, 200);
    let (kinds, fields) = (&described["kinds"], &described["fields"]);
    assert_eq!(kinds.as_array().map(Vec::len), Some(23));
    for kind in kinds.as_array().expect("a list") {
        let groups = ["responses", "connections", "channel"];
        assert!(groups.contains(&kind["group"].as_str().expect("a group")), "{kind}");
        assert!(kind["explanation"].as_str().is_some_and(|text| text.ends_with('.')), "{kind}");
        for field in
            [&kind["required"], &kind["optional"]].into_iter().flat_map(|names| names.as_array().expect("a list"))
        {
            let field = named(fields, field.as_str().expect("a name"));
            assert!(field["explanation"].as_str().is_some_and(|text| text.ends_with('.')), "{field}");
            assert!(["number", "flag", "choice"].contains(&field["type"].as_str().expect("a type")), "{field}");
            assert_eq!(field["type"] == "choice", field["values"].is_array(), "{field}");
        }
    }
    assert_eq!(named(kinds, "late_push")["required"], json!(["latency_ms"]));
    assert_eq!(named(kinds, "late_push")["optional"], json!(["nth", "every", "probability", "seed", "times"]));
    assert_eq!(named(fields, "latency_ms")["unit"], "milliseconds");
    assert_eq!(named(fields, "level")["values"], json!(["account", "domain", "user"]));
    let operations = named(fields, "operation")["values"].as_array().expect("a list");
    assert!(operations.contains(&json!("sms_send")));

    // A choice of each is one that is accepted.
    for (kind, required) in [("http", json!({"http": 503})), ("expired_token", json!({}))] {
        for field in ["operation", "tag", "level"] {
            for value in named(fields, field)["values"].as_array().expect("a list") {
                let mut fault = required.clone();
                fault["kind"] = kind.into();
                fault[field] = value.clone();
                let armed = admin_response(kandy.http.post(kandy.admin_url("faults")).json(&fault)).await;
                assert_eq!(armed.0, 200, "{fault}: {armed:?}");
            }
        }
    }
    for request in
        [kandy.http.post(kandy.admin_url("faults/kinds")), kandy.http.delete(kandy.admin_url("faults/kinds"))]
    {
        assert_eq!(admin_response(request).await.0, 405);
    }
}
