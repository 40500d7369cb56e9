//! Pins the shape of every request: method, path, query, headers and body, with credentials masked.

mod support;

use kandy::{ContentType, MessageContent};
use support::{
    Recorded, Recorder,
    handles::{account, device, domain, group, user},
};

const MESSAGE_ID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";

/// Makes a test of a call: sends it to a recorder, and compares the one request with its snapshot, which is
/// named after the operation.
macro_rules! pins {
    ($($test:ident: $operation:literal $(@ $form:literal)? => |$kandy:ident| $call:expr;)*) => {
        $(#[tokio::test]
        async fn $test() {
            let recorder = Recorder::start().await;
            let $kandy = &recorder.kandy;
            $call.await.expect("the example is a success");
            let request = recorder.only();
            assert_eq!(request.operation().id, $operation);
            pin(concat!($operation $(, "@", $form)?), &request);
        })*
    };
}

pins! {
    account_access_token_get: "account_access_token_get" => |kandy| kandy.account("AAK-key", "AAS-secret").access_token();
    account_access_token_delete: "account_access_token_delete" => |kandy| {
        kandy.account("AAK-key", "AAS-secret").revoke_access_token().token("AAT-token")
    };
    domain_create: "domain_create" => |kandy| account(kandy).create_domain("example.com").project_name("My project");
    domain_create_bare: "domain_create" @ "bare" => |kandy| account(kandy).create_domain("example.com");
    domain_delete: "domain_delete" => |kandy| account(kandy).delete_domain("DAK-key");
    domain_list: "domain_list" => |kandy| account(kandy).domains();
    domain_access_token_get: "domain_access_token_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").access_token();
    domain_access_token_delete: "domain_access_token_delete" => |kandy| {
        kandy.domain("DAK-key", "DAS-secret").revoke_access_token().token("DAT-token")
    };
    domain_get: "domain_get" => |kandy| domain(kandy).details();
    user_create_by_phone_number: "user_create_by_phone_number" => |kandy| {
        domain(kandy).create_user_by_phone("3524096582", "US")
    };
    user_create: "user_create" => |kandy| {
        domain(kandy)
            .create_user("russ")
            .country_code("US")
            .first_name("Russ")
            .last_name("Élan & Sons")
            .email("russ@example.com")
            .password("b0e4c71d674744")
    };
    user_create_bare: "user_create" @ "bare" => |kandy| domain(kandy).create_user("russ");
    user_delete: "user_delete" => |kandy| domain(kandy).delete_user("UAK-key");
    user_delete_by_password: "user_delete" @ "by_password" => |kandy| {
        domain(kandy).delete_user_by_password("russ", "b0e4c71d674744")
    };
    user_list: "user_list" => |kandy| domain(kandy).users();
    user_get: "user_get" => |kandy| domain(kandy).user_details("UAK-key");
    user_get_by_token: "user_get" @ "by_token" => |kandy| domain(kandy).user_details_by_token("UAT-token");
    user_access_token_get: "user_access_token_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").user("russ").access_token();
    user_access_token_get_by_password: "user_access_token_get" @ "by_password" => |kandy| {
        async { kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744").access_token().await }
    };
    device_create: "device_create" => |kandy| {
        user(kandy)
            .create_device("12345678901234")
            .family("iphone")
            .name("iphone6")
            .client_sw_version("0102001")
            .os_version("8.0")
    };
    device_create_bare: "device_create" @ "bare" => |kandy| user(kandy).create_device("12345678901234");
    device_delete: "device_delete" => |kandy| user(kandy).delete_device("A149EBB9A69D4E66B62D26FBDEF440C5");
    device_list: "device_list" => |kandy| user(kandy).devices();
    device_address_book_get: "device_address_book_get" => |kandy| device(kandy).address_book();
    device_address_book_delete: "device_address_book_delete" => |kandy| device(kandy).delete_address_book();
    message_send: "message_send" => |kandy| {
        device(kandy).send_message("anna@example.com", "let's meet tonight").message_id(MESSAGE_ID)
    };
    message_send_location: "message_send" @ "location" => |kandy| {
        let place = MessageContent::new(ContentType::Location, "location/utm")
            .field("location_latitude", 48.2)
            .field("location_longitude", 16.37)
            .field("media_map_zoom", 10);
        device(kandy).send_message("anna@example.com", place).message_id(MESSAGE_ID)
    };
    message_list: "message_list" => |kandy| device(kandy).pending_messages();
    message_list_with_clock: "message_list" @ "with_clock" => |kandy| {
        device(kandy).pending_messages().client_timestamp(1_409_754_477_079)
    };
    message_delete: "message_delete" => |kandy| {
        device(kandy).delete_messages(["bcd2fa752c3c4fdf97d08b0a48f622f0", "080eccac-08d5-4c9a-9490-58f3a633a30c"])
    };
    sms_send: "sms_send" => |kandy| device(kandy).send_sms("+12245556666", "Hello, Kandy SMS! 👋").from("+11234567890");
    sms_send_bare: "sms_send" @ "bare" => |kandy| device(kandy).send_sms("+12245556666", "Hello");
    group_get: "group_get" => |kandy| group(kandy).details();
    group_message_send: "group_message_send" => |kandy| group(kandy).send_message("Hello, all").message_id(MESSAGE_ID);
}

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
            "user-agent" => text += &format!("{name}: {}\n", value.replace(env!("CARGO_PKG_VERSION"), "VERSION")),
            _ => text += &format!("{name}: {value}\n"),
        }
    }
    if !request.body.is_empty() {
        let mut body = serde_json::from_slice(&request.body).expect("JSON");
        mask(&mut body);
        text += &format!("\n{body:#}\n");
    }
    text
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
