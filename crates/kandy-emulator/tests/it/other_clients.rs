//! Forms of requests that clients by others send, and what these clients read in the responses.
//!
//! Each row names the kind of client that showed it. The clients are public programs in eight languages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{Kandy, envelope, users};

/// Clients with a base URL that ends in a slash, and clients of the first releases, whose default is v1.1.
#[tokio::test]
async fn paths_of_other_versions_and_with_two_slashes_are_served() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let root = kandy.emulator.base_url().trim_end_matches("/v1.2").to_owned();
    for path in
        ["/v1.1/accounts/domains", "/v1.2//accounts/domains", "//v1.1//accounts//domains/", "/V1.1/Accounts/Domains"]
    {
        let response = envelope(kandy.http.get(format!("{root}{path}")).query(&[("key", &token)])).await;
        assert_eq!(response.status(), 0, "{path}");
    }
    // The operations that were seen on v1.3 only stay unknown below v1.1.
    let unknown = envelope(kandy.http.get(format!("{root}/v1.1/domains/billing/packages/all"))).await;
    assert_eq!((unknown.http, unknown.status()), (404, 18));
    let base_url = kandy.emulator.base_url_of("v1.1").expect("a version that is served");
    assert_eq!(base_url, format!("{root}/v1.1"));
}

/// Browsers and proxies ask with HEAD; a response to it has no body.
#[tokio::test]
async fn head_is_served_where_get_is() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let head = kandy.http.request(Method::HEAD, kandy.url("/accounts/domains")).query(&[("key", &token)]);
    let response = head.send().await.expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    assert!(response.bytes().await.expect("a body").is_empty());
}

/// PHP's `http_build_query`, jQuery and Rack write nested data as a form.
#[tokio::test]
async fn nested_forms_are_read_as_json() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let device = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    let send = |operation: &'static str, form: Vec<(&'static str, String)>| {
        let request = kandy.request(operation, &device).form(&form);
        envelope(request)
    };
    let sms = vec![
        ("message[source]", "+11234567890".to_owned()),
        ("message[destination]", "+12245556666".to_owned()),
        ("message[message][text]", "a & b = c".to_owned()),
    ];
    assert_eq!(send("sms_send", sms).await.status(), 0);
    let outbox = kandy.emulator.sms();
    assert_eq!((outbox[0].destination.as_str(), outbox[0].text.as_str()), ("+12245556666", "a & b = c"));

    let message = vec![
        ("message[contentType]", "text".to_owned()),
        ("message[destination]", anna.full_id.clone()),
        ("message[UUID]", "abc2fa752c3c4edf97de8b0a12f622f0".to_owned()),
        ("message[message][mimeType]", "text/plain".to_owned()),
        ("message[message][text]", "Hi".to_owned()),
    ];
    assert_eq!(send("message_send", message).await.status(), 0);
    let pending = kandy.messages(&anna.token, &anna.device).await;
    assert_eq!(pending[0]["message"]["text"], "Hi");

    let contacts = vec![
        ("contacts[0][firstName]", "John".to_owned()),
        ("contacts[0][numbers][]", "+14055671234".to_owned()),
        ("contacts[1][numbers][0]", "+14055671235".to_owned()),
    ];
    assert_eq!(send("device_address_book_upload", contacts).await.status(), 0);
    let book = kandy.call("device_address_book_get", &device).await;
    let numbers: Vec<_> =
        book.result()["contacts"].as_array().expect("a list").iter().map(|one| &one["number"]).collect();
    assert_eq!(numbers.len(), 2, "{}", book.json);

    // JSON in spite of the content type of a form, as curl sends it by default.
    let json = json!({"message": {"destination": "+12245556667", "message": {"text": "Hi"}}}).to_string();
    let request = kandy.request("sms_send", &device).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(envelope(request.body(json)).await.status(), 0);
    assert_eq!(kandy.emulator.sms().len(), 2);
    for (operation, key, json) in [
        ("user_create", &domain.token, json!({"user_id": "bert"})),
        ("device_create", &russ.token, json!({"device_native_id": "n"})),
        ("group_create", &russ.token, json!({"group_name": "Friends"})),
    ] {
        let request = kandy.request(operation, &[("key", key)]).body(json.to_string());
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(envelope(request).await.status(), 0, "{operation}");
    }
}

/// Live clients read `result.user`; those written from the documentation read `result.users[0]`.
#[tokio::test]
async fn user_details_have_both_forms() {
    let kandy = Kandy::start();
    let (domain, [russ]) = users(&kandy, ["russ"]).await;
    let query = [("key", domain.token.as_str()), ("user_access_token", &russ.token)];
    let details = kandy.call("user_get", &query).await;
    let result: &Value = details.result();
    assert_eq!(result["user"]["user_id"], "russ");
    assert_eq!(result["users"], json!([result["user"]]));
}
