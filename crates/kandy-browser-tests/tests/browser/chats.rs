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

/// A PNG of one pixel.
const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\
    \x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

pub(crate) async fn an_image_is_sent_and_shown_with_its_thumbnail(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "chats").await;
    page.see("No messages yet.").await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let (image, text) = (folder.path().join("pixel.png"), folder.path().join("notes <b>.txt"));
    std::fs::write(&image, PIXEL).expect("a file");
    std::fs::write(&text, "<script>alert(1)</script>").expect("a file");
    page.evaluate("document.querySelector('details').open = true; 0").await;
    page.choose_file("File", &image).await;
    page.click("button", "Send the file").await;
    for user in [RUSS, ANNA] {
        see(&page, user, "Save pixel.png").await;
    }
    page.wait("both thumbnails", "[...document.images].filter((image) => image.naturalWidth > 0).length === 2").await;
    page.choose_file("File", &text).await;
    page.click("button", "Send the file").await;
    see(&page, ANNA, "Save notes <b>.txt").await;
    let file = "fetch([...document.querySelectorAll('a[download]')].at(-1).href).then((response) => response.text())";
    assert_eq!(page.evaluate(file).await, "<script>alert(1)</script>");
}

pub(crate) async fn deliveries_and_deletions_are_marked(context: Arc<Context>) {
    let emulator = context.emulator();
    emulator.message(RUSS, ANNA, "first").await;
    emulator.message(RUSS, ANNA, "second").await;
    let page = context.open(&emulator, "chats").await;
    see(&page, RUSS, &format!("Waits for {ANNA}")).await;
    see(&page, ANNA, "Waits on a device").await;
    let token = emulator.token(ANNA).await;
    let query = [("key", token.as_str()), ("device_id", device(ANNA))];
    let messages = emulator.call("GET", "/devices/messages", &query, None).await["messages"].clone();
    let ids: Vec<_> = messages.as_array().expect("a list").iter().map(|message| message["UUID"].clone()).collect();
    let list = json!(ids).to_string();
    emulator.call("DELETE", "/devices/messages", &[query[0], query[1], ("messages", &list)], None).await;
    see(&page, RUSS, "Delivered").await;
    see(&page, ANNA, "Deleted from the devices").await;
}

pub(crate) async fn events_of_a_group_are_sentences(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "chats").await;
    page.choose("In", "Friends").await;
    let token = emulator.token(RUSS).await;
    let groups = emulator.call("GET", "/users/chatgroups", &[("key", &token)], None).await;
    let id = groups["groups"][0]["group_id"].as_str().unwrap_or_else(|| panic!("{groups}"));
    let query = [("key", token.as_str()), ("group_id", id)];
    let renamed = json!({"group_id": id, "group_name": "Friends of <b>football</b>"});
    emulator.call("PUT", "/users/chatgroups/chatgroup", &query, Some(renamed)).await;
    for user in [RUSS, ANNA] {
        see(&page, user, &format!("{RUSS} changed the name or the picture of the group")).await;
    }
}
