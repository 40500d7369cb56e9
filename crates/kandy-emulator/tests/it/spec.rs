//! The spec, as the emulator serves it.

use reqwest::{Method, header};
use serde_json::Value;

use crate::fixture::Kandy;

async fn get(kandy: &Kandy, name: &str) -> (String, String) {
    let response = kandy.http.get(kandy.admin_url(name)).send().await.expect("a response");
    assert_eq!(response.status(), 200, "{name}");
    let content_type = response.headers()[header::CONTENT_TYPE].to_str().expect("text").to_owned();
    (content_type, response.text().await.expect("text"))
}

#[tokio::test]
async fn the_published_spec_is_served_and_the_same_as_json() {
    let kandy = Kandy::start();
    let path = kandy_checkout::expect_root().join("openapi/kandy.yaml");
    let published = std::fs::read_to_string(path).expect("the published spec");
    let (content_type, yaml) = get(&kandy, "openapi.yaml").await;
    assert_eq!(content_type, "application/yaml");
    // No `assert_eq`, which would print both files.
    assert!(yaml == published, "it differs from openapi/kandy.yaml; run `cargo xtask generate`");

    let (content_type, json) = get(&kandy, "openapi.json").await;
    assert_eq!(content_type, "application/json");
    let spec: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(spec["openapi"], "3.0.3");
    let items = spec["paths"].as_object().expect("paths").iter();
    let served: Vec<_> = items
        .flat_map(|(path, item)| item.as_object().expect("an object").iter().map(move |(verb, of)| (path, verb, of)))
        .collect();
    assert_eq!(served.len(), kandy_sys::OPERATIONS.len());
    for (path, verb, described) in served {
        let id = described["operationId"].as_str().expect("an id");
        let operation = kandy_sys::Operation::find(id).expect("part of the API");
        assert_eq!((operation.path, operation.method.as_str()), (path.as_str(), &*verb.to_ascii_uppercase()), "{id}");
        assert_eq!(described["summary"], operation.summary, "{id}");
    }
    assert!(kandy.emulator.requests().is_empty(), "it is no request to the API");
}

#[tokio::test]
async fn the_spec_is_read_only_and_not_for_pages_of_other_origins() {
    let kandy = Kandy::start();
    for name in ["openapi.yaml", "openapi.json"] {
        let send = async |method: Method, name: &str, header: (&'static str, &'static str)| {
            let request = kandy.http.request(method, kandy.admin_url(name)).header(header.0, header.1);
            request.send().await.expect("a response").status().as_u16()
        };
        assert_eq!(send(Method::GET, name, ("sec-fetch-site", "same-origin")).await, 200, "{name}");
        assert_eq!(send(Method::GET, name, ("sec-fetch-site", "cross-site")).await, 403, "{name}");
        assert_eq!(send(Method::GET, name, ("host", "evil.example.com")).await, 403, "{name}");
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            assert_eq!(send(method, name, ("accept", "*/*")).await, 404, "{name}");
        }
    }
}
