//! What a page must not have: errors and warnings in the console, exceptions, violations of its policy, failed loads, dialogs.

use std::sync::{Arc, Mutex};

use chromiumoxide::cdp::{
    browser_protocol::{
        log,
        page::{EventJavascriptDialogOpening, HandleJavaScriptDialogParams},
    },
    js_protocol::runtime::{ConsoleApiCalledType, EnableParams, EventConsoleApiCalled, EventExceptionThrown},
};
use futures_util::StreamExt;

/// The problems of a page so far.
#[derive(Default)]
pub(crate) struct Problems {
    seen: Arc<Mutex<Vec<String>>>,
    expected: Mutex<Vec<String>>,
}

impl Problems {
    /// Begins to collect.
    pub(super) async fn collect(page: &chromiumoxide::Page) -> Self {
        let problems = Self::default();
        let note = |seen: &Arc<Mutex<Vec<String>>>| {
            let seen = seen.clone();
            move |problem: String| seen.lock().expect("no test panics here").push(problem)
        };
        let (add, mut entries) =
            (note(&problems.seen), page.event_listener::<log::EventEntryAdded>().await.expect("events"));
        tokio::spawn(async move {
            // Violations of the policy and failed loads are here.
            while let Some(event) = entries.next().await {
                let entry = &event.entry;
                if matches!(entry.level, log::LogEntryLevel::Error | log::LogEntryLevel::Warning) {
                    add(format!("{} ({})", entry.text, entry.url.as_deref().unwrap_or_default()));
                }
            }
        });
        let (add, mut calls) =
            (note(&problems.seen), page.event_listener::<EventConsoleApiCalled>().await.expect("events"));
        tokio::spawn(async move {
            while let Some(event) = calls.next().await {
                let is_bad = matches!(event.r#type, ConsoleApiCalledType::Error | ConsoleApiCalledType::Warning);
                if is_bad || event.r#type == ConsoleApiCalledType::Assert {
                    let texts = event.args.iter().map(|value| format!("{:?}", value.value));
                    add(format!("console: {}", texts.collect::<Vec<_>>().join(" ")));
                }
            }
        });
        let (add, mut thrown) =
            (note(&problems.seen), page.event_listener::<EventExceptionThrown>().await.expect("events"));
        tokio::spawn(async move {
            while let Some(event) = thrown.next().await {
                let details = &event.exception_details;
                let text = details.exception.as_ref().and_then(|it| it.description.clone());
                add(format!("exception: {}", text.unwrap_or_else(|| details.text.clone())));
            }
        });
        let (add, mut dialogs) =
            (note(&problems.seen), page.event_listener::<EventJavascriptDialogOpening>().await.expect("events"));
        let to = page.clone();
        tokio::spawn(async move {
            while let Some(event) = dialogs.next().await {
                add(format!("dialog: {}", event.message));
                // A page with an open dialog stands still.
                drop(to.execute(HandleJavaScriptDialogParams::new(true)).await);
            }
        });
        page.execute(EnableParams {}).await.expect("enabled");
        page.execute(log::EnableParams {}).await.expect("enabled");
        problems
    }

    /// Expects problems whose text has this part.
    pub(crate) fn expect(&self, part: &str) {
        self.expected.lock().expect("no test panics here").push(part.to_owned());
    }

    /// All problems so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no test panics here").clone()
    }

    /// The problems so far that were not expected.
    pub(crate) fn unexpected(&self) -> Vec<String> {
        let expected = self.expected.lock().expect("no test panics here");
        let is_expected = |problem: &String| expected.iter().any(|part| problem.contains(part));
        self.seen().into_iter().filter(|problem| !is_expected(problem)).collect()
    }
}
