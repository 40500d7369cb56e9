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

pub(crate) async fn each_kind_is_armed_by_its_form(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "faults").await;
    page.choose("Kind", "status").await;
    page.see("A status number in the API's envelope").await;
    page.fill("spinbutton", "status (required)", "42").await;
    page.choose("Requests to", "one operation").await;
    page.fill("combobox", "operation (required)", "device_list").await;
    page.click("button", "Arm").await;
    page.see("The fault is armed.").await;
    let token = emulator.token(RUSS).await;
    let answer = emulator.send("GET", "/v1.2/users/devices", &[("key", &token)], None).await;
    assert_eq!(answer["status"], 42, "{answer}");
    page.see("1 hit").await;
    page.click("button", "Remove all").await;
    page.see("No fault is armed").await;
    let kinds = emulator.admin("GET", "faults/kinds", None).await["kinds"].clone();
    for kind in kinds.as_array().expect("a list") {
        page.choose("Kind", kind["name"].as_str().expect("a name")).await;
        page.see(kind["explanation"].as_str().expect("a text")).await;
    }
}
