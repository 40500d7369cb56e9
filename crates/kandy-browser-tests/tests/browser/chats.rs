//! The view Chats.

use std::sync::Arc;

use serde_json::json;

use crate::{
    context::Context,
    emulator::{ANNA, RUSS, device},
    page::Page,
};

/// Waits until the list of a user's messages has a text.
async fn see(page: &Page, user: &str, text: &str) {
    page.see(text).await;
    let list = page.find("list", &format!("Messages of {user}")).await;
    let shown = page.text_of(&list).await;
    assert!(shown.contains(text), "{user} does not see {text:?}: {shown}");
}

pub(crate) async fn both_see_a_message_at_once_and_either_can_write(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "chats").await;
    emulator.message(RUSS, ANNA, "sent by a program").await;
    for user in [RUSS, ANNA] {
        see(&page, user, "sent by a program").await;
    }
    for (user, text) in [(RUSS, "written as Russ"), (ANNA, "written as Anna")] {
        page.fill("textbox", &format!("Write as {user}"), text).await;
        page.press("Enter").await;
        for user in [RUSS, ANNA] {
            see(&page, user, text).await;
        }
    }
    let token = emulator.token(ANNA).await;
    let query = [("key", token.as_str()), ("device_id", device(ANNA))];
    let messages = emulator.call("GET", "/devices/messages", &query, None).await.to_string();
    assert!(messages.contains("written as Russ") && messages.contains("sent by a program"), "{messages}");
}

pub(crate) async fn what_is_typed_survives_a_refresh(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "chats").await;
    page.fill("textbox", &format!("Write as {ANNA}"), "half a sent").await;
    emulator.message(RUSS, ANNA, "something arrives meanwhile").await;
    see(&page, ANNA, "something arrives meanwhile").await;
    page.type_text("ence").await;
    page.press("Enter").await;
    see(&page, RUSS, "half a sentence").await;
}

pub(crate) async fn a_group_is_chosen_and_written_to(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "chats").await;
    page.see("No messages yet.").await;
    page.choose("In", "Friends").await;
    page.fill("textbox", &format!("Write as {ANNA}"), "hello, group").await;
    page.press("Enter").await;
    for user in [RUSS, ANNA] {
        see(&page, user, "hello, group").await;
    }
    let groups = emulator.call("GET", "/users/chatgroups", &[("key", &emulator.token(RUSS).await)], None).await;
    let id = groups["groups"][0]["group_id"].as_str().unwrap_or_else(|| panic!("{groups}"));
    let query = format!("conversation?of={RUSS}&with={id}");
    let text = emulator.admin("GET", &query, None).await["messages"][0]["message"]["message"]["text"].clone();
    assert_eq!(text, json!("hello, group"));
}
