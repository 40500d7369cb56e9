//! What the consumers of a test reported so far.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use super::consumer::Report;

/// The longest real time until something is reported.
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

/// The messages that a consumer may have handled, and the service not deleted, at any moment.
///
/// A program handles one message after another. At each tenth acknowledgement it waits until those ten are deleted. While
/// the channel is idle the inbox deletes earlier, and does not wait: up to nine are in that request when the next ten are
/// yielded. Beside these, a message that was pushed twice is deleted only after a poll: [`Reported::repeated`].
pub(super) const IN_FLIGHT: usize = 9 + 10;

/// The reports of all consumers, of which one runs at a time.
#[derive(Default)]
pub(super) struct Log {
    reported: Mutex<Reported>,
    changed: Notify,
}

/// What was reported so far.
#[derive(Default)]
pub(super) struct Reported {
    /// How often each message was handled.
    pub(super) handled: HashMap<String, usize>,
    /// The states of the channels.
    pub(super) states: Vec<String>,
    /// The messages that the running consumer handled, in this order.
    run: Vec<String>,
    /// The messages that were handled and perhaps not deleted when a consumer was killed, and not handled again since.
    in_flight: HashSet<String>,
    /// All messages that a consumer handled which was killed.
    killed: HashSet<String>,
    /// How often a message was redelivered although many were handled after it. A push that repeats an id may be another
    /// message, so that a poll counts the messages of the id before they are deleted.
    pub(super) repeated: usize,
}

impl Log {
    pub(super) fn reported(&self) -> MutexGuard<'_, Reported> {
        self.reported.lock().expect("no panic")
    }

    /// Records a report. Returns whether it is the first of its message.
    pub(super) fn record(&self, report: Report) -> bool {
        let mut reported = self.reported();
        let is_first = match report {
            Report::Handled(id) => {
                reported.run.push(id.clone());
                let times = reported.handled.entry(id).or_default();
                *times += 1;
                *times == 1
            }
            Report::Channel(state) => {
                reported.states.push(state);
                false
            }
        };
        drop(reported);
        self.changed.notify_one();
        is_first
    }

    /// Checks what a consumer handled that was killed or has ended: nothing twice, and of what an earlier one handled only
    /// what was in flight when that one was killed.
    pub(super) fn end_run(&self, is_killed: bool) {
        let mut reported = self.reported();
        let Reported { handled, run, in_flight, killed, repeated, .. } = &mut *reported;
        let mut seen = HashSet::new();
        for id in run.iter() {
            assert!(seen.insert(id), "one process got {id} twice");
            if handled[id] > 1 && !in_flight.remove(id) {
                assert!(killed.contains(id), "{id} was redelivered, although no process that handled it was killed");
                *repeated += 1;
            }
        }
        if is_killed {
            killed.extend(run.iter().cloned());
            in_flight.extend(run.iter().rev().take(IN_FLIGHT).cloned());
        }
        run.clear();
    }

    /// Waits until the reports satisfy a condition.
    pub(super) async fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let waiting = async {
            while !is_so() {
                self.changed.notified().await;
            }
        };
        timeout(LONG_TIMEOUT, waiting).await.unwrap_or_else(|_| panic!("not reported: {what}"));
    }
}
