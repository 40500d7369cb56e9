//! A service with messages that wait for one device, and the failures that a test wants.

use std::sync::{Arc, Mutex, MutexGuard};

use kandy::{Device, Inbox, Kandy, RetryPolicy};
use serde_json::{Value, json};

use super::support::{Recorder, clock::TestClock, json as answer};

/// What a service does that has these messages.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) pending: Vec<Value>,
    /// Answers before all others, the next one last.
    pub(crate) list_failures: Vec<Vec<u8>>,
    /// The answer to every deletion as long as it is there.
    pub(crate) delete_failure: Option<Vec<u8>>,
    /// Ids that are not deleted, and what a request with one of them gets.
    pub(crate) refused: Vec<String>,
    pub(crate) refusal: Vec<u8>,
    /// A request with longer ids than this together gets the refusal, too.
    pub(crate) longest: Option<usize>,
    /// The ids of each request to delete.
    pub(crate) deletes: Vec<Vec<String>>,
    /// How often the client had waited by then.
    pub(crate) waits_before_deletes: Vec<usize>,
    pub(crate) lists: usize,
    /// Messages that come with the first look that finds nothing, the next one last.
    pub(crate) later: Vec<Value>,
    /// At the look of this number this comes, too.
    pub(crate) at_look: Option<(usize, Value)>,
}

fn plain(id: &Value) -> String {
    id.as_str().unwrap_or_default().replace('-', "").to_lowercase()
}

impl State {
    fn list(&mut self) -> Vec<u8> {
        if let Some(failure) = self.list_failures.pop() {
            return failure;
        }
        self.lists += 1;
        assert!(self.lists < 1000, "what a test waits for does not come");
        if self.pending.is_empty() {
            self.pending.extend(self.later.pop());
        }
        if let Some((_, message)) = self.at_look.take_if(|(look, _)| *look == self.lists) {
            self.pending.push(message);
        }
        let result = json!({"server_timestamp": "1489312345678", "messages": self.pending});
        answer(200, &json!({"status": 0, "message": "success", "result": result}).to_string())
    }

    fn delete(&mut self, ids: &str) -> Vec<u8> {
        let ids: Vec<String> = serde_json::from_str(ids).expect("a list of ids");
        let plain_ids: Vec<String> = ids.iter().map(|id| plain(&json!(id))).collect();
        self.deletes.push(ids);
        if let Some(failure) = &self.delete_failure {
            return failure.clone();
        }
        let ids = self.deletes.last().expect("this one");
        let is_too_long = self.longest.is_some_and(|longest| ids.iter().map(String::len).sum::<usize>() > longest);
        if is_too_long || ids.iter().any(|id| self.refused.contains(id)) {
            return self.refusal.clone();
        }
        self.pending.retain(|message| message["UUID"].is_null() || !plain_ids.contains(&plain(&message["UUID"])));
        answer(200, r#"{"status": 0, "message": "success"}"#)
    }
}

/// A service, and a device on it.
pub(crate) struct Service {
    pub(crate) device: Device,
    state: Arc<Mutex<State>>,
    pub(crate) clock: TestClock,
    _recorder: Recorder,
}

impl Service {
    pub(crate) async fn with(pending: impl IntoIterator<Item = Value>) -> Self {
        Self::with_chance(pending, 0.0).await
    }

    pub(crate) async fn with_chance(pending: impl IntoIterator<Item = Value>, chance: f64) -> Self {
        let state = Arc::new(Mutex::new(State { pending: pending.into_iter().collect(), ..State::default() }));
        let clock = TestClock::new(chance);
        let (served, waited) = (state.clone(), clock.clone());
        let recorder = Recorder::answering(move |request| match request.method.as_str() {
            "GET" => served.lock().unwrap().list(),
            _ => {
                let mut state = served.lock().unwrap();
                state.waits_before_deletes.push(waited.waits().len());
                state.delete(request.parameter("messages").expect("ids"))
            }
        })
        .await;
        // The waits of the pipeline would hide those of the inbox.
        let kandy = Kandy::builder().base_url(recorder.kandy.base_url()).clock(clock.clone());
        let kandy = kandy.retry(RetryPolicy::never()).build().unwrap();
        Self { device: kandy.user_with_token("UAT").device("A149"), state, clock, _recorder: recorder }
    }

    pub(crate) fn inbox(&self) -> Inbox {
        self.device.messages().stream()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

pub(crate) fn id(number: usize) -> String {
    format!("{number:032x}")
}

pub(crate) fn message(number: usize) -> Value {
    json!({"messageType": "chat", "contentType": "text", "UUID": id(number), "timestamp": "1400510413",
        "sender": {"full_user_id": "russ@example.com"}, "message": {"mimeType": "text/plain", "text": number.to_string()}})
}

pub(crate) fn messages(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers.map(message).collect()
}
