//! Reads the pending messages one at a time where the whole list cannot be decoded, so that one message does not block
//! the others. Depends on `message` and the driver of the pipeline.

use kandy_sys::Envelope;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Error, GetPendingMessages, PendingMessage, PendingMessages, Result,
    pipeline::{Driver, HasCall as _, run_with},
};

/// Reads the pending messages. If the response as a whole cannot be decoded, they are read one at a time.
pub(super) async fn read(request: GetPendingMessages) -> Result<PendingMessages> {
    let mut driver = Driver::new(request.call(), true);
    match run_with(&mut driver, &request).await {
        Err(error @ Error::Decode(_)) => {
            let response = driver.take_response();
            response.and_then(|response| one_by_one(response.body())).ok_or(error)
        }
        other => other,
    }
}

/// Reads each message on its own.
fn one_by_one(body: &[u8]) -> Option<PendingMessages> {
    #[derive(Deserialize)]
    struct Page {
        server_timestamp: Option<Box<RawValue>>,
        messages: Vec<Box<RawValue>>,
    }
    // Invalid UTF-8 is replaced, so that it affects only the message that contains it.
    let body = String::from_utf8_lossy(body);
    let page = serde_json::from_str::<Envelope<Page>>(&body).ok()?.into_result().ok()?;
    Some(PendingMessages {
        server_timestamp: page.server_timestamp.and_then(|timestamp| serde_json::from_str(timestamp.get()).ok()),
        messages: page.messages.iter().map(|message| PendingMessage::from_json(message.get())).collect(),
    })
}
