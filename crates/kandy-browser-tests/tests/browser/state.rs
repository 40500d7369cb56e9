//! The view State.

use std::sync::Arc;

use serde_json::json;

use crate::{
    context::Context,
    emulator::{ANNA, RUSS},
};

pub(crate) async fn names_are_shown_and_found(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "state").await;
    page.see(RUSS).await;
    page.see(ANNA).await;
    page.click("tab", "Groups").await;
    page.see("Friends").await;
    page.fill("searchbox", "Search ids and names", "no such group").await;
    page.see_no("Friends").await;
}

pub(crate) async fn tokens_are_masked_with_the_time_that_is_left(context: Arc<Context>) {
    let emulator = context.emulator();
    let token = emulator.token(RUSS).await;
    let page = context.open(&emulator, "state").await;
    page.see("MiB").await;
    page.click("tab", "Tokens").await;
    page.see("live").await;
    let text = page.text().await;
    assert!(!text.contains(&token), "{text}");
    assert!(text.contains(&format!("UAT…{}", &token[token.len() - 4..])) && text.contains("59 min"), "{text}");
    for tab in ["Domains", "Devices", "Groups", "Sessions"] {
        page.click("tab", tab).await;
        page.see(if tab == "Sessions" { "None." } else { "row" }).await;
    }
}

pub(crate) async fn a_long_list_comes_in_pages_and_is_searched(context: Arc<Context>) {
    let emulator = context.emulator();
    let minted = emulator.admin("POST", "tokens", Some(json!({"domain_name": "example.com"}))).await;
    let key = minted["domain_access_token"].as_str().expect("a token");
    for number in 0..120 {
        let user = json!({"user_id": format!("user{number}"), "user_country_code": "US"});
        emulator.call("POST", "/domains/users/user_id", &[("key", key)], Some(user)).await;
    }
    let page = context.open(&emulator, "state").await;
    page.see("50 rows, and there are more").await;
    page.click("button", "Show more").await;
    page.see("100 rows, and there are more").await;
    page.fill("searchbox", "Search ids and names", "USER119").await;
    page.see("user119@example.com").await;
    page.see("1 row of 122 objects searched").await;
}
