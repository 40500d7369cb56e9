//! Pins the shape of every request: method, path, query, headers and body, with credentials masked. Each preview is held
//! against what is sent.

#[path = "requests/preview.rs"]
mod preview;
mod support;

use support::{Recorded, Recorder};

const MESSAGE_ID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";

/// Makes a test of a builder: sends it to a recorder, compares the one request with its snapshot, which is named after
/// the operation, and its preview with the request.
macro_rules! pins {
    ($($test:ident: $operation:literal $(@ $form:literal)? => |$kandy:ident| $call:expr;)*) => {
        $(#[tokio::test]
        async fn $test() {
            let recorder = $crate::Recorder::start().await;
            let $kandy = &recorder.kandy;
            let preview = kandy::CallBuilder::preview($call).await.expect("a preview");
            assert!(recorder.requests().is_empty(), "a preview sends nothing");
            $call.await.expect("the example is a success");
            let request = recorder.only();
            assert_eq!(request.operation().id, $operation);
            $crate::preview::is_of(&preview, &request);
            $crate::pin(concat!($operation $(, "@", $form)?), &request);
        })*
    };
}

/// The same of a call that is no builder, and so has no preview.
macro_rules! pins_without_preview {
    ($($test:ident: $operation:literal $(@ $form:literal)? => |$kandy:ident| $call:expr;)*) => {
        $(#[tokio::test]
        async fn $test() {
            let recorder = $crate::Recorder::start().await;
            let $kandy = &recorder.kandy;
            $call.await.expect("the example is a success");
            let request = recorder.only();
            assert_eq!(request.operation().id, $operation);
            $crate::pin(concat!($operation $(, "@", $form)?), &request);
        })*
    };
}

#[path = "requests/account.rs"]
mod account;
#[path = "requests/address_book.rs"]
mod address_book;
#[path = "requests/content.rs"]
mod content;
#[path = "requests/conversation.rs"]
mod conversation;
#[path = "requests/device.rs"]
mod device;
#[path = "requests/directory.rs"]
mod directory;
#[path = "requests/domain.rs"]
mod domain;
#[path = "requests/group.rs"]
mod group;
#[path = "requests/hunt_group.rs"]
mod hunt_group;
#[path = "requests/presence.rs"]
mod presence;
#[path = "requests/profile.rs"]
mod profile;
#[path = "requests/session.rs"]
mod session;
#[path = "requests/user.rs"]
mod user;
#[path = "requests/verification.rs"]
mod verification;

fn pin(name: &str, request: &Recorded) {
    // Where insta looks by itself is where the test was compiled.
    let snapshots = kandy_checkout::expect_root().join("crates/kandy/tests/snapshots");
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => snapshots, omit_expression => true}, {
        insta::assert_snapshot!(name, shape(request));
    });
}

/// The shape of a request, as text for people.
fn shape(request: &Recorded) -> String {
    let mut text = format!("{} {}\n", request.method, request.path);
    for (name, value) in &request.query {
        text += &format!("  {name}={}\n", if is_secret(request, name) { "***" } else { value });
    }
    for (name, value) in &request.headers {
        match name.as_str() {
            // These differ from run to run, or from release to release.
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

/// Whether a parameter of a request is a credential.
fn is_secret(request: &Recorded, name: &str) -> bool {
    name == "key" || request.operation().parameters.iter().any(|known| known.secret && known.name == name)
}

/// What stands between the parts of a form; empty if the body is none. It differs each time.
fn boundary(request: &Recorded) -> &str {
    request.header("content-type").and_then(|value| value.split_once("boundary=")).map_or("", |(_, boundary)| boundary)
}

/// Hides the members of a body that are credentials.
fn mask(body: &mut serde_json::Value) {
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        match name.ends_with("_password") || name == "validation_code" {
            true => *value = "***".into(),
            false => mask(value),
        }
    }
}
