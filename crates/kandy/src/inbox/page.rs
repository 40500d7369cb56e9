use kandy_sys::{Client, Envelope};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Error, GetPendingMessages, PendingMessage, PendingMessages, Result,
    pipeline::{Call, Carries, Request, send_with_response},
};

/// Reads what waits. What cannot be understood in it is read one message at a time.
pub(super) async fn read(request: GetPendingMessages) -> Result<PendingMessages> {
    let (pending, exchange) = send_with_response(Attempt(request)).await?;
    match pending {
        Ok(pending) => Ok(pending),
        Err(error) => {
            let read = exchange.take_response().and_then(|answer| one_by_one(answer.body()));
            read.ok_or_else(|| error.after(exchange.progress()))
        }
    }
}

/// A request whose answer, when it cannot be understood, is no failure yet.
struct Attempt(GetPendingMessages);

impl Carries for Attempt {
    fn call(&self) -> &Call {
        self.0.call()
    }
}

impl Request for Attempt {
    type Output = Result<PendingMessages>;

    fn subject(&self) -> String {
        self.0.subject()
    }

    async fn run(&self, client: &Client) -> Result<Self::Output> {
        match self.0.run(client).await {
            Err(error @ Error::Decode(_)) => Ok(Err(error.on(|| self.subject()))),
            other => other.map(Ok),
        }
    }
}

/// Reads an answer so that one message cannot spoil the others.
fn one_by_one(body: &[u8]) -> Option<PendingMessages> {
    #[derive(Deserialize)]
    struct Page {
        server_timestamp: Option<Box<RawValue>>,
        messages: Vec<Box<RawValue>>,
    }
    // A text with bytes that are none spoils itself alone.
    let body = String::from_utf8_lossy(body);
    let page = serde_json::from_str::<Envelope<Page>>(&body).ok()?.into_result().ok()?;
    Some(PendingMessages {
        server_timestamp: page.server_timestamp.and_then(|timestamp| serde_json::from_str(timestamp.get()).ok()),
        messages: page.messages.iter().map(|message| PendingMessage::from_json(message.get())).collect(),
    })
}
