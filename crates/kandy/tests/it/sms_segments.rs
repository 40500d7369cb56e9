//! `max_segments` refuses a text before any request, and the segments of the SDK are those of the emulator.

use futures_util::StreamExt;
use kandy::{Error, Kandy, Sms, SmsText};
use kandy_emulator::Emulator;

use crate::support::mock_server::MockServer;

const NUMBER: &str = "+12245556666";

/// Returns texts, each with the number of segments that it needs. The unit tests of kandy-sys have many more.
fn texts() -> [(String, usize); 7] {
    [
        ("Hello".to_owned(), 1),
        ("a".repeat(160), 1),
        ("a".repeat(161), 2),
        (format!("{}€{}", "a".repeat(152), "a".repeat(152)), 3),
        ("ы".repeat(71), 2),
        ("😎".repeat(67), 3),
        (format!("It’s on{}", "a".repeat(100)), 2),
    ]
}

#[tokio::test]
async fn a_text_of_too_many_segments_is_not_sent() {
    let server = MockServer::start().await;
    let phone = server.kandy.user_with_token("UAT-token").device("A149");
    for (text, segments) in texts() {
        assert_eq!(SmsText::new(&*text).segments(), segments, "{text}");
        for limit in 1..segments + 2 {
            let send = phone.send_sms(NUMBER, &text).max_segments(limit);
            let preview = send.clone().preview().await.map(drop);
            for result in [preview, send.await] {
                match (result, segments <= limit) {
                    (Ok(()), true) => {}
                    (Err(Error::Argument(error)), false) => {
                        assert_eq!(error.argument(), "text");
                        let reason = error.reason();
                        assert!(reason.starts_with(&format!("it needs {segments} segments in ")), "{reason}");
                        assert!(reason.contains(&format!("`max_segments` allows {limit};")), "{reason}");
                    }
                    (result, _) => panic!("{limit} of {segments}: {result:?}"),
                }
            }
        }
    }
    // Of each text its own number of segments, and one more, was sent.
    assert_eq!(server.requests().len(), 2 * texts().len());
    assert!(server.requests().iter().all(|request| !String::from_utf8_lossy(&request.body).contains("max")));
}

#[tokio::test]
async fn the_last_limit_counts_and_0_is_refused() {
    let server = MockServer::start().await;
    let phone = server.kandy.user_with_token("UAT-token").device("A149");
    let long = "a".repeat(161);
    phone.send_sms(NUMBER, &long).max_segments(1).max_segments(2).await.expect("the last one allows it");
    phone.send_sms(NUMBER, &long).max_segments(2).max_segments(1).await.expect_err("the last one does not");
    for text in ["Hello", &long] {
        match phone.send_sms(NUMBER, text).max_segments(0).await {
            Err(Error::Argument(error)) => assert_eq!(error.argument(), "max_segments"),
            other => panic!("{other:?}"),
        }
    }
    match phone.send_sms(NUMBER, "").max_segments(1).await {
        Err(Error::Argument(error)) => assert_eq!((error.argument(), error.reason()), ("text", "it is empty")),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_bulk_refuses_the_long_texts_and_sends_the_others() {
    let server = MockServer::start().await;
    let phone = server.kandy.user_with_token("UAT-token").device("A149");
    let all = texts().map(|(text, _)| Sms::new(NUMBER, text).max_segments(2));
    let mut outcomes: Vec<_> = phone.send_many_sms(all).collect().await;
    outcomes.sort_by_key(|outcome| outcome.position);
    for (outcome, (text, segments)) in outcomes.iter().zip(texts()) {
        assert_eq!(outcome.item.text(), text);
        assert_eq!(outcome.result.is_ok(), segments <= 2, "{segments}: {:?}", outcome.result);
    }
    assert_eq!(outcomes.len(), texts().len());
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn the_error_tells_what_to_do_and_following_it_helps() {
    let server = MockServer::start().await;
    let phone = server.kandy.user_with_token("UAT-token").device("A149");
    let text = SmsText::new(format!("Don’t miss it – {}", "a".repeat(60)));
    let error = phone.send_sms(NUMBER, text.clone()).max_segments(1).await.expect_err("too long");
    assert_eq!(
        error.to_string(),
        "`text` cannot be used: it needs 2 segments in UCS-2 (76 units), and `max_segments` allows 1; GSM-7, which has \
         more room, does not have '’' (character 4), '–' (character 15); replace \"’\" by \"'\", \"–\" by \"-\", and it \
         needs 1 segment"
    );
    let cheaper = text.with_replacements().expect("all have a replacement");
    phone.send_sms(NUMBER, cheaper).max_segments(1).await.expect("sent");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_emulator_counts_the_same() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").project_name("My project").await.expect("a domain");
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("russ").country_code("US").await.expect("a user");
    let russ = domain.user("russ");
    let created = russ.create_device("12345678901234").family("iphone").name("iphone6").await.expect("a device");
    let phone = russ.device(created.device_id);
    for (text, segments) in texts() {
        phone.send_sms(NUMBER, &text).max_segments(segments).await.expect("sent");
        let sent = emulator.sms().pop().expect("the last");
        let text = SmsText::new(text);
        assert_eq!((sent.encoding, sent.segments, sent.text.as_str()), (text.encoding(), segments, text.as_str()));
    }
}
