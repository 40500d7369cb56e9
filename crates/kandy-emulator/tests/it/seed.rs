//! Seeding.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use kandy_emulator::{Emulator, Seed, SeedError};
use serde_json::{Value, json};

use crate::fixture::{Kandy, is_credential};

const SEED: &str = r#"{"domains": [
    {"name": "Example.com", "project_name": "Example",
     "api_key": "DAK00000000000000000000000000000001", "api_secret": "DAS00000000000000000000000000000001",
     "users": [
        {"user_id": "russ", "country_code": "US", "email": "russ@example.com", "password": "secret12",
         "first_name": "Russ", "last_name": "Lee",
         "devices": [{"native_id": "1234", "name": "iphone6", "family": "iphone", "client_version": "0102001",
                      "os_version": "9.1"}]},
        {"user_id": "anna"}
     ],
     "groups": [{"name": "Friends", "owners": ["russ@example.com"], "members": ["anna@example.com"]}]},
    {"name": "example.org"}
]}"#;

fn seeded(seed: &str) -> Kandy {
    Kandy::on(Emulator::builder().seed(seed.parse().expect("a seed")).start().expect("a free port"))
}

#[tokio::test]
async fn seeded_state_equals_created_state() {
    let kandy = seeded(SEED);
    let (key, secret) = ("DAK00000000000000000000000000000001", "DAS00000000000000000000000000000001");
    let token = kandy.domain_token(key, secret).await;
    let users = kandy.call("user_list", &[("key", &token)]).await;
    let mut users = users.result()["users"].clone();
    for user in users.as_array_mut().expect("a list") {
        for (name, prefix) in [("user_api_key", "UAK"), ("user_api_secret", "UAS")] {
            let credential = user.as_object_mut().expect("a user").remove(name).expect("a credential");
            assert!(is_credential(credential.as_str().expect("text"), prefix), "{name}");
        }
    }
    let russ = json!({"user_id": "russ", "full_user_id": "russ@example.com", "domain_name": "example.com",
        "user_country_code": "1", "user_email": "russ@example.com", "user_first_name": "Russ", "user_last_name": "Lee"});
    assert!(russ.as_object().expect("members").iter().all(|(name, value)| users[0][name] == *value), "{users}");
    assert_eq!(users[1]["full_user_id"], "anna@example.com");

    // The seed sets the password of the user.
    let query = [("key", key), ("user_id", "russ"), ("user_password", "secret12")];
    let user_token = kandy.call("user_access_token_get", &query).await.text("user_access_token");
    let devices = kandy.call("device_list", &[("key", &user_token)]).await;
    let devices = &devices.result()["devices"];
    assert_eq!((&devices[0]["nativeID"], &devices[1]["nativeID"]), (&json!("default"), &json!("1234")));
    let about = ["name", "family", "clientVersion", "osVersion"].map(|name| devices[1][name].clone());
    assert_eq!(about, [json!("iphone6"), json!("iphone"), json!("102001"), json!("9.1")]);
    let groups = kandy.call("group_list", &[("key", &user_token)]).await;
    assert_eq!(groups.result()["groups"][0]["group_name"], "Friends");
}

#[tokio::test]
async fn missing_credentials_are_generated() {
    let kandy = seeded(SEED);
    let [first, second] = kandy.emulator.seeded() else { panic!("two domains") };
    assert_eq!(
        (first.name(), first.users()),
        ("example.com", &["russ@example.com".into(), "anna@example.com".into()][..])
    );
    assert_eq!((second.name(), second.users().len()), ("example.org", 0));
    assert!(is_credential(second.api_key().expose(), "DAK") && is_credential(second.api_secret().expose(), "DAS"));
    let token = kandy.domain_token(second.api_key().expose(), second.api_secret().expose()).await;
    assert_eq!(kandy.call("user_list", &[("key", &token)]).await.result()["users"], json!([]));

    kandy.emulator.reset_to_nothing();
    assert_eq!((kandy.emulator.state().users, kandy.emulator.seeded().len()), (0, 2));
}

/// Returns the error of an invalid seed.
fn refusal(seed: &str) -> SeedError {
    match seed.parse::<Seed>() {
        Err(error) => error,
        Ok(seed) => {
            let error = Emulator::builder().seed(seed).start().expect_err("refused");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            error.downcast::<SeedError>().expect("what is wrong")
        }
    }
}

/// Returns the error of a domain with an additional field on its second line.
fn refusal_of_domain(member: &str) -> String {
    refusal(&format!("{{\"domains\": [{{\"name\": \"example.com\",\n{member}}}]}}")).to_string()
}

#[test]
fn unreadable_seed_names_the_line() {
    for (member, expected) in [
        ("\"users\": [{}]", "line 2: domains[0].users[0]: missing field `user_id`"),
        (
            "\"users\": [{\"user_id\": \"russ\"},\n{\"user_id\": 1}]",
            "line 3: domains[0].users[1].user_id: expected a string",
        ),
        ("\"users\": \"CANARY, expected CANARY\"", "line 2: domains[0].users: expected a sequence"),
        ("\"users\": [\"DAS0000000000000000000000000000CA\"]", "line 2: domains[0].users[0]: expected an object"),
        ("\"name\": \"twice\"", "line 2: domains[0]: duplicate field `name`"),
        ("\"users\": [", "line 2: expected value"),
    ] {
        assert_eq!(refusal_of_domain(member), expected);
    }
    let unknown = refusal_of_domain("\"users\": [{\"user_id\": \"russ\", \"user_country\": \"US\"}]");
    let expected =
        "line 2: domains[0].users[0].user_country: unknown field `user_country`, expected one of `user_id`, ";
    assert!(unknown.starts_with(expected), "{unknown}");
    assert_eq!(refusal("{}\n{}").to_string(), "line 2: trailing characters");
    assert_eq!(refusal("").to_string(), "line 1: EOF while parsing a value");
    assert_eq!(refusal("1").to_string(), "line 1: expected an object");
}

#[test]
fn invalid_value_names_its_path() {
    let digits = "32 of the digits 0-9 and a-f are expected";
    for (member, path, expected) in [
        (r#""users": [{"user_id": "russ@CANARY"}]"#, "users[0].user_id", "invalid identifier: user_id"),
        (r#""users": [{"user_id": "russ"}, {"user_id": "russ"}]"#, "users[1].user_id", "user already exists"),
        (r#""users": [{"user_id": "russ", "country_code": "XX"}]"#, "users[0].country_code", "invalid country code"),
        (r#""users": [{"user_id": "russ", "password": "CANARY"}]"#, "users[0].password", "invalid password"),
        (
            r#""users": [{"user_id": "russ", "devices": [{"native_id": ""}]}]"#,
            "users[0].devices[0].native_id",
            "missing parameter: native_id",
        ),
        (r#""api_key": "DAKCANARY""#, "api_key", &format!("invalid parameter value: api_key: DAK and {digits}")),
        (
            r#""api_secret": "DAK00000000000000000000000000000001""#,
            "api_secret",
            &format!("invalid parameter value: api_secret: DAS and {digits}"),
        ),
    ] {
        assert_eq!(refusal_of_domain(member), format!("line 2: domains[0].{path}: {expected}"));
    }
}

#[test]
fn invalid_group_names_its_path() {
    for (rest, path, expected) in [
        ("", "", "missing parameter: owners"),
        (r#", "members": ["russ@example.com", "anna@example.com"]"#, ".members[1]", "user not found"),
        (r#", "members": ["russ@example.com", "russ@example.com"]"#, "", "invalid parameter value: members"),
        (r#", "max_members": 0, "owners": ["russ@example.com"]"#, "", "invalid parameter value: max_members"),
    ] {
        let member = format!(r#""users": [{{"user_id": "russ"}}], "groups": [{{"name": "Friends"{rest}}}]"#);
        assert_eq!(refusal_of_domain(&member), format!("line 2: domains[0].groups[0]{path}: {expected}"));
    }
}

#[test]
fn invalid_domain_names_its_path() {
    const KEY: &str = r#""api_key": "DAK00000000000000000000000000000001""#;
    let refusal_of_second = |domain: &str| {
        let first = format!(r#"{{"name": "example.com", {KEY}}}"#);
        refusal(&format!("{{\"domains\": [{first},\n{domain}]}}"))
    };
    let taken = refusal_of_second(r#"{"name": "EXAMPLE.com"}"#);
    assert_eq!((taken.line(), taken.path()), (Some(2), "domains[1].name"));
    let name = refusal_of_second(r#"{"name": ""}"#).to_string();
    assert_eq!(name, "line 2: domains[1].name: domain name cannot be used");
    let key = refusal_of_second(&format!("{{\"name\": \"example.org\",\n{KEY}}}")).to_string();
    assert_eq!(key, "line 3: domains[1].api_key: API key already exists");
}

#[test]
fn seed_from_value_has_no_lines_or_credentials() {
    let users = json!([{"user_id": "russ", "password": "CANARY12"}, {"user_id": "russ"}]);
    let seed = json!({"domains": [{"name": "example.com", "users": users, "api_key": "DAKCANARY"}]});
    let text = seed.to_string();
    let seed: Seed = serde_json::from_value(seed).expect("a seed");
    let debug = format!("{seed:?} {:?} {:?}", text.parse::<Seed>(), Emulator::builder().seed(seed.clone()));
    assert!(!debug.contains("CANARY"), "{debug}");
    let error = Emulator::builder().seed(seed).start().expect_err("refused").to_string();
    assert!(error.starts_with("domains[0].api_key: ") && !error.contains("CANARY"), "{error}");
}

#[test]
fn many_users_load_within_seconds() {
    const USERS: usize = 100_000;
    let users: Vec<Value> =
        (0..USERS).map(|no| json!({"user_id": format!("user{no}"), "country_code": "US"})).collect();
    let seed = json!({"domains": [{"name": "example.com", "users": users}]}).to_string();
    let begun = Instant::now();
    let kandy = seeded(&seed);
    let taken = begun.elapsed();
    assert_eq!(kandy.emulator.state().users, USERS);
    // Far above the expected time, and far below that of a quadratic algorithm.
    assert!(taken < Duration::from_secs(60), "{taken:?}");
    println!("{USERS} users in {taken:?}");
}

/// Ids of devices and credentials of users that a test has in its code.
#[tokio::test]
async fn ids_and_credentials_may_be_fixed() {
    let (first, second) = ("A149EBB9A69D4E66B62D26FBDEF440C5", "A149EBB9A69D4E66B62D26FBDEF440C6");
    let (key, secret) = ("UAK00000000000000000000000000000001", "UAS00000000000000000000000000000002");
    let user =
        |more: &str| format!(r#"{{"domains": [{{"name": "example.com", "users": [{{"user_id": "russ", {more}}}]}}]}}"#);
    let fixed = format!(
        r#""api_key": "{key}", "api_secret": "{secret}", "device_id": "{first}", "devices": [{{"native_id": "1", "id": "{second}"}}]"#
    );
    let kandy = seeded(&user(&fixed));
    let seeded = &kandy.emulator.seeded()[0];
    let domain = kandy.domain_token(seeded.api_key().expose(), seeded.api_secret().expose()).await;
    let details = kandy.call("user_get", &[("key", domain.as_str()), ("user_api_key", key)]).await;
    assert_eq!(
        (&details.result()["user"]["user_api_key"], &details.result()["user"]["user_api_secret"]),
        (&serde_json::json!(key), &serde_json::json!(secret))
    );
    let query =
        [("key", seeded.api_key().expose()), ("domain_api_secret", seeded.api_secret().expose()), ("user_id", "russ")];
    let token = kandy.call("user_access_token_get", &query).await.text("user_access_token");
    let devices = kandy.call("device_list", &[("key", &token)]).await;
    let ids: Vec<_> = devices.result()["devices"].as_array().expect("a list").iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [first, second]);
    for (more, expected) in [
        (
            r#""device_id": "a149ebb9a69d4e66b62d26fbdef440c5""#.to_owned(),
            "device_id: invalid parameter value: device_id: 32 of the digits 0-9 and A-F are expected",
        ),
        (
            r#""devices": [{"native_id": "1", "id": "1"}]"#.to_owned(),
            "devices[0].id: invalid parameter value: id: 32 of the digits 0-9 and A-F are expected",
        ),
        (
            format!(r#""device_id": "{first}", "devices": [{{"native_id": "1", "id": "{first}"}}]"#),
            "devices[0].id: device id already exists",
        ),
        (
            r#""api_key": "DAK00000000000000000000000000000001""#.to_owned(),
            "api_key: invalid parameter value: api_key: UAK and 32 of the digits 0-9 and a-f are expected",
        ),
        (
            r#""api_secret": "1""#.to_owned(),
            "api_secret: invalid parameter value: api_secret: UAS and 32 of the digits 0-9 and a-f are expected",
        ),
        (
            format!(r#""api_key": "{key}"}}, {{"user_id": "anna", "api_key": "{key}""#),
            "domains[0].users[1].api_key: API key already exists",
        ),
    ] {
        let error = refusal(&user(&more)).to_string();
        assert!(error.ends_with(expected), "{error}");
    }
}
