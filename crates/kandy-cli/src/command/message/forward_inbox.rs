//! `kandy message watch --forward-to`: forwards an inbox.
//!
//! A message is acknowledged, and so deleted, only after the receiver accepted it. One that was not accepted is written
//! to the dead-letter file and stays in the inbox, too; the next `watch` skips it there.

use std::{
    num::NonZeroU64,
    path::{Path, PathBuf},
};

use kandy::{Device, DeviceId, IncomingMessage};

use super::{
    forward::{Counts, DeadLetters, Delivery, Entry, Forwarder, Ids, Outcome, Source},
    lock::device_file,
    source::MessageSource,
};
use crate::{
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    interrupt::Interrupt,
};

/// Forwards the messages of a device.
pub(super) struct ForwardInbox {
    pub(super) forwarder: Forwarder,
    pub(super) dead_letters: DeadLetters,
    pub(super) device: DeviceId,
    /// Whether delivered messages stay in the inbox.
    pub(super) keep: bool,
    /// The number of messages to forward.
    pub(super) count: Option<NonZeroU64>,
}

/// Opens the dead-letter file: the named one, or that of the device.
pub(super) fn dead_letters(context: &Context, named: Option<&Path>, device: &Device) -> Result<DeadLetters> {
    let path: PathBuf = match named {
        Some(path) => path.to_owned(),
        None => device_file(context.kandy()?.base_url(), device, ".dead-letter.jsonl")?,
    };
    DeadLetters::create(&path).map_err(|failure| match named {
        Some(_) => failure,
        None => Failure::local(format!("{failure} (--dead-letter FILE names another file)")),
    })
}

impl ForwardInbox {
    /// Forwards messages until the end of the source, a signal, or a failure.
    pub(super) async fn run(self, context: &Context, source: &mut MessageSource, interrupt: &Interrupt) -> Result {
        let path = self.dead_letters.path().to_owned();
        let known = self.dead_letters.ids()?;
        if !known.undelivered.is_empty() {
            context.output.status(format_args!(
                "undelivered messages that are not forwarded: {1} in {0}; `kandy message resend` sends them again",
                path.display(),
                known.undelivered.len()
            ));
        }
        let left = self.count.map(NonZeroU64::get);
        let mut messages = Messages { source, device: &self.device, known, keep: self.keep, left };
        let (counts, ended) = self.forwarder.run(&mut messages, &self, interrupt).await;
        let closed = self.dead_letters.close();
        match (ended, counts) {
            (Ok(()), Counts { undelivered: 1.., .. }) => Err(Failure::Some(format!(
                "{} of the messages could not be delivered. They stay in the inbox and are in {}: `kandy message \
                 resend` sends them again.",
                counts.undelivered,
                path.display()
            ))),
            (ended, _) => ended.and(closed),
        }
    }
}

/// The messages to forward.
struct Messages<'a> {
    source: &'a mut MessageSource,
    device: &'a DeviceId,
    /// The messages that are not forwarded, because the dead-letter file has them.
    known: Ids,
    /// Whether delivered messages stay in the inbox.
    keep: bool,
    /// The number of messages until the end.
    left: Option<u64>,
}

impl Source for Messages<'_> {
    type Item = IncomingMessage;

    async fn next(&mut self) -> Result<Option<(Delivery, IncomingMessage)>> {
        while self.left != Some(0) {
            let Some(message) = self.source.next().await? else { return Ok(None) };
            let delivery = Delivery::new(self.device, &message);
            if self.known.delivered.contains(delivery.webhook_id()) {
                // A `resend` delivered it, and was killed before it deleted it.
                acknowledge(&message, self.keep).await;
            } else if !self.known.undelivered.contains(delivery.webhook_id()) {
                self.left = self.left.map(|left| left - 1);
                return Ok(Some((delivery, message)));
            }
        }
        Ok(None)
    }
}

impl Outcome<IncomingMessage> for ForwardInbox {
    async fn delivered(&self, _: &Delivery, message: IncomingMessage) -> Result {
        acknowledge(&message, self.keep).await;
        Ok(())
    }

    fn undelivered(&self, delivery: &Delivery, attempts: u32, reason: &str) -> Result {
        let entry = Entry::new(&self.device, delivery, attempts, reason);
        self.dead_letters.add(&entry.map_err(|error| Failure::local(format!("the message is not JSON: {error}")))?)
    }
}

/// Acknowledges a message, unless it is to be kept.
async fn acknowledge(message: &IncomingMessage, keep: bool) {
    if !keep && let Err(error) = message.ack().await {
        // The message stays acknowledged, and its deletion is retried.
        eprint(format_args!("kandy: {error}"));
    }
}
