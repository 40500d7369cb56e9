//! The forms of a frame: its text as received, and JSON.

use serde_json::{Value, json};

use crate::{context::Context, failure::Result, output::OutputSchema, terminal::escape_json};

/// Frames. `frame` holds one that is no JSON object.
pub(crate) const FRAMES: OutputSchema = OutputSchema {
    name: "frames",
    operation: "",
    at: "",
    id: "message_type",
    columns: &[
        "message_type",
        "message",
        "session_id",
        "full_user_id",
        "destination",
        "payload",
        "id",
        "status",
        "frame",
    ],
};

/// Prints a frame on one line, and flushes. Without `--json` and `--jq` it is the text of the frame; line breaks, which in
/// JSON stand between values only, become blanks.
pub(crate) fn print(context: &Context, frame: &str) -> Result {
    if context.output.is_json() {
        return context.output.line(&FRAMES, object(frame), |frame| frame);
    }
    let mut line = frame.replace(['\r', '\n'], " ");
    if context.output.is_terminal() && frame.starts_with('{') {
        // Escapes of JSON, so that the frame can be copied.
        line = escape_json(&line).into_owned();
    }
    context.output.text(line)?;
    context.output.flush()
}

/// Returns a frame as a JSON object, so that fields can be selected in frames of any form.
fn object(frame: &str) -> Value {
    match serde_json::from_str(frame) {
        Ok(object @ Value::Object(_)) => object,
        Ok(other) => json!({"frame": other}),
        Err(_) => json!({"frame": frame}),
    }
}
