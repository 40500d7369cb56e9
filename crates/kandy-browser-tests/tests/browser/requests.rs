//! The view Requests.

use std::{process::Command, sync::Arc};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    context::Context,
    emulator::{ANNA, Emulator, RUSS},
    page::Page,
};

/// Names and values of parameters that mean something to a shell. Each would create the file `touched`.
const HOSTILE: [(&str, &str); 6] = [
    ("$(touch touched)", "`touch touched`"),
    ("a';touch touched;'", "\";touch touched;\""),
    ("b&touch touched&", "|touch touched"),
    ("c\ntouch touched\n", "\ntouch touched\n"),
    ("{d,e}[f]~*?#", "%24(touch touched)"),
    ("-o", "touched"),
];

/// Calls an operation that does not exist, whose path can be seen in the view.
async fn call(emulator: &Emulator, name: &str) {
    emulator.send("GET", &format!("/v1.2/{name}"), &[], None).await;
}

/// How many requests the emulator has logged.
async fn logged(emulator: &Emulator) -> Vec<Value> {
    emulator.admin("GET", "requests", None).await["requests"].as_array().expect("a list").clone()
}

pub(crate) async fn they_arrive_live_and_are_filtered(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "before").await;
    let page = context.open(&emulator, "requests").await;
    page.see("/v1.2/before").await;
    call(&emulator, "after").await;
    page.see("/v1.2/after").await;
    let text = page.text().await;
    assert!(text.find("/v1.2/after") < text.find("/v1.2/before"), "newest first: {text}");
    page.fill("searchbox", "Search", "AFTER").await;
    page.see_no("/v1.2/before").await;
    page.see("/v1.2/after").await;
}

pub(crate) async fn a_pause_loses_nothing(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "before").await;
    let page = context.open(&emulator, "requests").await;
    page.see("/v1.2/before").await;
    page.click("button", "Pause").await;
    call(&emulator, "during-the-pause").await;
    page.see("1 new one waiting").await;
    assert!(!page.text().await.contains("during-the-pause"));
    page.click("button", "Go on").await;
    page.see("during-the-pause").await;
}

pub(crate) async fn older_ones_are_loaded(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "the-very-first").await;
    for _ in 0..250 {
        call(&emulator, "another").await;
    }
    let page = context.open(&emulator, "requests").await;
    page.see("/v1.2/another").await;
    assert!(!page.text().await.contains("the-very-first"));
    page.click("button", "Show older").await;
    page.see("the-very-first").await;
}

/// Returns the command that a view copies for the last request.
async fn copied_command(context: &Context, page: &Page, name: &str) -> String {
    let _clipboard = context.chromium.clipboard(&page.context).await;
    page.click("button", &format!("Details of {name}")).await;
    page.click("button", "Copy as curl").await;
    page.see("Copied").await;
    page.evaluate("navigator.clipboard.readText()").await.as_str().expect("text").to_owned()
}

/// Runs a command in a folder.
fn run(command: &str, folder: &TempDir) {
    let done = Command::new("sh").args(["-c", command]).current_dir(folder.path()).output().expect("a shell with curl");
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

pub(crate) async fn the_curl_command_keeps_an_encoded_path_and_the_body(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "a%20b%27%3Btouch%20touched").await;
    let token = emulator.token(RUSS).await;
    let body =
        json!({"device_native_id": "'; touch touched; '", "device_name": "$(touch touched) \"`touch touched`\""});
    emulator.send("POST", "/v1.2/users/devices", &[("key", &token)], Some(body)).await;
    let page = context.open(&emulator, "requests").await;
    let folder = TempDir::new().expect("a folder");
    run(&copied_command(&context, &page, "unknown request").await, &folder);
    run(&format!("KEY={token}; {}", copied_command(&context, &page, "device_create").await), &folder);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let [.., path, body, path_again, body_again] = &logged(&emulator).await[..] else { panic!("four requests") };
    assert_eq!(path["path"], path_again["path"]);
    let sent = async |entry: &Value| {
        let full = emulator.admin("GET", &format!("requests/{}", entry["id"]), None).await;
        full["exchange"]["request"]["body"]["value"].clone()
    };
    assert_eq!((sent(body).await, body["status"].clone()), (sent(body_again).await, body_again["status"].clone()));
}

pub(crate) async fn the_curl_command_sends_the_same_and_runs_nothing_else(context: Arc<Context>) {
    let emulator = context.emulator();
    emulator.send("GET", "/v1.2/users/devices", &HOSTILE, None).await;
    let page = context.open(&emulator, "requests").await;
    let command = copied_command(&context, &page, "device_list").await;
    let folder = TempDir::new().expect("a folder");
    run(&command, &folder);
    let created: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert!(created.is_empty(), "{command} created {created:?}");
    let [.., first, second] = &logged(&emulator).await[..] else { panic!("two requests") };
    for part in ["method", "path", "query"] {
        assert_eq!(first[part], second[part], "{command}");
    }
    assert_eq!(first["query"].as_array().map(Vec::len), Some(HOSTILE.len()), "{first}");
}

pub(crate) async fn one_is_shown_in_full_beside_its_documentation(context: Arc<Context>) {
    let emulator = context.emulator();
    let token = emulator.token(RUSS).await;
    let body = json!({"device_native_id": "1234", "colour": "red", "device_name": 5});
    emulator.send("POST", "/v1.2/users/devices", &[("key", &token), ("page", "1")], Some(body)).await;
    let page = context.open(&emulator, "requests").await;
    page.see(RUSS).await;
    page.click("button", "Details of device_create").await;
    // What was sent, the summary and the documentation of the spec, and what differs from it.
    page.see("Create a device (device_create)").await;
    page.see("\"device_native_id\": \"1234\"").await;
    page.see("Confidence").await;
    page.see("Not as documented").await;
    let problems = page.evaluate("[...document.querySelectorAll('.problems li')].map((item) => item.innerText)").await;
    let expected = [
        "query /page is not documented",
        "request body /device_name is not a string",
        "request body /colour is not documented",
    ];
    for problem in expected {
        assert!(problems.as_array().is_some_and(|found| found.iter().any(|found| found == problem)), "{problems}");
    }
    assert_eq!(problems.as_array().map(Vec::len), Some(expected.len()), "{problems}");
    let marked = page.evaluate("[...document.querySelectorAll('mark')].map((mark) => mark.innerText)").await;
    assert_eq!(marked, json!(["1", "\"red\"", "5"]));
    assert!(!page.text().await.contains(&token), "credentials are masked");
    assert_eq!(page.evaluate("document.activeElement.innerText").await, "Create a device (device_create)");
}

pub(crate) async fn the_whole_log_is_searched_and_the_failed_are_selected(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "the-very-first").await;
    let token = emulator.token(ANNA).await;
    for _ in 0..250 {
        emulator.send("GET", "/v1.2/users/devices", &[("key", &token)], None).await;
    }
    let page = context.open(&emulator, "requests").await;
    page.see("200 requests shown").await;
    page.fill("searchbox", "Search", "VERY-first").await;
    page.see("1 request shown").await;
    page.see("the-very-first").await;
    page.fill("searchbox", "Search", ANNA).await;
    page.see("200 requests shown").await;
    page.click("checkbox", "only failed").await;
    page.see("No request is like that.").await;
    page.fill("searchbox", "Search", "v1.2").await;
    page.see("1 request shown").await;
}

pub(crate) async fn the_focus_stays_while_others_arrive(context: Arc<Context>) {
    let emulator = context.emulator();
    call(&emulator, "before").await;
    let page = context.open(&emulator, "requests").await;
    page.see("/v1.2/before").await;
    page.evaluate("document.querySelector('tbody button').focus(); globalThis.focused = document.activeElement; 0")
        .await;
    for name in ["one", "two"] {
        call(&emulator, name).await;
        page.see(&format!("/v1.2/{name}")).await;
    }
    assert_eq!(page.evaluate("document.activeElement === globalThis.focused && focused.localName").await, "button");
}
