//! The view Clock.

use std::sync::Arc;

use crate::{context::Context, emulator::RUSS};

pub(crate) async fn it_is_moved_and_tokens_expire(context: Arc<Context>) {
    let emulator = context.emulator();
    let token = emulator.token(RUSS).await;
    let page = context.open(&emulator, "clock").await;
    let before = emulator.admin("GET", "state", None).await["now_ms"].as_u64().expect("a time");
    page.click("button", "Forward 1 day").await;
    page.see("was moved").await;
    let after = emulator.admin("GET", "state", None).await["now_ms"].as_u64().expect("a time");
    assert!(after - before >= 86_400_000, "{before} {after}");
    let refused = emulator.send("GET", "/v1.2/users/devices", &[("key", &token)], None).await;
    assert_ne!(refused["status"], 0, "the token has expired: {refused}");
}

pub(crate) async fn all_tokens_are_expired(context: Arc<Context>) {
    let emulator = context.emulator();
    let token = emulator.token(RUSS).await;
    let page = context.open(&emulator, "clock").await;
    page.click("button", "Expire all tokens (forward 1 h)").await;
    page.wait("the clock to be ahead", "document.querySelector('main').innerText.includes('Ahead by\\n1 h')").await;
    let refused = emulator.send("GET", "/v1.2/users/devices", &[("key", &token)], None).await;
    assert_ne!(refused["status"], 0, "the token has expired: {refused}");
}
