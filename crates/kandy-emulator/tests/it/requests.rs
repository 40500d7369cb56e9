//! `/_emulator/requests`: the callers of requests, and a request in full.

use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response, text_message, users};

async fn requests(kandy: &Kandy) -> Vec<Value> {
    let (http, found) = admin_response(kandy.http.get(kandy.admin_url("requests"))).await;
    assert_eq!(http, 200, "{found}");
    found["requests"].as_array().expect("a list").clone()
}

/// The last request to an operation, in full.
async fn full(kandy: &Kandy, operation: &str) -> Value {
    let all = requests(kandy).await;
    let entry = all.iter().rfind(|entry| entry["operation"] == operation).unwrap_or_else(|| panic!("{operation}"));
    let (http, found) = admin_response(kandy.http.get(kandy.admin_url(&format!("requests/{}", entry["id"])))).await;
    assert_eq!((http, &found["id"]), (200, &entry["id"]));
    found
}

#[tokio::test]
async fn a_request_is_shown_in_full_without_credentials() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let from = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    let mut message = text_message("anna@example.com", "1");
    message["message"]["message"]["text"] = json!(format!("my token is {}", russ.token));
    kandy.post("message_send", &from, &message).await.result();

    let sent = full(&kandy, "message_send").await;
    assert_eq!(sent["caller"], "russ@example.com");
    let exchange = &sent["exchange"];
    assert_eq!(exchange["request"]["body"]["value"]["message"]["destination"], "anna@example.com");
    assert_eq!(exchange["request"]["body"]["value"]["message"]["message"]["text"], "my token is ***");
    assert_eq!(exchange["response"]["body"]["value"]["status"], 0);
    for (part, name, value) in
        [("request", "content-type", "application/json"), ("response", "access-control-allow-origin", "*")]
    {
        let headers = exchange[part]["headers"].as_array().expect("a list");
        assert!(headers.contains(&json!([name, value])), "{part}: {headers:?}");
    }
    let minted = full(&kandy, "user_access_token_get").await;
    assert_eq!(minted["caller"], "domain example.com");
    assert_eq!(minted["exchange"]["response"]["body"]["value"]["result"]["user_access_token"], "***");
    assert_eq!(full(&kandy, "domain_access_token_get").await["caller"], "domain example.com");
    for caller in requests(&kandy).await.iter().map(|entry| &entry["caller"]) {
        assert!(caller.is_string(), "{caller}");
    }
    let all = Value::from(requests(&kandy).await).to_string() + &sent.to_string() + &minted.to_string();
    for secret in [&russ.token, &anna.token, &domain.token] {
        assert!(!all.contains(secret.as_str()), "{all}");
    }
}

#[tokio::test]
async fn callers_are_named_as_long_as_they_exist() {
    let kandy = Kandy::start();
    let (_, [russ, ..]) = users(&kandy, ["russ", "anna"]).await;
    kandy.call("device_list", &[("key", &russ.token)]).await;
    kandy.emulator.advance(std::time::Duration::from_secs(24 * 3600));
    kandy.call("device_list", &[("key", &russ.token)]).await;
    kandy.call("device_list", &[("key", "UAT-unknown")]).await;
    kandy.call("device_list", &[]).await;
    let callers: Vec<_> = requests(&kandy).await.iter().map(|entry| entry["caller"].clone()).collect();
    let russ = json!("russ@example.com");
    assert_eq!(callers[callers.len() - 4..], [russ.clone(), russ, Value::Null, Value::Null]);
}

#[tokio::test]
async fn the_whole_log_is_searched() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    for number in 0..250 {
        let user = if number % 100 == 0 { &anna } else { &russ };
        kandy.call("device_list", &[("key", &user.token), ("n", &number.to_string())]).await.result();
    }
    kandy.call("device_list", &[("key", "UAT-unknown"), ("n", "7")]).await;
    let numbers = async |query: &[(&str, &str)]| {
        let request = kandy.http.get(kandy.admin_url("requests")).query(query);
        let (_, found) = admin_response(request).await;
        let found = found["requests"].as_array().expect("a list").iter();
        let values = found.filter_map(|entry| {
            entry["query"].as_array()?.iter().find(|pair| pair[0] == "n").map(|pair| pair[1].clone())
        });
        values.map(|value| value.as_str().expect("a text").parse().expect("a number")).collect::<Vec<u32>>()
    };
    assert_eq!(numbers(&[("search", "ANNA@example.com")]).await, [0, 100, 200]);
    assert_eq!(numbers(&[("search", "anna@"), ("last", "2")]).await, [100, 200]);
    assert_eq!(numbers(&[("search", "N=249&")]).await, [249]);
    assert_eq!(numbers(&[("search", "device_list"), ("failed", "true")]).await, [7]);
    assert_eq!(numbers(&[("last", "3")]).await, [248, 249, 7]);
    assert_eq!(numbers(&[("search", "nothing like it")]).await, [0; 0]);
    let id = &requests(&kandy).await.last().expect("a request")["id"].to_string();
    assert_eq!(numbers(&[("last", "2"), ("before", id)]).await, [248, 249]);
    for before in ["0", "1"] {
        assert_eq!(numbers(&[("before", before)]).await, [0; 0]);
    }
}

#[tokio::test]
async fn what_is_not_kept_says_so() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let secret = "CANARY-of-an-unknown-request";
    let unknown = kandy.http.post(kandy.admin_url("../v1.2/no/such/thing")).json(&json!({"a": secret}));
    assert_eq!(admin_response(unknown).await.0, 404);
    let all = requests(&kandy).await;
    let id = &all.last().expect("a request")["id"];
    let (_, found) = admin_response(kandy.http.get(kandy.admin_url(&format!("requests/{id}")))).await;
    assert_eq!(found["exchange"]["request"]["body"]["kind"], "left_out", "{found}");
    assert!(!found.to_string().contains(secret), "{found}");

    for number in 0..5 {
        let user = json!({"user_id": format!("user{number}"), "user_first_name": "x".repeat(40_000)});
        kandy.post("user_create", &[("key", &domain.token)], &user).await.result();
    }
    kandy.call("user_list", &[("key", &domain.token)]).await.result();
    assert_eq!(full(&kandy, "user_list").await["exchange"]["response"]["body"]["kind"], "left_out");

    for (id, http) in [("1", 404), ("no-number", 404)] {
        assert_eq!(admin_response(kandy.http.get(kandy.admin_url(&format!("requests/{id}")))).await.0, http);
    }
    assert_eq!(admin_response(kandy.http.delete(kandy.admin_url("requests/1"))).await.0, 405);
}
