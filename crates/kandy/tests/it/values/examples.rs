//! The result of every builder, from the example of its operation in the spec.

use std::{collections::BTreeSet, fs, path::Path, sync::Mutex};

use kandy::{
    Attachment, CallBuilder, Kandy,
    sys::{Operation, holds_credential},
};
use kandy_checkout::expect_root;
use serde_json::Value;

use super::{IsValue, name_of, round_trip};
use crate::support::{
    handles::{account, conversation, device, domain, group, hunt_group, session, user},
    mock_server::MockServer,
};

/// Makes a call, and checks its result.
async fn check<T: IsValue, C: CallBuilder<Value = T>>(seen: &Mutex<BTreeSet<&'static str>>, operation: &str, call: C) {
    let value = call.await.unwrap_or_else(|error| panic!("{operation}: {error}"));
    let (json, read) = round_trip(&value);
    assert_eq!(round_trip(&read).0, json, "{operation}");
    assert_ne!(json, serde_json::json!([]), "{operation}: the example is empty");
    let example = Operation::find(operation).expect("an operation").example;
    let mut credentials = Vec::new();
    collect_credentials(&serde_json::from_str(example).expect("JSON"), &mut credentials);
    match credentials.is_empty() {
        true => assert_eq!(read, value, "{operation}"),
        false => assert_ne!(read, value, "{operation}: the credentials are left out"),
    }
    let (text, debug) = (json.to_string(), format!("{value:?}"));
    for credential in credentials {
        assert!(!text.contains(&credential), "{operation}: serialised {text}");
        assert!(!debug.contains(&credential), "{operation}: printed {debug}");
    }
    seen.lock().expect("no panic").insert(name_of::<T>());
}

/// Collects the texts of all credentials in a response.
fn collect_credentials(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if holds_credential(name) && !text.is_empty() => found.push(text.clone()),
                    other => collect_credentials(other, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_credentials(value, found)),
        _ => {}
    }
}

/// Checks one result of each type, and returns the names of the types.
async fn check_all(kandy: &Kandy) -> BTreeSet<&'static str> {
    let seen = Mutex::default();
    let with_secret = kandy.domain("DAK-key", "DAS-secret");
    check(&seen, "domain_create", account(kandy).create_domain("example.com")).await;
    check(&seen, "domain_list", account(kandy).domains()).await;
    check(&seen, "domain_get", domain(kandy).details()).await;
    check(&seen, "user_create", domain(kandy).create_user("russ")).await;
    check(&seen, "user_create_by_phone_number", domain(kandy).create_user_by_phone("3524096582", "US")).await;
    check(&seen, "user_list", domain(kandy).users()).await;
    check(&seen, "user_get", domain(kandy).user_details("UAK-key")).await;
    check(&seen, "anonymous_user_get", domain(kandy).anonymous_user()).await;
    check(&seen, "anonymous_user_get_by_api_key", domain(kandy).anonymous_user_by_api_key()).await;
    check(&seen, "domain_limited_get", domain(kandy).limited_details()).await;
    check(&seen, "country_code_get", domain(kandy).country_codes()).await;
    check(&seen, "domain_spidr_configuration_get", domain(kandy).spidr_configuration()).await;
    check(&seen, "configuration_get", with_secret.configuration()).await;
    check(&seen, "verification_code_check", domain(kandy).check_verification_code("1234")).await;
    let registration = domain(kandy).register("3524096582", "US", "1234", "12345678901234");
    check(&seen, "registration_create", registration).await;
    check(&seen, "hunt_group_list", domain(kandy).hunt_groups()).await;
    check(&seen, "hunt_group_user_list", hunt_group(kandy).users()).await;
    check(&seen, "hunt_group_admin_list", hunt_group(kandy).admins()).await;
    check(&seen, "device_create", user(kandy).create_device("12345678901234")).await;
    check(&seen, "device_list", user(kandy).devices()).await;
    check(&seen, "group_create", user(kandy).create_group("Friends")).await;
    check(&seen, "group_get", group(kandy).details()).await;
    check(&seen, "group_list", user(kandy).groups()).await;
    check(&seen, "group_message_send", group(kandy).send_message("Hello")).await;
    check(&seen, "session_create", user(kandy).create_session()).await;
    check(&seen, "session_get", session(kandy).details()).await;
    check(&seen, "session_list", user(kandy).sessions()).await;
    check(&seen, "directory_list", user(kandy).directory()).await;
    check(&seen, "personal_contact_list", user(kandy).contacts()).await;
    check(&seen, "personal_contact_create", user(kandy).create_contact("anna@example.com", "anna")).await;
    check(&seen, "device_address_book_get", device(kandy).address_book()).await;
    check(&seen, "device_address_book_hint_list", device(kandy).address_book_hints()).await;
    check(&seen, "user_limited_get", user(kandy).limited_details()).await;
    check(&seen, "data_channel_configuration_get", user(kandy).data_channel_configuration()).await;
    check(&seen, "rollover_group_get", user(kandy).rollover_group("support")).await;
    check(&seen, "billing_status_get", user(kandy).billing_status()).await;
    check(&seen, "user_profile_get", user(kandy).profile("anna", "example.com")).await;
    check(&seen, "phone_number_normalize", user(kandy).normalize_phone_number("4034932232", "CA")).await;
    check(&seen, "last_seen_list", user(kandy).last_seen(["anna@example.com"])).await;
    check(&seen, "conversation_list", user(kandy).conversations()).await;
    check(&seen, "conversation_message_list", conversation(kandy).messages()).await;
    check(&seen, "message_list", device(kandy).pending_messages()).await;
    check(&seen, "content_upload", device(kandy).upload(Attachment::new("note.txt", "Hello"))).await;
    seen.into_inner().expect("no panic")
}

/// Returns the types that builders return: of `request!(CreateUser => CreatedUser)` the latter, of a list its items.
pub(super) fn output_types(folder: &Path, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            output_types(&path, types);
            continue;
        }
        for line in fs::read_to_string(&path).expect("a text").lines() {
            let Some(output) = line.strip_prefix("request!(").and_then(|line| line.split_once(" => ")) else {
                continue;
            };
            let output = output.1.trim_end_matches(");");
            types.insert(output.trim_start_matches("Vec<").trim_end_matches('>').to_owned());
        }
    }
}

#[tokio::test]
async fn every_result_is_a_value() {
    let server = MockServer::start().await;
    let seen = check_all(&server.kandy).await;
    let mut types = BTreeSet::new();
    output_types(&expect_root().join("crates/kandy/src"), &mut types);
    assert!(types.len() > 30, "{types:?}");
    // Nothing, and a body that is still arriving.
    assert!(types.remove("()") && types.remove("Download"));
    let missing: Vec<_> = types.iter().filter(|name| !seen.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "no result of these types is checked: add a line to `check_all`: {missing:?}");
}
