//! Operations of the tag Device.

use kandy_sys::{SmsEncoding, types::Contact};
use serde_json::json;

use crate::fixture::{Kandy, text_message};

const UUID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";

#[tokio::test]
async fn address_book_is_listed_and_cleared() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let query = [("key", user.token.as_str()), ("device_id", user.device.as_str())];
    assert_eq!(kandy.call("device_address_book_get", &query).await.result(), &json!({"contacts": []}));

    let john = Contact { number: Some("+14055671234".into()), first_name: Some("John".into()), ..Contact::default() };
    kandy.emulator.add_contact(&user.device, john.clone()).expect("a contact");
    let book = kandy.call("device_address_book_get", &query).await;
    let expected = json!({"contacts": [{
        "number": "+14055671234",
        "contactId": "",
        "deviceId": user.device,
        "firstName": "John",
        "hintType": "none",
    }]});
    assert_eq!(book.result(), &expected);

    assert_eq!(kandy.call("device_address_book_delete", &query).await.message(), "success");
    assert_eq!(kandy.call("device_address_book_get", &query).await.result(), &json!({"contacts": []}));
    assert_eq!(kandy.emulator.add_contact("nothing", john).expect_err("no device").status.0, 53);
    assert_eq!(kandy.emulator.add_contact(&user.device, Contact::default()).expect_err("no number").status.0, 15);
}

#[tokio::test]
async fn message_stays_on_each_device_until_deleted() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let body = json!({"device_native_id": "second"});
    let second = kandy.post("device_create", &[("key", &anna.token)], &body).await.text("device_id");
    let from = [("key", russ.token.as_str()), ("device_id", russ.device.as_str())];
    for uuid in [UUID, "2"] {
        assert_eq!(kandy.post("message_send", &from, &text_message(&anna.full_id, uuid)).await.status(), 0);
    }

    let pending = kandy.messages(&anna.token, &anna.device).await;
    let timestamp = pending[0]["timestamp"].as_str().expect("a text");
    assert!(timestamp.len() == 13 && timestamp.bytes().all(|digit| digit.is_ascii_digit()), "{timestamp}");
    let expected = json!({
        "messageType": "chat",
        "contentType": "text",
        "destination": "anna@example.com",
        "sender": {"user_id": "russ", "domain_name": "example.com", "full_user_id": "russ@example.com"},
        "UUID": UUID,
        "timestamp": timestamp,
        "message": {"mimeType": "text/plain", "text": "let's meet tonight"},
    });
    assert_eq!((pending.len(), &pending[0]), (2, &expected));
    assert!(kandy.messages(&russ.token, &russ.device).await.is_empty());

    let list = format!(r#"["{UUID}", "unknown"]"#);
    let query = [("key", anna.token.as_str()), ("device_id", anna.device.as_str()), ("messages", list.as_str())];
    for _ in 0..2 {
        assert_eq!(kandy.call("message_delete", &query).await.status(), 0, "it may be repeated");
    }
    let left = kandy.messages(&anna.token, &anna.device).await;
    assert_eq!((left.len(), &left[0]["UUID"]), (1, &json!("2")));
    assert_eq!(kandy.messages(&anna.token, &second).await.len(), 2);
    for messages in ["", "null", "{}", "[1]", "[", UUID] {
        let status = if messages.is_empty() { 15 } else { 16 };
        let query = [query[0], query[1], ("messages", messages)];
        assert_eq!(kandy.call("message_delete", &query).await.status(), status, "{messages}");
    }
}

#[tokio::test]
async fn deletes_more_than_ten_messages() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let uuids: Vec<_> = (0..15).map(|n| n.to_string()).collect();
    for uuid in &uuids {
        let from = [("key", russ.token.as_str()), ("device_id", russ.device.as_str())];
        kandy.post("message_send", &from, &text_message(&anna.full_id, uuid)).await;
    }
    assert_eq!(kandy.messages(&anna.token, &anna.device).await.len(), 15);
    let messages = json!(uuids).to_string();
    let query = [("key", anna.token.as_str()), ("device_id", &anna.device), ("messages", &messages)];
    assert_eq!(kandy.call("message_delete", &query).await.status(), 0);
    assert!(kandy.messages(&anna.token, &anna.device).await.is_empty());
}

#[tokio::test]
async fn invalid_message_is_refused() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let third = kandy.user(&domain, "third").await;
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    let with = |member: &str, value| {
        let mut body = text_message(&anna.full_id, UUID);
        body["message"][member] = value;
        body
    };
    let from = [("key", russ.token.as_str()), ("device_id", russ.device.as_str())];
    for (body, status) in [
        (json!({}), 15),
        (json!([]), 14),
        (json!({"message": "text"}), 16),
        (with("contentType", json!(null)), 15),
        (with("contentType", json!({})), 16),
        (with("UUID", json!("")), 15),
        (with("destination", json!(null)), 15),
        (with("destination", json!("anna")), 51),
        (with("destination", json!("nobody@example.com")), 53),
        (with("destination", json!("anna@nowhere.com")), 53),
        (with("destination", json!(stranger.full_id)), 53),
        (with("message", json!(null)), 15),
        (with("message", json!("text")), 16),
        (with("additional_data", json!(1)), 16),
        (with("destination", json!("anna@EXAMPLE.com")), 0),
    ] {
        assert_eq!(kandy.post("message_send", &from, &body).await.status(), status, "{body}");
    }
    let body = text_message(&anna.full_id, UUID);
    for (device, status) in [(third.device.as_str(), 53), ("nothing", 53), ("", 15)] {
        let query = [from[0], ("device_id", device)];
        assert_eq!(kandy.post("message_send", &query, &body).await.status(), status, "{device}");
    }
}

#[tokio::test]
async fn unknown_content_is_delivered_unchanged() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let mut body = text_message(&anna.full_id, UUID);
    body["message"]["contentType"] = json!("a new one");
    body["message"]["additional_data"] = json!({"a": [1, null]});
    body["message"]["message"] = json!({"mimeType": "location/utm", "media_map_zoom": 10, "nested": {"b": 1.5}});
    kandy.post("message_send", &[("key", &russ.token), ("device_id", &russ.device)], &body).await;
    let pending = &kandy.messages(&anna.token, &anna.device).await[0];
    for member in ["contentType", "additional_data", "message"] {
        assert_eq!(pending[member], body["message"][member]);
    }
}

#[tokio::test]
async fn sms_are_kept_in_the_outbox() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let query = [("key", user.token.as_str()), ("device_id", user.device.as_str())];
    let sms = |destination, text| json!({"message": {"destination": destination, "message": {"text": text}}});
    for (body, status) in [
        (sms(json!("12245556666"), json!("Hello")), 0),
        (sms(json!(12_245_556_666_i64), json!(1)), 0),
        (sms(json!(""), json!("Hello")), 15),
        (sms(json!("+12245556666"), json!(null)), 15),
        (sms(json!("Teacher"), json!("Hello")), 16),
        (sms(json!("+"), json!("Hello")), 16),
        (sms(json!([]), json!("Hello")), 16),
        (json!({}), 15),
        (json!({"message": {"destination": "12245556666"}}), 15),
        (json!({"message": {"destination": "12245556666", "message": "Hello"}}), 16),
        (json!({"message": {"source": {}, "destination": "12245556666", "message": {"text": "Hello"}}}), 16),
    ] {
        assert_eq!(kandy.post("sms_send", &query, &body).await.status(), status, "{body}");
    }
    let body = json!({"message": {"source": "Teacher", "destination": "+12245556666", "message": {"text": "Grüße"}}});
    assert_eq!(kandy.post("sms_send", &query, &body).await.status(), 0);
    let sent = kandy.emulator.sms();
    assert_eq!(sent.len(), 3);
    let last = &sent[2];
    assert_eq!((last.sender.as_str(), last.source.as_deref()), ("russ@example.com", Some("Teacher")));
    assert_eq!((last.destination.as_str(), last.text.as_str()), ("+12245556666", "Grüße"));
    assert_eq!((&last.device_id, &sent[0].source), (&user.device, &None));
}

#[tokio::test]
async fn the_outbox_counts_segments() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let query = [("key", user.token.as_str()), ("device_id", user.device.as_str())];
    // The figures are those of 3GPP TS 23.038 and 23.040, as the unit tests of the count have them in detail.
    for (text, encoding, segments) in [
        ("Hello".to_owned(), SmsEncoding::Gsm7, 1),
        ("a".repeat(161), SmsEncoding::Gsm7, 2),
        (format!("{}€{}", "a".repeat(152), "a".repeat(152)), SmsEncoding::Gsm7, 3),
        ("ç".to_owned(), SmsEncoding::Ucs2, 1),
        ("😎".repeat(67), SmsEncoding::Ucs2, 3),
    ] {
        let body = json!({"message": {"destination": "+12245556666", "message": {"text": text}}});
        assert_eq!(kandy.post("sms_send", &query, &body).await.status(), 0);
        let sms = kandy.emulator.sms().pop().expect("the last");
        assert_eq!((sms.text, sms.encoding, sms.segments), (text, encoding, segments));
    }
}
