//! The view Faults.

use std::sync::Arc;

use serde_json::json;

use crate::{context::Context, emulator::RUSS};

pub(crate) async fn an_armed_fault_is_shown_counted_and_removed(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "faults").await;
    page.see("No fault is armed").await;
    emulator.arm(json!({"kind": "http", "http": 503, "operation": "device_list"})).await;
    page.find("button", "Remove fault 1: http").await;
    let url = format!("{}/v1.2/users/devices?key={}", emulator.origin(), emulator.token(RUSS).await);
    assert_eq!(emulator.http().get(url).send().await.expect("a response").status(), 503);
    page.see("1 hit").await;
    page.click("button", "Remove fault 1: http").await;
    page.see("No fault is armed").await;
    assert_eq!(emulator.admin("GET", "faults", None).await["faults"], json!([]));
}
