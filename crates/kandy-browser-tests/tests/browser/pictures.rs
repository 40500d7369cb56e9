//! Pictures of every view, to look at; and those of the README of the emulator.

use std::{fs, sync::Arc};

use crate::{context::Context, example::busy_emulator, output, page::Look};

/// The views in the README of the emulator, and the folder of their pictures, below the root of the workspace.
const README: [&str; 2] = ["phones", "chats"];
const README_FOLDER: &str = "crates/kandy-emulator/docs";

/// The limit of a committed picture.
const LARGEST: usize = 150_000;

pub(crate) async fn of_every_view(context: Arc<Context>) {
    let emulator = busy_emulator(&context).await;
    for look in Look::ALL {
        let page = context.open_as(&emulator, "", look).await;
        for view in page.views().await {
            page.show(&view).await;
            let picture = page.picture().await.expect("a picture");
            fs::write(output::folder().join(format!("{view}-{}.png", look.name())), picture).expect("written");
        }
    }
}

/// Writes committed files, so it runs only by its name: `cargo xtask browser -- pictures::readme`.
pub(crate) async fn readme(context: Arc<Context>) {
    let folder = kandy_checkout::expect_root().join(README_FOLDER);
    fs::create_dir_all(&folder).expect("a folder");
    let emulator = busy_emulator(&context).await;
    for view in README {
        let page = context.open_as(&emulator, view, Look { width: 760, height: 500, is_dark: false }).await;
        page.settle().await;
        let picture = page.picture().await.expect("a picture");
        assert!(picture.len() <= LARGEST, "{view}: {} bytes", picture.len());
        fs::write(folder.join(format!("{view}.png")), picture).expect("written");
    }
}
