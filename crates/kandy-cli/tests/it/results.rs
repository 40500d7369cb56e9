//! Results of an unexpected form: a list that is missing is an error, never an empty list.

use serde_json::{Value, json};

use crate::fixture::{Fixture, canned_service, stderr};

/// Runs a command against a service with this result. Returns the exit code, stdout and stderr.
fn run(arguments: &[&str], response: &Value) -> (Option<i32>, String, String) {
    let fixture = Fixture::empty();
    let base_url = canned_service::json(response);
    let mut command = fixture.kandy();
    command.args(arguments).args(["--json", "--base-url", &base_url]);
    for (name, level) in [("ACCOUNT", "account"), ("DOMAIN", "domain"), ("USER", "user")] {
        command.env(format!("KANDY_{name}_ACCESS_TOKEN"), format!("token.of-the.{level}"));
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output))
}

const LISTS: [(&[&str], &str); 8] = [
    (&["domain", "list"], "domains"),
    (&["device", "list"], "devices"),
    (&["group", "list"], "groups"),
    (&["session", "list"], "sessions"),
    (&["contact", "list"], "contacts"),
    (&["directory", "list"], "contacts"),
    (&["user", "last-seen", "a@b.c"], "users"),
    (&["conversation", "list"], "conversations"),
];

#[test]
fn missing_list_is_an_error() {
    for (arguments, name) in LISTS {
        let wrong =
            [json!({}), json!({"other": []}), json!({name: null}), json!({name: "text"}), json!({name: {"a": 1}})];
        let wrong = wrong.into_iter().chain([json!(null), json!("text"), json!([])]).map(canned_service::success);
        for response in wrong.chain([json!({"status": 0, "message": "success"})]) {
            let (code, stdout, stderr) = run(arguments, &response);
            assert_eq!((code, &*stdout), (Some(1), ""), "{arguments:?}, {response}: {stderr}");
            assert!(stderr.contains(name) || stderr.contains("_list"), "{arguments:?}, {response}: {stderr}");
        }
        let (code, stdout, stderr) = run(arguments, &canned_service::success(json!({name: []})));
        assert_eq!((code, &*stdout), (Some(0), "[]\n"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn missing_credentials_of_a_new_domain_leave_the_outcome_unknown() {
    let created = canned_service::success(json!({"domain_name": "example.com"}));
    let (code, stdout, stderr) = run(&["domain", "create", "example.com"], &created);
    assert_eq!((code, &*stdout), (Some(5), ""), "{stderr}");
}
