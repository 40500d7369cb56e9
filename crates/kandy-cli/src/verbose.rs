//! `--verbose`: logs calls and attempts to stderr.
//!
//! ```text
//! user_list GET /domains/users: attempt 1: HTTP 200, status 0, 138 bytes
//! user_list GET /domains/users: done after 1 attempt, 8 ms
//! ```

use std::{collections::BTreeMap, fmt};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    layer::Context,
    prelude::*,
    registry::LookupSpan,
};

use crate::eprint::eprint;

/// Enables logging. Only events of the crate `kandy` are shown, because they contain no credentials; those of other
/// crates might.
pub(crate) fn listen(verbose: bool) {
    if verbose {
        let only_kandy = Targets::new().with_target("kandy", LevelFilter::DEBUG).with_default(LevelFilter::OFF);
        tracing_subscriber::registry().with(Calls.with_filter(only_kandy)).init();
    }
}

/// Writes a line per event of a call.
struct Calls;

/// The fields of a call span or of an event.
#[derive(Default)]
struct Known(BTreeMap<&'static str, String>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Calls {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut known = Known::default();
        attributes.record(&mut known);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(known);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(known) = span.extensions_mut().get_mut::<Known>()
        {
            values.record(known);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut happened = Known::default();
        event.record(&mut happened);
        let line = match context.event_span(event) {
            Some(span) => span.extensions().get::<Known>().map(|call| call.line(&happened)),
            None => None,
        };
        eprint(line.unwrap_or_else(|| happened.get("message").to_owned()));
    }
}

impl Known {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// Formats an event of a call.
    fn line(&self, happened: &Self) -> String {
        let call = ["kandy.operation", "http.request.method", "url.template"].map(|name| self.get(name)).join(" ");
        let attempt = happened.get("http.request.resend_count").parse().map_or(1, |before: u32| before + 1);
        let what = match happened.get("message") {
            "response received" => format!("attempt {attempt}: {}", happened.response()),
            "attempt failed" => format!("attempt {attempt}: {}", happened.get("error.type")),
            "finished" => {
                let done = if happened.get("success") == "true" { "done" } else { "failed" };
                let attempts = match self.get("kandy.attempts") {
                    "1" => "1 attempt".to_owned(),
                    attempts => format!("{attempts} attempts"),
                };
                format!("{done} after {attempts}, {} ms", self.get("kandy.elapsed_ms"))
            }
            other => match happened.get("wait_ms") {
                "" => other.to_owned(),
                wait => format!("{other}, {wait} ms"),
            },
        };
        // An event of the data channel belongs to no operation.
        if call.trim().is_empty() { what } else { format!("{call}: {what}") }
    }

    fn response(&self) -> String {
        let parts = [
            ("HTTP ", self.get("http.response.status_code"), ""),
            ("status ", self.get("kandy.status"), ""),
            ("", self.get("http.response.body.size"), " bytes"),
        ];
        let known = parts.into_iter().filter(|(_, value, _)| !value.is_empty());
        known.map(|(before, value, after)| format!("{before}{value}{after}")).collect::<Vec<_>>().join(", ")
    }
}

impl Visit for Known {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
