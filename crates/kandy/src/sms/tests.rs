//! What is sent of the numbers of an SMS, and how it is named.

use super::*;
use crate::Kandy;

#[test]
fn either_number_is_normalized_by_itself() {
    for (to, from, sent_to, sent_from) in [
        ("+4915123456789", "+4930123456", "+4915123456789", "+4930123456"),
        ("0151 23456789", "+4930123456", "+4915123456789", "+4930123456"),
        ("+4915123456789", "030 123456", "+4915123456789", "+4930123456"),
        ("0151 23456789", "030 123456", "+4915123456789", "+4930123456"),
        ("0151 23456789", "Kandy", "+4915123456789", "Kandy"),
    ] {
        let sms = Sms::new(to, "Hallo").from(from).default_country("DE");
        assert_eq!((sms.to(), sms.text()), (to, "Hallo"), "what was given stays");
        let body = sms.checked_body().unwrap_or_else(|error| panic!("{to} {from}: {error}"));
        let message = &body.message;
        assert_eq!((&*message.destination, message.source.as_deref()), (sent_to, Some(sent_from)), "{to} {from}");
        assert_eq!(message.message.text, "Hallo");
    }
}

#[test]
fn errors_name_the_destination() {
    let kandy = Kandy::builder().build().expect("a client");
    let call = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149").send_sms("+12245556666", "Hello");
    assert_eq!(call.subject(), "SMS to \"+12245556666\"");
}
