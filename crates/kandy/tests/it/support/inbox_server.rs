//! A mock server with the pending messages of one device, and the failures that a test asks for.

use std::sync::{Arc, Mutex, MutexGuard};

use kandy::{Device, Inbox, Kandy, RetryPolicy};
use serde_json::{Value, json};

use super::{
    clock::TestClock,
    mock_server::{MockServer, json_response},
};

/// The pending messages, the failures to come, and what was received.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) pending: Vec<Value>,
    /// Responses to the next polls, the first of them at the end.
    pub(crate) poll_failures: Vec<Vec<u8>>,
    /// The response to every deletion while it is set.
    pub(crate) delete_failure: Option<Vec<u8>>,
    /// Ids that cannot be deleted; a request with one of them gets `refusal`.
    pub(crate) refused: Vec<String>,
    pub(crate) refusal: Vec<u8>,
    /// A request whose ids are longer than this together gets `refusal` too.
    pub(crate) max_ids_length: Option<usize>,
    /// The ids of each request to delete.
    pub(crate) deletes: Vec<Vec<String>>,
    /// How often the client had waited before each of them.
    pub(crate) waits_before_deletes: Vec<usize>,
    /// How often the messages were listed.
    pub(crate) polls: usize,
    /// Messages that arrive one at a time when a poll finds none, the first of them at the end.
    pub(crate) on_empty_poll: Vec<Value>,
    /// A message that arrives at the poll with this number.
    pub(crate) at_poll: Option<(usize, Value)>,
}

/// Returns an id as the service compares it: lower case, without hyphens.
fn plain(id: &Value) -> String {
    id.as_str().unwrap_or_default().replace('-', "").to_lowercase()
}

impl State {
    pub(crate) fn list(&mut self) -> Vec<u8> {
        if let Some(failure) = self.poll_failures.pop() {
            return failure;
        }
        self.polls += 1;
        assert!(self.polls < 1000, "the message that the test waits for does not arrive");
        if self.pending.is_empty() {
            self.pending.extend(self.on_empty_poll.pop());
        }
        if let Some((_, message)) = self.at_poll.take_if(|(poll, _)| *poll == self.polls) {
            self.pending.push(message);
        }
        let result = json!({"server_timestamp": "1489312345678", "messages": self.pending});
        json_response(200, &json!({"status": 0, "message": "success", "result": result}).to_string())
    }

    pub(crate) fn delete(&mut self, ids: &str) -> Vec<u8> {
        let ids: Vec<String> = serde_json::from_str(ids).expect("a list of ids");
        let plain_ids: Vec<String> = ids.iter().map(|id| plain(&json!(id))).collect();
        self.deletes.push(ids);
        if let Some(failure) = &self.delete_failure {
            return failure.clone();
        }
        let ids = self.deletes.last().expect("this one");
        let length: usize = ids.iter().map(String::len).sum();
        let is_too_long = self.max_ids_length.is_some_and(|max_length| length > max_length);
        if is_too_long || ids.iter().any(|id| self.refused.contains(id)) {
            return self.refusal.clone();
        }
        self.pending.retain(|message| message["UUID"].is_null() || !plain_ids.contains(&plain(&message["UUID"])));
        json_response(200, r#"{"status": 0, "message": "success"}"#)
    }
}

/// A server, and a device whose inbox it serves.
pub(crate) struct InboxServer {
    pub(crate) device: Device,
    state: Arc<Mutex<State>>,
    pub(crate) clock: TestClock,
    _server: MockServer,
}

impl InboxServer {
    /// Starts a server with these pending messages; the clock of the client draws 0.
    pub(crate) async fn start(pending: impl IntoIterator<Item = Value>) -> Self {
        Self::start_with_random(pending, 0.0).await
    }

    /// Starts a server with these pending messages; the clock of the client draws `random`.
    pub(crate) async fn start_with_random(pending: impl IntoIterator<Item = Value>, random: f64) -> Self {
        let state = Arc::new(Mutex::new(State { pending: pending.into_iter().collect(), ..State::default() }));
        let clock = TestClock::new(random);
        let (served, waited) = (state.clone(), clock.clone());
        let server = MockServer::respond_with(move |request| match request.method.as_str() {
            "GET" => served.lock().unwrap().list(),
            _ => {
                let mut state = served.lock().unwrap();
                state.waits_before_deletes.push(waited.waits().len());
                state.delete(request.parameter("messages").expect("ids"))
            }
        })
        .await;
        // Without retries, every wait that the clock records is a poll interval of the inbox.
        let kandy = Kandy::builder().base_url(server.kandy.base_url()).clock(clock.clone());
        let kandy = kandy.retry(RetryPolicy::never()).build().unwrap();
        Self { device: kandy.user_with_token("UAT").device("A149"), state, clock, _server: server }
    }

    /// Opens an inbox stream with the default settings.
    pub(crate) fn inbox(&self) -> Inbox {
        self.device.messages().stream()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

/// Returns the message id with this number.
pub(crate) fn id(number: usize) -> String {
    format!("{number:032x}")
}

/// Returns a pending chat message, whose id and text are this number.
pub(crate) fn message(number: usize) -> Value {
    json!({"messageType": "chat", "contentType": "text", "UUID": id(number), "timestamp": "1400510413",
        "sender": {"full_user_id": "russ@example.com"}, "message": {"mimeType": "text/plain", "text": number.to_string()}})
}

/// Returns several pending messages.
pub(crate) fn messages(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(message).collect()
}
