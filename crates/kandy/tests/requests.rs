//! Pins the shape of every request: method, path, query, headers and body, with credentials masked.

mod support;

use support::{Recorded, Recorder};

const MESSAGE_ID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";

/// Makes a test of a call: sends it to a recorder, and compares the one request with its snapshot, which is
/// named after the operation.
macro_rules! pins {
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
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => "snapshots", omit_expression => true}, {
        insta::assert_snapshot!(name, shape(request));
    });
}

/// The shape of a request, as text for people.
fn shape(request: &Recorded) -> String {
    let secret = |name: &str| {
        let parameters = request.operation().parameters;
        name == "key" || parameters.iter().any(|parameter| parameter.secret && parameter.name == name)
    };
    let mut text = format!("{} {}\n", request.method, request.path);
    for (name, value) in &request.query {
        text += &format!("  {name}={}\n", if secret(name) { "***" } else { value });
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

/// What stands between the parts of a form; empty if the body is none. It differs each time.
fn boundary(request: &Recorded) -> &str {
    request.header("content-type").and_then(|value| value.split_once("boundary=")).map_or("", |(_, boundary)| boundary)
}

/// Hides the members of a body that are credentials.
fn mask(body: &mut serde_json::Value) {
    for (name, value) in body.as_object_mut().into_iter().flatten() {
        match name.ends_with("_password") {
            true => *value = "***".into(),
            false => mask(value),
        }
    }
}
