//! What a test has: its emulators and its pages.

use std::sync::{Arc, Mutex};

use chromiumoxide::cdp::browser_protocol::browser::BrowserContextId;

use crate::{
    chromium::Chromium,
    emulator::Emulator,
    output,
    page::{Look, Page},
};

/// The context of one test.
pub(crate) struct Context {
    name: &'static str,
    pub(crate) chromium: Arc<Chromium>,
    pages: Mutex<Vec<(Arc<Page>, BrowserContextId)>>,
    /// They run until the pages are closed, which would report the end of their connection.
    emulators: Mutex<Vec<Arc<Emulator>>>,
}

impl Context {
    pub(crate) fn new(name: &'static str, chromium: Arc<Chromium>) -> Self {
        Self { name, chromium, pages: Mutex::default(), emulators: Mutex::default() }
    }

    /// Starts an emulator.
    pub(crate) fn emulator(&self) -> Arc<Emulator> {
        self.emulator_with(&[])
    }

    /// Starts an emulator with these options.
    pub(crate) fn emulator_with(&self, arguments: &[&str]) -> Arc<Emulator> {
        let emulator = Arc::new(Emulator::start(arguments));
        self.emulators.lock().expect("no test panics here").push(emulator.clone());
        emulator
    }

    /// Opens an empty page.
    pub(crate) async fn page(&self, look: Look) -> Arc<Page> {
        let (page, context) = self.chromium.page().await;
        let page = Arc::new(Page::new(page, context.clone(), look).await);
        self.pages.lock().expect("no test panics here").push((page.clone(), context));
        page
    }

    /// Opens a view of an emulator, by the part of the address behind `#`, and waits until it is connected.
    pub(crate) async fn open(&self, emulator: &Emulator, view: &str) -> Arc<Page> {
        self.open_as(emulator, view, Look::default()).await
    }

    /// The same in another size or colour scheme.
    pub(crate) async fn open_as(&self, emulator: &Emulator, view: &str, look: Look) -> Arc<Page> {
        let page = self.page(look).await;
        page.go(&emulator.page_url(view)).await;
        page.see("Connected").await;
        page
    }

    /// Closes the pages, and returns their unexpected problems. Takes pictures of the pages of a test that failed.
    pub(crate) async fn finish(&self, is_done: bool) -> Vec<String> {
        let pages = std::mem::take(&mut *self.pages.lock().expect("no test panics here"));
        let mut problems = Vec::new();
        for (number, (page, context)) in pages.into_iter().enumerate() {
            // Events come in order with the responses to commands: after two of these, all that the page has done is reported.
            page.frame().await;
            page.frame().await;
            let found = page.problems.unexpected();
            let is_bad = !is_done || !found.is_empty();
            if is_bad && let Ok(picture) = page.picture().await {
                std::fs::write(output::failure(self.name, number), picture).expect("written");
            }
            problems.extend(found);
            self.chromium.dispose(context).await;
        }
        problems
    }
}
