//! Collects the output of a whole process: errors, `Debug`, events, panics.

use std::{
    error::Error as StdError,
    fmt::{self, Write as _},
    panic,
    sync::{Arc, Mutex},
};

use kandy::{CallEvent, Observer};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Collects all output: errors, `Debug`, events, logs, panics.
#[derive(Clone, Default)]
pub(super) struct Output(Arc<Mutex<Vec<String>>>);

/// Prints no contents: it is part of what is printed, and would contain itself again and again.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Output")
    }
}

impl Output {
    pub(super) fn add(&self, text: impl Into<String>) {
        self.0.lock().expect("no panic").push(text.into());
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    /// Adds the `Display` and `Debug` output of an error and its sources.
    pub(super) fn add_error(&self, error: &(dyn StdError + 'static)) {
        let mut error = Some(error);
        while let Some(next) = error {
            self.add(format!("{next}\n{next:#}\n{next:?}\n{next:#?}"));
            // `source` of an I/O error skips the error that it wraps.
            let wrapped = next.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            error = wrapped.map(|wrapped| wrapped as &(dyn StdError + 'static)).or_else(|| next.source());
        }
    }
}

impl Observer for Output {
    fn call_finished(&self, call: &CallEvent<'_>) {
        // The examples in the table of operations contain public credentials.
        self.add(format!("{call:?}").replace(&format!("{:?}", call.operation), call.operation.id));
    }

    #[cfg(feature = "push")]
    fn channel_changed(&self, state: &kandy::ChannelState) {
        self.add(format!("{state} {state:?} {state:#?}"));
        match state {
            kandy::ChannelState::Lost { error, .. } | kandy::ChannelState::Ended { error } => self.add_error(error),
            _ => {}
        }
    }
}

/// Records each span, its fields, and each event, at every level, of the targets that begin with a prefix.
pub(super) struct OutputSubscriber(pub(super) Output, pub(super) &'static str);

impl OutputSubscriber {
    fn note(&self, metadata: Option<&Metadata<'_>>, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(String::new());
        if let Some(metadata) = metadata {
            write!(fields.0, "{} {} {}:", metadata.level(), metadata.target(), metadata.name()).expect("a text");
        }
        record(&mut fields);
        self.0.add(fields.0);
    }
}

struct Fields(String);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).expect("a text");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).expect("a text");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn StdError + 'static)) {
        write!(self.0, " {}={value} {value:?}", field.name()).expect("a text");
    }
}

impl Subscriber for OutputSubscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(self.1)
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.note(Some(attributes.metadata()), |fields| attributes.record(fields));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note(None, |fields| values.record(fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(Some(event.metadata()), |fields| event.record(fields));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Records the message of each panic, and calls the hook that was installed before, except for panics that contain
/// `deliberate`.
pub(super) fn record_panics(output: Output, deliberate: &'static str) {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        output.add(info.to_string());
        if !info.to_string().contains(deliberate) {
            previous(info);
        }
    }));
}
