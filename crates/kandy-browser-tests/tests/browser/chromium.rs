//! One Chromium for all tests, with a profile of its own. Each page has a context of its own: pages share no storage.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chromiumoxide::{
    Browser, BrowserConfig,
    cdp::browser_protocol::{
        browser::{
            BrowserContextId, PermissionDescriptor, PermissionSetting, SetDownloadBehaviorBehavior,
            SetDownloadBehaviorParams, SetPermissionParams,
        },
        target::{CreateBrowserContextParams, CreateTargetParams},
    },
};
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::{
    sync::{Mutex, MutexGuard},
    task::JoinHandle,
    time::timeout,
};

/// How long the browser has to start.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// How long the browser has to exit by itself.
const EXIT_TIMEOUT: Duration = Duration::from_secs(10);

/// A running Chromium.
pub(crate) struct Chromium {
    browser: Mutex<Browser>,
    handler: JoinHandle<()>,
    clipboard: Mutex<()>,
    /// The profile, and the files that pages download.
    folder: TempDir,
}

impl Chromium {
    /// Starts the Chromium that the variable `CHROMIUM` names.
    pub(crate) async fn start() -> Result<Arc<Self>, String> {
        let executable = std::env::var_os("CHROMIUM").ok_or("CHROMIUM is not set; run `cargo xtask browser`")?;
        let folder = TempDir::new().map_err(|error| format!("no folder for a profile: {error}"))?;
        let mut config = BrowserConfig::builder()
            .chrome_executable(PathBuf::from(executable))
            .user_data_dir(folder.path().join("profile"))
            .launch_timeout(START_TIMEOUT)
            .new_headless_mode()
            // Each page sets its own.
            .viewport(None)
            // The emulator makes its certificate authority itself.
            .args(["ignore-certificate-errors", "disable-gpu", "disable-component-update", "disable-quic"]);
        // The sandbox needs a user who is not root.
        if is_root() {
            config = config.no_sandbox();
        }
        let (browser, mut handler) =
            Browser::launch(config.build()?).await.map_err(|error| format!("Chromium does not start: {error}"))?;
        // The handler carries all messages; one that it cannot read is none of a test.
        let handler = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Ok(Arc::new(Self { browser: Mutex::new(browser), handler, clipboard: Mutex::default(), folder }))
    }

    /// Opens an empty page in a new context.
    pub(crate) async fn page(&self) -> (chromiumoxide::Page, BrowserContextId) {
        let browser = self.browser.lock().await;
        let context = browser.create_browser_context(CreateBrowserContextParams::default()).await.expect("a context");
        let target = CreateTargetParams::builder().url("about:blank").browser_context_id(context.clone());
        (browser.new_page(target.build().expect("a URL")).await.expect("a page"), context)
    }

    /// Closes all pages of a context.
    pub(crate) async fn dispose(&self, context: BrowserContextId) {
        drop(self.browser.lock().await.dispose_browser_context(context).await);
    }

    /// Allows the pages of a context to use the clipboard. All pages share it: it is that of one test until what is returned is
    /// dropped.
    pub(crate) async fn clipboard(&self, context: &BrowserContextId) -> MutexGuard<'_, ()> {
        let guard = self.clipboard.lock().await;
        for name in ["clipboard-read", "clipboard-write"] {
            let params = SetPermissionParams::builder()
                .permission(PermissionDescriptor::new(name))
                .setting(PermissionSetting::Granted)
                .browser_context_id(context.clone());
            self.browser.lock().await.execute(params.build().expect("complete")).await.expect("allowed");
        }
        guard
    }

    /// Lets the pages of a context download files into a folder, which is returned.
    pub(crate) async fn download_folder(&self, context: &BrowserContextId) -> PathBuf {
        let folder = self.folder.path().join(context.as_ref());
        std::fs::create_dir_all(&folder).expect("a folder");
        let params = SetDownloadBehaviorParams::builder()
            .behavior(SetDownloadBehaviorBehavior::Allow)
            .download_path(folder.display().to_string())
            .events_enabled(true)
            .browser_context_id(context.clone());
        self.browser.lock().await.execute(params.build().expect("complete")).await.expect("set");
        folder
    }

    /// Ends the browser, whatever its pages do.
    pub(crate) async fn stop(&self) {
        let mut browser = self.browser.lock().await;
        drop(timeout(EXIT_TIMEOUT, browser.close()).await);
        if timeout(EXIT_TIMEOUT, browser.wait()).await.is_err() {
            drop(browser.kill().await);
        }
        self.handler.abort();
    }
}

/// Whether the owner of this process is root. Its folder in `/proc` has the same owner.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}
