//! The view Snapshots.

use std::{path::Path, sync::Arc};

use crate::{
    context::Context,
    emulator::{Emulator, RUSS},
    page::Page,
};

/// How many SMS the emulator has.
async fn sms(emulator: &Emulator) -> u64 {
    emulator.admin("GET", "state", None).await["sms"].as_u64().expect("a number")
}

/// Waits until a file is there: the browser gives it its name when it is whole.
async fn wait_for(page: &Page, file: &Path) {
    let begun = std::time::Instant::now();
    while !file.exists() {
        assert!(begun.elapsed().as_secs() < 60, "{} was not downloaded", file.display());
        page.frame().await;
    }
}

pub(crate) async fn the_state_is_kept_restored_and_forgotten(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "snapshots").await;
    page.see("No snapshot is kept.").await;
    emulator.sms(RUSS, "+12245556661", "kept").await;
    page.fill("textbox", "Name", "with-one").await;
    page.click("button", "Keep").await;
    page.see("The state is kept as with-one.").await;
    emulator.sms(RUSS, "+12245556661", "not kept").await;
    assert_eq!(sms(&emulator).await, 2);
    page.click("button", "Restore").await;
    page.see("with-one is restored.").await;
    assert_eq!(sms(&emulator).await, 1);
    page.click("button", "Forget").await;
    page.see("with-one is forgotten.").await;
    page.see("No snapshot is kept.").await;
}

pub(crate) async fn a_wrong_name_and_a_missing_file_are_refused(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "snapshots").await;
    page.problems.expect("status of 400");
    page.problems.expect("status of 404");
    page.fill("textbox", "Name", "<b>no name</b>").await;
    page.click("button", "Keep").await;
    page.wait("a message", "document.querySelector('main [role=status].bad')?.innerText").await;
    page.click("button", "Replace the state by the file").await;
    page.see("Choose a file first.").await;
    page.see("No snapshot is kept.").await;
}

pub(crate) async fn a_downloaded_state_is_uploaded_again(context: Arc<Context>) {
    let emulator = context.emulator();
    let page = context.open(&emulator, "snapshots").await;
    let folder = context.chromium.download_folder(&page.context).await;
    emulator.sms(RUSS, "+12245556661", "downloaded").await;
    page.click("link", "Download the state").await;
    let file = folder.join("kandy-emulator.jsonl");
    wait_for(&page, &file).await;
    page.click("button", "Reset to the seed").await;
    page.see("The state is that of the seed.").await;
    assert_eq!(sms(&emulator).await, 0);
    page.choose_file("Upload a state", &file).await;
    page.click("button", "Replace the state by the file").await;
    page.see("The state is that of the file.").await;
    assert_eq!(sms(&emulator).await, 1);
    assert!(emulator.admin("GET", "sms", None).await.to_string().contains("downloaded"));

    std::fs::write(&file, "no state").expect("written");
    page.problems.expect("status of 400");
    page.choose_file("Upload a state", &file).await;
    page.click("button", "Replace the state by the file").await;
    page.see("line 1").await;
    assert_eq!(sms(&emulator).await, 1, "a damaged file changes nothing");
}
