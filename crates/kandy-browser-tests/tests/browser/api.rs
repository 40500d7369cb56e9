//! The view API.

use std::sync::Arc;

use crate::{
    context::Context,
    emulator::{RUSS, device},
};

pub(crate) async fn an_operation_is_found_documented_and_sent(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "api").await;
    page.fill("searchbox", "Search operations", "sms_send").await;
    page.see_no("message_list").await;
    page.click("link", "Send an SMS sms_send").await;
    page.see("It costs money").await;
    page.see("A: documented").await;
    assert_eq!(page.evaluate("location.hash").await, "#api/sms_send");
    page.fill("combobox", "User", RUSS).await;
    page.fill("combobox", "device_id (required)", device(RUSS)).await;
    page.click("button", "Send").await;
    page.see("HTTP 200").await;
    let sms = emulator.admin("GET", "sms", None).await["sms"].clone();
    assert_eq!(sms[0]["text"], "Hello, Kandy SMS!", "{sms}");
}

pub(crate) async fn tokens_are_called_for_with_the_credentials_of_the_seed(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "api/domain_access_token_get").await;
    page.click("button", "Fill in the seed's credentials").await;
    page.wait("filled fields", "[...document.querySelectorAll('input[type=password]')].every((field) => field.value)")
        .await;
    page.click("button", "Send").await;
    page.see("HTTP 200").await;
    page.see("domain_access_token").await;
    let text = page.text().await;
    assert!(text.contains("\"domain_access_token\": \"***\""), "{text}");
}

pub(crate) async fn the_spec_is_downloaded(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "api").await;
    page.find("link", "OpenAPI as YAML").await;
    let text = page.evaluate("fetch('/_emulator/openapi.yaml').then((response) => response.text())").await;
    assert!(text.as_str().is_some_and(|text| text.contains("openapi: 3.0.3")));
}
