//! The emulator accepts the phone numbers that `kandy_sys::PhoneNumber` accepts, and no others.

use kandy_sys::PhoneNumber;
use serde_json::json;

use crate::fixture::Kandy;

/// Forms that clients and lists send, with the expected result.
const NUMBERS: &[(&str, bool)] = &[
    ("+12245556666", true),
    ("12245556666", true),
    ("+1-408-475-2222", true),
    ("+1.408.475.2222", true),
    ("(+1) [408] 475 2222", true),
    ("+1 (224)\u{a0}555.0103", true),
    ("+1123456789", true),
    ("+6834000", true),
    ("2245556666", false),
    ("0912345678", false),
    ("001 224 555 0104", false),
    ("12245556666/12245556667", false),
    ("+12245556666 x12", false),
    ("1.2246E+10", false),
    ("12245550101.0", false),
    ("'+12245556666", false),
    ("+44 (0) 20 7946 0018", false),
    ("12345", false),
];

#[tokio::test]
async fn sms_accepts_what_the_rule_accepts() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let query = [("key", user.token.as_str()), ("device_id", user.device.as_str())];
    for (number, is_taken) in NUMBERS {
        assert_eq!(number.parse::<PhoneNumber>().is_ok(), *is_taken, "{number}");
        let body = json!({"message": {"destination": number, "message": {"text": "Hello"}}});
        let status = if *is_taken { 0 } else { 16 };
        assert_eq!(kandy.post("sms_send", &query, &body).await.status(), status, "{number}");
    }
    let taken = || NUMBERS.iter().filter(|(_, is_taken)| *is_taken).map(|(number, _)| *number);
    let outbox = kandy.emulator.sms();
    let sent: Vec<_> = outbox.iter().map(|sms| sms.destination_as_sent.as_str()).collect();
    assert_eq!(sent, taken().collect::<Vec<_>>());
    let normalised: Vec<_> =
        taken().map(|number| String::from(number.parse::<PhoneNumber>().expect("taken"))).collect();
    assert_eq!(outbox.iter().map(|sms| sms.destination.clone()).collect::<Vec<_>>(), normalised);
}

#[tokio::test]
async fn user_id_is_normalized() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let key = [("key", domain.token.as_str())];
    for (number, country, user_id) in [
        ("054-240-5850", "IL", "972542405850"),
        ("(352) 409-6582", "US", "13524096582"),
        ("+49 151 23456789", "DE", "4915123456789"),
    ] {
        let body = json!({"user_phone_number": number, "user_country_code": country});
        let created = kandy.post("user_create_by_phone_number", &key, &body).await;
        assert_eq!(created.text("user_id"), user_id, "{number}");
    }
    let again = json!({"user_phone_number": "0151 23456789", "user_country_code": "49"});
    assert_eq!(kandy.post("user_create_by_phone_number", &key, &again).await.status(), 50);
    for (number, country) in [("+44 20 7946 0018", "US"), ("3524096582;3524096583", "US"), ("352409", "1")] {
        let body = json!({"user_phone_number": number, "user_country_code": country});
        let status = kandy.post("user_create_by_phone_number", &key, &body).await.status();
        assert_eq!(status, if number == "352409" { 0 } else { 16 }, "{number}");
    }
}
