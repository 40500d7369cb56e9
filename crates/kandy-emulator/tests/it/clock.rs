//! `POST /_emulator/clock`: a move by a time, and until all tokens have expired.

use std::time::Duration;

use kandy_emulator::Emulator;
use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response};

async fn advance(kandy: &Kandy, body: Value) -> (u16, Value) {
    admin_response(kandy.http.post(kandy.admin_url("clock")).json(&body)).await
}

#[tokio::test]
async fn all_tokens_that_are_live_expire_at_once() {
    let ttl = Duration::from_secs(7200);
    let kandy = Kandy::on(Emulator::builder().token_ttl(ttl).start().expect("a free port"));
    let older = kandy.account_token().await;
    kandy.emulator.advance(Duration::from_secs(60));
    let newer = kandy.account_token().await;
    let (_, state) = admin_response(kandy.http.get(kandy.admin_url("state"))).await;
    assert_eq!((&state["live_tokens"], &state["token_ttl_ms"]), (&json!(2), &json!(7_200_000)));
    let before = state["now_ms"].as_u64().expect("a number");

    let (http, moved) = advance(&kandy, json!({"expire_tokens": true})).await;
    assert_eq!(http, 200, "{moved}");
    let by = moved["now_ms"].as_u64().expect("a number") - before;
    assert!((7_200_000..7_300_000).contains(&by), "{by}");
    for token in [&older, &newer] {
        assert_eq!(kandy.call("domain_list", &[("key", token)]).await.status(), 10);
    }
    let token = kandy.account_token().await;
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 0);
}

#[tokio::test]
async fn a_move_has_one_measure() {
    let kandy = Kandy::start();
    let before = kandy.emulator.state().now_ms;
    for wrong in [
        json!({"advance_ms": 3_600_000, "expire_tokens": true}),
        json!({"expire_tokens": false}),
        json!({"expire_tokens": "CANARY"}),
        json!({"expire_tokens": null}),
        json!({"advance_ms": null}),
        json!({}),
    ] {
        let (http, refused) = advance(&kandy, wrong.clone()).await;
        assert_eq!((http, &refused["status"]), (400, &json!(14)), "{wrong}");
        assert!(!refused.to_string().contains("CANARY"), "{refused}");
    }
    assert!(kandy.emulator.state().now_ms < before + 3_600_000, "nothing moved");
}
