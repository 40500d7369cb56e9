//! Injected rate limits.

use std::time::{Duration, Instant};

use kandy_emulator::InjectedFault;
use serde_json::Value;

use crate::{
    faults::{RawResponse, send, sms, start},
    fixture::{Kandy, User},
};

/// Sends one SMS more than a rate limit admits in a second. Tries again where the machine was so slow that the second
/// was over.
async fn exceed(limit: InjectedFault) -> (Kandy, User, RawResponse) {
    const ADMITTED: usize = 2;
    loop {
        let (kandy, user) = start().await;
        kandy.emulator.inject(limit.clone().on("sms_send"));
        let begin = Instant::now();
        for _ in 0..ADMITTED {
            assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.http(), Some(200));
        }
        let response = send(&kandy, &sms(&user, usize::MAX)).await;
        if begin.elapsed() < Duration::from_millis(900) {
            assert_eq!(kandy.emulator.sms().len(), ADMITTED, "what is refused is not carried out");
            return (kandy, user, response);
        }
    }
}

#[tokio::test]
async fn rate_limit_refuses_excess_requests() {
    let limit = || InjectedFault::rate_limit(2);
    for (limit, retry_after, content_type, body) in [
        (limit(), None, None, ""),
        (limit().retry_after(Duration::from_secs(1)).text_body(), Some("1"), Some("text/plain"), "The request was"),
        (limit().json_body(), None, Some("application/json; charset=utf-8"), "{\"error\""),
    ] {
        let (kandy, user, response) = exceed(limit).await;
        assert_eq!((response.http(), response.header("retry-after")), (Some(429), retry_after));
        assert_eq!(response.header("content-type"), content_type);
        assert!(std::str::from_utf8(&response.body).expect("a text").starts_with(body));
        assert_eq!(response.json()["status"], Value::Null, "it is no envelope");

        // The limit counts by the emulator's clock.
        kandy.emulator.advance(Duration::from_secs(1));
        assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.http(), Some(200));
        let armed = &kandy.emulator.faults()[0];
        assert_eq!((armed.matched, armed.hits), (4, 1));
    }
}

#[tokio::test]
async fn rate_limit_with_other_http_status() {
    let (_, _, response) =
        exceed(InjectedFault::rate_limit(2).with_http(503).retry_after_date(Duration::from_secs(2))).await;
    assert_eq!(response.http(), Some(503));
    assert!(response.header("retry-after").is_some_and(|date| date.ends_with("GMT")), "{}", response.head);
}
