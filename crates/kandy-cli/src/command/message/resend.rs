//! `kandy message resend`: sends the messages of a dead-letter file again.

use std::{cell::Cell, path::PathBuf, time::Duration};

use clap::Args;
use kandy::Device;

use super::{
    forward::{Counts, DeadLetters, Delivery, ForwardOptions, Outcome, Remaining, Source},
    source::MessageSource,
    watch_observer::WatchObserver,
};
use crate::{
    arguments::DeviceArguments,
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    interrupt::Interrupt,
};

/// Send the messages of a dead-letter file again
///
/// The file is that of `kandy message watch --forward-to`, which names it when it ends. The messages are sent as they were
/// before, with the same webhook-id. Those that are delivered are removed from the file and deleted with the service; the
/// others stay in it. A line that cannot be read, or is of another device, stays, too, and is reported by its number.
///
/// If the command is killed, the next one continues; at most the messages that were being sent are sent twice.
#[derive(Args)]
#[command(after_help = "Example:
  kandy message resend messages.jsonl --user anna --forward-to https://example.com/hook --forward-secret-file secret.txt")]
pub(crate) struct Resend {
    /// Dead-letter file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    device: DeviceArguments,
    /// URL that the messages are sent to
    #[arg(long, value_name = "URL", required = true)]
    forward_to: String,
    #[command(flatten)]
    forward: ForwardOptions,
}

impl Resend {
    pub(super) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported, because the requests depend on the file; read the file instead")?;
        let forwarder = self.forward.forwarder(context, &self.forward_to)?;
        let observer = WatchObserver::default();
        context.observe(observer.clone());
        let dead_letters = DeadLetters::open(&self.file)?;
        let interrupt = Interrupt::listen()?;
        let device = tokio::select! {
            device = context.device(&self.device) => device?,
            () = interrupt.signaled(1) => return Err(Interrupt::failure()),
        };
        let mut lines = Lines { remaining: dead_letters.remaining()?, device: &device, kept: Cell::new(0) };
        let (counts, ended) = forwarder.run(&mut lines, &dead_letters, &interrupt).await;
        let kept = lines.kept.get();
        let deleted = delete(&device, observer, &dead_letters, &interrupt).await;
        // Before that, the marks of what was delivered are needed to delete it.
        let compacted = match deleted {
            Ok(()) => dead_letters.compact(),
            Err(failure) => Err(match failure {
                failure @ Failure::Interrupted(_) => failure,
                failure => Failure::Some(format!(
                    "the delivered messages could not be deleted with the service: {failure}. The next `resend` or \
                     `watch` with this file deletes them."
                )),
            }),
        };
        match (ended.and(compacted), counts) {
            (Ok(()), Counts { undelivered, .. }) if undelivered + kept > 0 => Err(Failure::Some(format!(
                "{} of the lines stay in {}: {undelivered} could not be delivered, {kept} were not sent",
                undelivered + kept,
                self.file.display()
            ))),
            (ended, _) => ended,
        }
    }
}

/// Deletes the delivered messages with the service.
///
/// They are acknowledged in the inbox and not deleted by id: senders choose the ids, and the inbox deletes an id only
/// after every message that has it is delivered.
async fn delete(device: &Device, observer: WatchObserver, dead_letters: &DeadLetters, interrupt: &Interrupt) -> Result {
    let delivered = dead_letters.ids()?.delivered;
    if delivered.is_empty() {
        return Ok(());
    }
    let mut source = MessageSource::new(device.messages().min_interval(Duration::ZERO).stream(), observer, true);
    let read = async {
        while let Some(message) = source.next().await? {
            if delivered.contains(Delivery::new(device.id(), &message).webhook_id()) {
                message.ack().await?;
            }
        }
        Ok(())
    };
    let read = tokio::select! {
        read = read => read,
        () = interrupt.signaled(2) => Err(Interrupt::failure()),
    };
    source.close(read, interrupt).await
}

/// The lines of a dead-letter file.
struct Lines<'a> {
    remaining: Remaining,
    device: &'a Device,
    /// The number of lines that are not sent.
    kept: Cell<u64>,
}

/// The number of lines that are not sent and reported one by one.
const MAX_REPORTED: u64 = 10;

impl Lines<'_> {
    fn keep(&self, number: u64, reason: &str) {
        self.kept.set(self.kept.get() + 1);
        match self.kept.get() {
            1..=MAX_REPORTED => eprint(format_args!("kandy: line {number} {reason}; it stays in the file")),
            count if count == MAX_REPORTED + 1 => eprint("kandy: further lines that are not sent are not shown here"),
            _ => {}
        }
    }
}

impl Source for Lines<'_> {
    type Item = ();

    async fn next(&mut self) -> Result<Option<(Delivery, ())>> {
        let failed = |error| Failure::of_file("the dead-letter file", &error);
        while let Some(letter) = self.remaining.next().map_err(failed)? {
            match letter.entry {
                None => self.keep(letter.number, "cannot be read"),
                Some(entry) if !entry.is_of(self.device.id()) => {
                    let device = entry.device_id();
                    self.keep(letter.number, &format!("is of device {device:?}, which --device selects"));
                }
                Some(entry) => return Ok(Some((entry.delivery(), ()))),
            }
        }
        Ok(None)
    }
}

impl Outcome<()> for DeadLetters {
    async fn delivered(&self, delivery: &Delivery, (): ()) -> Result {
        self.mark_delivered(delivery.webhook_id())
    }

    /// The line stays in the file.
    fn undelivered(&self, _: &Delivery, _: u32, _: &str) -> Result {
        Ok(())
    }
}
