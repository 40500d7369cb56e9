//! The view Phones.

use std::sync::Arc;

use crate::{context::Context, emulator::RUSS, page::Page};

/// What is written on the phone of a number, newest first.
async fn phone(page: &Page, number: &str) -> String {
    let list = page.find("list", &format!("SMS to {number}")).await;
    page.text_of(&list).await
}

pub(crate) async fn sms_arrive_live_and_newest_first(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "phones").await;
    page.see("No SMS yet").await;
    emulator.sms(RUSS, "+12245556661", "the first one").await;
    page.see("the first one").await;
    emulator.sms(RUSS, "+12245556661", "the second one").await;
    emulator.sms(RUSS, "+12245556662", "for another number").await;
    page.see("for another number").await;

    let first = phone(&page, "+12245556661").await;
    assert!(first.find("the second one") < first.find("the first one"), "{first}");
    assert!(!first.contains("for another number"), "{first}");
    assert!(first.contains("+12245550100"), "the sender: {first}");
    assert!(phone(&page, "+12245556662").await.contains("for another number"));
    let text = page.text().await;
    assert!(text.find("+12245556662") < text.find("+12245556661"), "the number that was sent to last is first: {text}");
}

pub(crate) async fn encoding_and_segments_are_those_of_the_text(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "phones").await;
    let long = "x".repeat(161);
    for (number, text, expected) in [
        ("+12245556661", "Hello", "1 segment"),
        ("+12245556662", long.as_str(), "2 segments"),
        ("+12245556663", "Привет", "1 segment"),
    ] {
        emulator.sms(RUSS, number, text).await;
        page.see(text).await;
        let shown = phone(&page, number).await;
        assert!(shown.contains(expected), "{shown}");
        assert_eq!(shown.to_lowercase().contains("gsm"), text != "Привет", "the encoding: {shown}");
    }
}

pub(crate) async fn a_validation_code_is_copied_by_its_button(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "phones").await;
    let _clipboard = context.chromium.clipboard(&page.context).await;
    let code = emulator.validation_code("4034932232").await;
    page.see(&code).await;
    page.click("button", "Copy").await;
    page.see("Copied").await;
    assert_eq!(page.evaluate("navigator.clipboard.readText()").await, code.as_str());
}
