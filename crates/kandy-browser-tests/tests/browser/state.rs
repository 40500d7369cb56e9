//! The view State.

use std::sync::Arc;

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
