//! The views of the page.

use super::{Page, quoted};

/// Waits until nothing has changed for ten frames, after the document was loaded and its requests have responses.
const SETTLE: &str = "new Promise((resolve) => {
    let still = 0;
    const observer = new MutationObserver(() => { still = 0; });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
    const next = () => {
        still += 1;
        if (waiting > 0) still = 0;
        if (still > 10 && document.readyState === 'complete') { observer.disconnect(); resolve(true); }
        else requestAnimationFrame(next);
    };
    next();
})";

impl Page {
    /// The views that the navigation links to, by the part of the address behind `#`.
    pub(crate) async fn views(&self) -> Vec<String> {
        let links = "[...document.querySelectorAll('nav a')].map((link) => link.hash.slice(1))";
        let views: Vec<String> = serde_json::from_value(self.evaluate(links).await).expect("texts");
        assert!(views.len() >= 7, "{views:?}");
        views
    }

    /// Shows another view, as its link does.
    pub(crate) async fn show(&self, view: &str) {
        self.evaluate(&format!("location.hash = {}", quoted(view))).await;
        self.settle().await;
    }

    /// Loads the page again, at another view.
    pub(crate) async fn reload_at(&self, view: &str) {
        let hash = quoted(view);
        self.evaluate(&format!("globalThis.isOld = true; location.hash = {hash}; location.reload(); 0")).await;
        self.wait("another document", "!globalThis.isOld && document.readyState === 'complete'").await;
    }

    /// Asserts that the page is no wider than its window.
    pub(crate) async fn assert_fits(&self, what: &str) {
        let wider = self.evaluate("document.documentElement.scrollWidth - innerWidth").await;
        assert!(wider.as_i64() <= Some(0), "{what} is {wider} pixels too wide");
    }

    /// Waits until the view stands still.
    pub(crate) async fn settle(&self) {
        self.evaluate(SETTLE).await;
    }
}
