//! Operations of the tag User: tokens and devices.

use serde_json::{Value, json};

use crate::fixture::{Kandy, is_credential};

#[tokio::test]
async fn token_needs_secret_or_password() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    assert!(is_credential(&user.token, "UAT"));
    let (key, id) = (("key", domain.key.as_str()), ("user_id", user.id.as_str()));
    let (secret, password) = (("domain_api_secret", domain.secret.as_str()), ("user_password", user.password.as_str()));
    for (query, status) in [
        (vec![key, id, password], 0),
        (vec![key, id, secret, password], 0),
        (vec![key, id, password, ("client_sw_type", "JS"), ("kandy_device_id", "")], 0),
        (vec![key, id], 15),
        (vec![key, secret], 15),
        (vec![id, secret], 15),
        (vec![key, id, ("domain_api_secret", "DASwrong")], 55),
        (vec![key, id, ("user_password", "wrong123")], 55),
        (vec![key, id, secret, ("user_password", "wrong123")], 55),
        (vec![("key", "DAKnobody"), id, secret], 55),
        (vec![("key", user.token.as_str()), id, secret], 55),
        (vec![key, ("user_id", "nobody"), secret], 53),
        (vec![key, ("user_id", user.full_id.as_str()), secret], 51),
    ] {
        assert_eq!(kandy.call("user_access_token_get", &query).await.status(), status, "{query:?}");
    }
}

#[tokio::test]
async fn device_lifecycle() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let key = ("key", user.token.as_str());
    let body = json!({
        "device_native_id": "353897050000000",
        "device_family": "Windows",
        "device_name": "Windows Phone 8",
        "client_sw_version": "0102001",
        "device_os_version": "8.0.10328.78",
    });
    let id = kandy.post("device_create", &[key], &body).await.text("device_id");
    assert!(id.len() == 32 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'A'..=b'F')), "{id}");

    let listed = kandy.call("device_list", &[key]).await;
    let devices = listed.result()["devices"].as_array().expect("a list");
    assert_eq!((devices.len(), &devices[0]["id"]), (2, &json!(user.device)));
    let registered = devices[1]["registrationTimestamp"].as_str().expect("a moment");
    assert!(registered.len() == "2016-12-10T18:30:53.597".len() && registered.as_bytes()[10] == b'T', "{registered}");
    let expected = json!({
        "id": id,
        "nativeID": "353897050000000",
        "family": "Windows",
        "name": "Windows Phone 8",
        "osVersion": "8.0.10328.78",
        "clientVersion": "102001",
        "registrationTimestamp": registered,
    });
    assert_eq!(devices[1], expected);

    let deleted = kandy.call("device_delete", &[key, ("device_id", &id)]).await;
    assert_eq!((deleted.status(), deleted.message()), (0, "Device Deleted"));
    for (id, status) in [(id.as_str(), 53), ("", 15), ("nothing", 53), (&user.device, 0)] {
        assert_eq!(kandy.call("device_delete", &[key, ("device_id", id)]).await.status(), status, "{id}");
    }
    assert_eq!(kandy.call("device_list", &[key]).await.result(), &json!({"devices": []}));
}

#[tokio::test]
async fn device_needs_native_id_only() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    for (native_id, status) in [(json!("x"), 0), (json!(12_345_678_901_234_i64), 0), (Value::Null, 15), (json!([]), 16)]
    {
        let body = json!({"device_native_id": native_id});
        assert_eq!(kandy.post("device_create", &[("key", &user.token)], &body).await.status(), status, "{body}");
    }
}

#[tokio::test]
async fn device_of_another_user_is_unknown() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let query = [("key", russ.token.as_str()), ("device_id", &anna.device), ("messages", "[]")];
    for operation in
        ["device_delete", "device_address_book_get", "device_address_book_delete", "message_list", "message_delete"]
    {
        assert_eq!(kandy.call(operation, &query).await.status(), 53, "{operation}");
        assert_eq!(kandy.call(operation, &query[..1]).await.status(), 15, "{operation}");
    }
    assert_eq!(kandy.emulator.state().devices, 2);
}
