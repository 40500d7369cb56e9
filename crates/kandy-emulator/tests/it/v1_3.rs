//! Version v1.3 of the API.

use http::Method;
use kandy_sys::{OPERATIONS, Operation};
use serde_json::{Value, json};

use crate::fixture::{Kandy, envelope};

/// The operations that were seen on v1.3 only.
fn newer() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|operation| operation.version == "v1.3")
}

#[tokio::test]
async fn new_operations_exist_below_v1_3_only() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    assert!(newer().next().is_some(), "the operations of v1.3 were not found");
    for operation in newer() {
        let key = [("key", domain.token.as_str())];
        let response = kandy.call(operation.id, &key).await;
        let example: Value = serde_json::from_str(operation.example).expect("JSON");
        assert_eq!((response.http, &response.json), (200, &example), "{operation}");
        let refused = kandy.call(operation.id, &[("key", &user.token)]).await;
        assert_eq!(refused.status(), 11, "{operation} is for domains");

        let (method, url) = (operation.method.clone(), kandy.url(operation.path));
        let older = envelope(kandy.http.request(method, &url).query(&key)).await;
        assert_eq!((older.http, older.status()), (404, 18), "{operation} on v1.2");
        let other = envelope(kandy.http.request(Method::PATCH, &url)).await;
        assert_eq!((other.http, other.status()), (404, 18), "{operation} on v1.2");
    }
}

#[tokio::test]
async fn other_operations_exist_below_both() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let base_url = kandy.emulator.base_url_of("v1.3").expect("it is served");
    let minted = kandy
        .http
        .get(format!("{base_url}/domains/AccessTokens"))
        .query(&[("key", &domain.key), ("domain_api_secret", &domain.secret)]);
    let token = envelope(minted).await.text("domain_access_token");
    // Both share tokens, users and armed faults.
    for token in [&token, &domain.token] {
        for base_url in [&base_url, kandy.emulator.base_url()] {
            let users = envelope(kandy.http.get(format!("{base_url}/domains/users/")).query(&[("key", token)])).await;
            assert_eq!(users.result(), &json!({"users": []}), "{base_url}");
        }
    }
    let last = kandy.emulator.requests().pop().expect("the last");
    let asked = kandy.emulator.requests().into_iter().filter(|request| request.path == "/v1.3/domains/users/").count();
    assert_eq!((last.path.as_str(), asked), ("/v1.2/domains/users/", 2));
    let wrong = envelope(kandy.http.put(format!("{base_url}/domains/users")).query(&[("key", &token)])).await;
    assert_eq!((wrong.http, wrong.status()), (405, 18));
}
