//! Snapshots of every request: method, URL, media type and body, with credentials masked. They are taken from the description
//! of the call, without sockets; each call is also sent to a mock server, where the request has to be the one described.

mod preview;

use crate::support::mock_server::RecordedRequest;

const MESSAGE_ID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";

/// Defines the tests of a builder. `described` takes the request out of it without any I/O, and compares it with its snapshot,
/// whose name is the operation id. `sent` sends it to a mock server, and compares what arrives with what was described.
macro_rules! request_snapshots {
    ($($test:ident: $operation:literal $(@ $form:literal)? => |$kandy:ident| $call:expr;)*) => {
        $(mod $test {
            #[allow(unused_imports, reason = "not every call needs what its file imports")]
            use super::*;

            #[test]
            fn described() {
                let client = $crate::requests::offline_client();
                let $kandy = &client;
                let preview = futures_util::FutureExt::now_or_never(kandy::CallBuilder::preview($call));
                let preview = preview.expect("no I/O").expect("a preview");
                assert_eq!(preview.operation().id, $operation);
                $crate::requests::assert_preview_snapshot(concat!($operation $(, "@", $form)?), &preview);
            }

            #[tokio::test]
            async fn sent() {
                let server = $crate::support::mock_server::MockServer::start().await;
                let $kandy = &server.kandy;
                let preview = kandy::CallBuilder::preview($call).await.expect("a preview");
                assert!(server.requests().is_empty(), "a preview sends nothing");
                $call.await.expect("the example is a success");
                $crate::requests::preview::assert_matches(&preview, &server.only_request());
            }
        })*
    };
}

/// Defines a test that compares what arrives at a mock server with a snapshot: of a call that is no builder, or of a form.
macro_rules! request_snapshots_without_preview {
    ($($test:ident: $operation:literal $(@ $form:literal)? => |$kandy:ident| $call:expr;)*) => {
        $(#[tokio::test]
        async fn $test() {
            let server = $crate::support::mock_server::MockServer::start().await;
            let $kandy = &server.kandy;
            $call.await.expect("the example is a success");
            let request = server.only_request();
            assert_eq!(request.operation().id, $operation);
            $crate::requests::assert_snapshot(concat!($operation $(, "@", $form)?), &request);
        })*
    };
}

mod account;
mod address_book;
mod content;
mod conversation;
mod device;
mod directory;
mod domain;
mod group;
mod hunt_group;
mod presence;
mod profile;
mod session;
mod user;
mod verification;

/// Returns a client of a service that does not exist.
fn offline_client() -> kandy::Kandy {
    kandy::Kandy::builder().base_url("https://kandy.invalid/v1.2").build().expect("a client")
}

/// Compares the request of a call that was not sent with its snapshot.
fn assert_preview_snapshot(name: &str, preview: &kandy::Preview) {
    assert_text_snapshot(name, &format!("{preview}\n"));
}

/// Compares a request that was sent with its snapshot.
fn assert_snapshot(name: &str, request: &RecordedRequest) {
    assert_text_snapshot(name, &format_request(request));
}

fn assert_text_snapshot(name: &str, text: &str) {
    // The default folder of insta is the checkout that compiled the test.
    let snapshots = kandy_checkout::expect_root().join("crates/kandy/tests/it/snapshots");
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => snapshots, omit_expression => true}, {
        insta::assert_snapshot!(name, text);
    });
}

/// Formats a request for its snapshot.
fn format_request(request: &RecordedRequest) -> String {
    let mut text = format!("{} {}\n", request.method, request.path);
    for (name, value) in &request.query {
        text += &format!("  {name}={}\n", if is_secret(request, name) { "***" } else { value });
    }
    for (name, value) in &request.headers {
        match name.as_str() {
            // Different in each run, as is the boundary below, or in each release, as is the version.
            "host" | "content-length" => {}
            "content-type" if !boundary(request).is_empty() => {
                text += &format!("{name}: {}\n", value.replace(boundary(request), "BOUNDARY"))
            }
            "user-agent" => text += &format!("{name}: {}\n", value.replace(env!("CARGO_PKG_VERSION"), "VERSION")),
            _ => text += &format!("{name}: {value}\n"),
        }
    }
    if !boundary(request).is_empty() {
        let body = std::str::from_utf8(&request.body).expect("a form with a text");
        text += &format!("\n{}", body.replace(boundary(request), "BOUNDARY").replace("\r\n", "\n"));
    } else if !request.body.is_empty() {
        let mut body = serde_json::from_slice(&request.body).expect("JSON");
        mask(&mut body);
        text += &format!("\n{body:#}\n");
    }
    text
}

/// Returns whether a parameter of a request is a credential.
fn is_secret(request: &RecordedRequest, name: &str) -> bool {
    name == "key" || request.operation().parameters.iter().any(|known| known.secret && known.name == name)
}

/// Returns the boundary between the parts of a multipart form; empty if the body is no form.
fn boundary(request: &RecordedRequest) -> &str {
    request.header("content-type").and_then(|value| value.split_once("boundary=")).map_or("", |(_, boundary)| boundary)
}

/// Masks the members of a body that are credentials.
fn mask(body: &mut serde_json::Value) {
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        match name.ends_with("_password") || name == "validation_code" {
            true => *value = "***".into(),
            false => mask(value),
        }
    }
}
