//! [`Forwarder::run`]: delivers messages, those of one sender in order, those of some senders at a time.
//!
//! ```text
//! Source ──▶ a queue for each sender ──▶ attempts until it is delivered ──▶ Outcome
//! ```
//!
//! Nothing is spawned: dropping the future ends all attempts.

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroU32,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::{
    sync::{Semaphore, watch},
    time::sleep,
};

use super::{
    delivery::Delivery,
    receiver::{Attempt, Receiver},
    report::{Counts, Report},
    retry::{Backoff, Pause},
};
use crate::{
    failure::{Failure, Result},
    interrupt::Interrupt,
};

/// The number of messages that are read and not settled. More stay where they come from, so that memory is bounded
/// however long the receiver fails.
const MAX_WAITING: usize = 1000;

/// Where messages come from.
pub(crate) trait Source {
    /// What settles a message.
    type Item;

    /// Returns the next message; `None` at the end. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Option<(Delivery, Self::Item)>>;
}

/// What follows the last attempt.
pub(crate) trait Outcome<Item> {
    /// The receiver has the message.
    async fn delivered(&self, delivery: &Delivery, item: Item) -> Result;

    /// The last attempt failed.
    fn undelivered(&self, delivery: &Delivery, attempts: u32, reason: &str) -> Result;
}

/// Delivers messages to a receiver.
pub(crate) struct Forwarder {
    pub(super) receiver: Receiver,
    pub(super) backoff: Backoff,
    pub(super) max_attempts: NonZeroU32,
    /// The number of concurrent attempts. A message that waits for its next attempt does not count.
    pub(super) concurrency: usize,
    pub(super) is_quiet: bool,
}

/// How the delivery of a message ended.
enum Ended {
    Settled,
    /// The command ends before the message was delivered.
    Stopped,
    /// The receiver wants no more messages.
    Gone,
    /// This machine failed.
    Failed(Failure),
}

/// What all deliveries of a run share.
struct Run<'a, O> {
    forwarder: &'a Forwarder,
    outcome: &'a O,
    report: Report,
    attempts: Semaphore,
    pause: Pause,
    stop: watch::Sender<bool>,
}

impl Forwarder {
    /// Delivers the messages of the source until its end, a signal, or a failure. Returns the counts in any case.
    pub(crate) async fn run<S, O>(&self, source: &mut S, outcome: &O, interrupt: &Interrupt) -> (Counts, Result)
    where
        S: Source,
        O: Outcome<S::Item>,
    {
        let run = Run {
            forwarder: self,
            outcome,
            report: Report::new(self.receiver.origin(), self.is_quiet),
            attempts: Semaphore::new(self.concurrency),
            pause: Pause::default(),
            stop: watch::Sender::new(false),
        };
        let ended = tokio::select! {
            ended = run.all(source, interrupt) => ended,
            () = interrupt.signaled(2) => Err(Interrupt::failure()),
        };
        (run.report.end(), ended)
    }
}

impl<O> Run<'_, O> {
    async fn all<S>(&self, source: &mut S, interrupt: &Interrupt) -> Result
    where
        S: Source,
        O: Outcome<S::Item>,
    {
        let mut ended = None;
        let mut active = FuturesUnordered::new();
        // The messages behind the one that is being delivered, by sender.
        let mut queues: HashMap<String, VecDeque<(Delivery, S::Item)>> = HashMap::new();
        let mut waiting = 0;
        loop {
            let is_reading = ended.is_none() && waiting < MAX_WAITING;
            if ended.is_some() && active.is_empty() {
                break;
            }
            tokio::select! {
                // Signals come first, so that no delivery begins after one.
                biased;
                () = interrupt.signaled(1), if !*self.stop.borrow() => {
                    self.stop.send_replace(true);
                    if self.attempts.available_permits() < self.forwarder.concurrency {
                        self.report.stopping();
                    }
                    ended = Some(Err(Interrupt::failure()));
                }
                Some((sender, how)) = active.next(), if !active.is_empty() => {
                    match how {
                        Ended::Settled => waiting -= 1,
                        Ended::Stopped => {}
                        Ended::Gone => ended = self.end_early(ended, self.gone()),
                        Ended::Failed(failure) => ended = self.end_early(ended, failure),
                    }
                    self.report.set_waiting(waiting);
                    let next = queues.get_mut(&sender).and_then(VecDeque::pop_front);
                    match next {
                        Some((delivery, item)) if !*self.stop.borrow() => active.push(self.deliver(delivery, item)),
                        _ => drop(queues.remove(&sender)),
                    }
                }
                next = source.next(), if is_reading => match next {
                    Ok(Some((delivery, item))) => {
                        waiting += 1;
                        self.report.set_waiting(waiting);
                        match queues.get_mut(&delivery.sender) {
                            Some(queue) => queue.push_back((delivery, item)),
                            None => {
                                queues.insert(delivery.sender.clone(), VecDeque::new());
                                active.push(self.deliver(delivery, item));
                            }
                        }
                    }
                    // What was read before is still delivered.
                    Ok(None) => ended = Some(Ok(())),
                    Err(failure) => ended = Some(Err(failure)),
                },
            }
        }
        ended.unwrap_or(Ok(()))
    }

    /// Stops all deliveries after their current attempt. The first failure counts.
    fn end_early(&self, ended: Option<Result>, failure: Failure) -> Option<Result> {
        self.stop.send_replace(true);
        match ended {
            Some(Err(first)) => Some(Err(first)),
            _ => Some(Err(failure)),
        }
    }

    fn gone(&self) -> Failure {
        Failure::Some(format!(
            "{} answered HTTP 410 Gone: it wants no more messages. Those that it did not accept stay where they are; \
             forward them to another URL.",
            self.forwarder.receiver.origin()
        ))
    }

    /// Delivers a message. Returns its sender, whose next message may follow.
    async fn deliver<Item>(&self, delivery: Delivery, item: Item) -> (String, Ended)
    where
        O: Outcome<Item>,
    {
        let ended = self.attempts(&delivery, item).await;
        (delivery.sender, ended)
    }

    /// Attempts to deliver a message until that succeeds, or until the last attempt.
    async fn attempts<Item>(&self, delivery: &Delivery, item: Item) -> Ended
    where
        O: Outcome<Item>,
    {
        let mut stop = self.stop.subscribe();
        let mut stopped = async || drop(stop.wait_for(|stop| *stop).await);
        for attempt in 1.. {
            let turn = tokio::select! {
                biased;
                () = stopped() => return Ended::Stopped,
                turn = self.turn() => turn,
            };
            let attempted = self.forwarder.receiver.attempt(delivery).await;
            drop(turn);
            let failed = match attempted {
                Attempt::Delivered => {
                    let settled = self.outcome.delivered(delivery, item).await;
                    self.report.delivered();
                    return settled.map_or_else(Ended::Failed, |()| Ended::Settled);
                }
                Attempt::Gone => return Ended::Gone,
                Attempt::Failed(failed) => failed,
            };
            let asked = failed.retry_after.map(|wait| self.forwarder.backoff.capped(wait));
            if failed.is_overloaded
                && let Some(wait) = asked
            {
                self.pause.begin(wait);
            }
            if attempt >= self.forwarder.max_attempts.get() {
                let settled = self.outcome.undelivered(delivery, attempt, &failed.reason);
                self.report.undelivered(delivery, attempt, &failed.reason);
                return settled.map_or_else(Ended::Failed, |()| Ended::Settled);
            }
            self.report.failed(&failed.reason);
            let wait = self.forwarder.backoff.wait(attempt).max(asked.unwrap_or_default());
            tokio::select! {
                biased;
                () = stopped() => return Ended::Stopped,
                () = sleep(wait) => {}
            }
        }
        Ended::Stopped
    }

    /// Waits until an attempt may begin.
    async fn turn(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        loop {
            self.pause.wait().await;
            // It is never closed.
            let turn = self.attempts.acquire().await.ok();
            // A pause may have begun while this one waited for its turn.
            if !self.pause.is_active() {
                return turn;
            }
        }
    }
}
