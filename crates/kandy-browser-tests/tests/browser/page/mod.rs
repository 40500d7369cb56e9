//! A page, used as a user does: controls are found by role and name, and a step waits until its effect can be seen. Nothing
//! sleeps: each wait looks again with each frame that the page draws.

mod act;
mod find;
mod problems;
mod views;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chromiumoxide::cdp::{
    browser_protocol::{
        browser::BrowserContextId,
        dom::Rect,
        emulation::{
            MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams, SetFocusEmulationEnabledParams,
        },
        page::{
            AddScriptToEvaluateOnNewDocumentParams, CaptureScreenshotParams, GetLayoutMetricsParams, NavigateParams,
            Viewport,
        },
    },
    js_protocol::runtime::EvaluateParams,
};
use serde_json::Value;

pub(crate) use find::Element;
use problems::Problems;

/// After how many milliseconds a wait gives up: far more than anything takes, and less than the 30 seconds after which the library
/// gives up a command, and knows no reason.
const GIVE_UP_MS: u32 = 25_000;

/// The tallest picture of a page.
const TALLEST: f64 = 4000.0;

/// Counts the requests of the page that have no response yet: `Page::settle` waits for them.
const COUNT_REQUESTS: &str = "(() => {
    const original = globalThis.fetch;
    globalThis.waiting = 0;
    globalThis.fetch = async (...request) => {
        waiting += 1;
        try { return await original(...request); } finally { waiting -= 1; }
    };
})()";

/// Size and colour scheme of a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) is_dark: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 1440, height: 900, is_dark: false }
    }
}

impl Look {
    /// The sizes and schemes that every view has to work in.
    pub(crate) const ALL: [Self; 4] = [
        Self { width: 1440, height: 900, is_dark: false },
        Self { width: 1440, height: 900, is_dark: true },
        Self { width: 360, height: 800, is_dark: false },
        Self { width: 360, height: 800, is_dark: true },
    ];

    /// Names it in the name of a file.
    pub(crate) fn name(self) -> String {
        format!("{}-{}", if self.is_dark { "dark" } else { "light" }, self.width)
    }
}

/// A page in a context of its own.
pub(crate) struct Page {
    page: chromiumoxide::Page,
    pub(crate) context: BrowserContextId,
    pub(crate) problems: Problems,
}

impl Page {
    pub(crate) async fn new(page: chromiumoxide::Page, context: BrowserContextId, look: Look) -> Self {
        let problems = Problems::collect(&page).await;
        // Pages in the background have no focus and draw no frames, unless they are told that they are in front.
        page.execute(SetFocusEmulationEnabledParams::new(true)).await.expect("set");
        let page = Self { page, context, problems };
        page.set_look(look).await;
        page.run_first(COUNT_REQUESTS).await;
        page
    }

    /// Changes size and colour scheme.
    pub(crate) async fn set_look(&self, look: Look) {
        let metrics = SetDeviceMetricsOverrideParams::new(look.width, look.height, 1, false);
        self.page.execute(metrics).await.expect("set");
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = SetEmulatedMediaParams::builder().feature(MediaFeature::new("prefers-color-scheme", scheme));
        self.page.execute(media.build()).await.expect("set");
    }

    /// Runs a script in each document before its own.
    pub(crate) async fn run_first(&self, script: &str) {
        self.page.execute(AddScriptToEvaluateOnNewDocumentParams::new(script)).await.expect("added");
    }

    /// Loads an address. The next step waits for what it needs of it.
    pub(crate) async fn go(&self, url: &str) {
        let done = self.page.execute(NavigateParams::new(url)).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        if let Some(error) = &done.result.error_text {
            panic!("{url}: {error}");
        }
    }

    /// Evaluates an expression in the page; the result of a promise is waited for.
    pub(crate) async fn try_evaluate(&self, expression: &str) -> Result<Value, String> {
        let params = EvaluateParams::builder().expression(expression).await_promise(true).return_by_value(true);
        let done =
            self.page.execute(params.build().expect("an expression")).await.map_err(|error| error.to_string())?;
        match &done.result.exception_details {
            None => Ok(done.result.result.value.clone().unwrap_or_default()),
            Some(thrown) => Err(thrown.exception.as_ref().and_then(|it| it.description.clone()).unwrap_or_default()),
        }
    }

    /// Evaluates an expression that does not fail.
    pub(crate) async fn evaluate(&self, expression: &str) -> Value {
        self.try_evaluate(expression).await.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Waits until an expression is true, and returns its value. Panics with what was awaited and the text of the page.
    pub(crate) async fn wait(&self, what: &str, expression: &str) -> Value {
        let script = format!(
            "new Promise((resolve, reject) => {{
                const end = performance.now() + {GIVE_UP_MS};
                const look = () => {{
                    const found = {expression};
                    if (found) resolve(found);
                    else if (performance.now() > end) reject(new Error('it was not seen'));
                    else requestAnimationFrame(() => {{ try {{ look(); }} catch (error) {{ reject(error); }} }});
                }};
                look();
            }})"
        );
        let mut last = String::new();
        // Another document may replace the one that was asked.
        for _ in 0..3 {
            match self.try_evaluate(&script).await {
                Ok(found) => return found,
                Err(error) if error.contains("ontext") || error.contains("navigated") => last = error,
                Err(error) => self.fail(what, &error).await,
            }
        }
        self.fail(what, &last).await
    }

    /// Waits until a text can be seen.
    pub(crate) async fn see(&self, text: &str) {
        self.wait(&format!("the text {text:?}"), &format!("document.body?.innerText.includes({})", quoted(text))).await;
    }

    /// Waits until a text can be seen no more.
    pub(crate) async fn see_no(&self, text: &str) {
        let expression = format!("document.body && !document.body.innerText.includes({})", quoted(text));
        self.wait(&format!("the end of the text {text:?}"), &expression).await;
    }

    /// The text of the view.
    pub(crate) async fn text(&self) -> String {
        self.evaluate("document.querySelector('main')?.innerText ?? document.body.innerText")
            .await
            .as_str()
            .expect("text")
            .to_owned()
    }

    /// Waits until the page has drawn a frame.
    pub(crate) async fn frame(&self) {
        drop(self.try_evaluate("new Promise((resolve) => requestAnimationFrame(() => resolve(0)))").await);
    }

    /// Takes a picture of the whole page, as a PNG.
    pub(crate) async fn picture(&self) -> Result<Vec<u8>, chromiumoxide::error::CdpError> {
        let metrics = self.page.execute(GetLayoutMetricsParams {}).await?.result;
        let Rect { x, y, width, height } = metrics.css_content_size;
        let clip = Viewport { x, y, width, height: height.min(TALLEST), scale: 1.0 };
        let params = CaptureScreenshotParams::builder().clip(clip).capture_beyond_viewport(true).build();
        let taken = self.page.execute(params).await?.result;
        Ok(BASE64.decode(taken.data).expect("Chromium encodes it"))
    }

    async fn fail(&self, what: &str, error: &str) -> ! {
        let text = self.try_evaluate("`${location}\\n${document.body.innerText}`").await.unwrap_or_default();
        panic!("waiting for {what}: {error}; the page shows:\n{}", text.as_str().unwrap_or_default());
    }
}

/// A text as a literal of a script.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
