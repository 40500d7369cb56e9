//! `kandy message watch`: follows the inbox.
//!
//! A message is acknowledged after it was printed or its command succeeded, and deleted in batches; so none is lost and
//! a killed process sees at most ten again (`kill_loses_nothing_and_redelivers_at_most_ten`). Begin with
//! [`Watch::run`].

use std::{num::NonZeroU64, path::PathBuf, time::Duration};

use clap::Args;
use kandy::IncomingMessage;

use super::{
    exec,
    forward::ForwardOptions,
    forward_inbox::{ForwardInbox, dead_letters},
    lock::Lock,
    row::{self, MESSAGES},
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

/// Follow the inbox of the device: print each new message on one line and delete it
///
/// Each line has the id, the time, the sender, the type and the text, separated by tabs. With --json it is the message
/// as JSON; with --jq it is the output of the program.
///
/// The service pushes messages over a data channel, whose state is shown on stderr. While there is no channel, and with
/// --poll or --until-empty, the inbox is polled. With a channel it is polled every five minutes, too, so that a message
/// that is not pushed is not lost.
///
/// One `kandy message watch` at a time handles the messages of a device; a second one fails at once.
///
/// A message is deleted only after its line is written, or, with --exec, after the command succeeds. Otherwise it stays
/// in the inbox and is delivered again by the next `watch`; so a message can arrive twice, but none is lost. Deletions
/// are sent in batches of ten and before each poll, so a killed process receives at most ten messages again. A message
/// that the service refuses to delete is reported once and stays; the others are deleted. On Ctrl-C, SIGTERM or a
/// closed terminal, the command deletes the processed messages and exits; a second Ctrl-C exits at once.
#[derive(Args)]
#[command(after_help = "Examples:
  kandy message watch --user anna
  kandy message watch --user anna --until-empty --jq '.message.text'
  kandy message watch --user anna --exec 'notify-send \"$KANDY_MESSAGE_SENDER\" \"$KANDY_MESSAGE_TEXT\"'
  kandy message watch --user anna --forward-to https://example.com/hook --forward-secret-file secret.txt")]
pub(crate) struct Watch {
    #[command(flatten)]
    device: DeviceArguments,
    /// Run this command for each message instead of printing it
    ///
    /// The command is passed to `sh -c`, or to `cmd /C` on Windows, for one message at a time. It receives the message
    /// as JSON on stdin, and fields of it in KANDY_MESSAGE_ID, _TIMESTAMP, _SENDER, _TYPE, _TEXT, _GROUP_ID and
    /// _CONTENT_ID; a very long text is on stdin only. Other KANDY_* variables are not passed on, so that no credential
    /// is exposed; use a profile to run `kandy` in the command. Its output goes to stdout. Message content is
    /// untrusted: put variables in quotes, and on Windows, where quotes do not protect, read stdin.
    ///
    /// If the command fails, the message stays in the inbox, and the next message follows; the message is retried by
    /// the next `watch`, not before.
    #[arg(long, value_name = "COMMAND")]
    exec: Option<String>,
    /// Send each message to this URL as a signed webhook instead of printing it
    ///
    /// Each message is the JSON body of a POST request, signed as Standard Webhooks specifies: with the headers
    /// webhook-id, which is the same when a message is sent again, webhook-timestamp and webhook-signature. The message
    /// is deleted only after the receiver answers with a 2xx status. Messages of one sender are delivered in order.
    ///
    /// After another answer, or none, the message is sent again, after a wait that doubles from 1s to 60s, less a random
    /// part, or the one in Retry-After. A receiver that answers 429 or 503 with Retry-After gets no message until then;
    /// 410 ends the command. After the last attempt the message is written to the dead-letter file, and the next
    /// message of its sender follows. It stays in the inbox, too, and is not forwarded again until `kandy message
    /// resend` has delivered it.
    ///
    /// The URL may contain a password or a token: only its host is shown. Redirects are not followed.
    #[arg(long, value_name = "URL", conflicts_with = "exec")]
    forward_to: Option<String>,
    #[command(flatten)]
    forward: ForwardOptions,
    /// File for messages that could not be delivered (default: a file in the folder of the profiles). Only you can read
    /// it
    #[arg(long, value_name = "FILE", requires = "forward_to")]
    dead_letter: Option<PathBuf>,
    /// Do not keep other `kandy message watch` from handling the messages of the same device
    #[arg(long)]
    no_lock: bool,
    /// Keep all messages in the inbox
    #[arg(long)]
    keep: bool,
    /// Stop after this number of messages
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// Stop when the inbox is empty
    #[arg(long)]
    until_empty: bool,
    /// Poll the inbox, and open no data channel
    #[arg(long)]
    poll: bool,
    /// Longest interval between polls of an empty inbox while messages are not pushed [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    max_interval: Option<Duration>,
}

impl Watch {
    pub(super) async fn run(self, context: &Context) -> Result {
        if self.exec.as_deref().is_some_and(|command| command.trim().is_empty()) {
            return Err(Failure::usage("--exec: the command is empty"));
        }
        context.reject_dry_run(
            "not supported, because the requests depend on the messages; use `kandy message list \
            --dry-run`",
        )?;
        if self.exec.is_some() && context.output.is_json() {
            return Err(Failure::usage("--exec prints no messages; remove --json and --jq"));
        }
        let forwarder = match &self.forward_to {
            Some(url) => Some(self.forward.forwarder(context, url)?),
            None => None,
        };
        let observer = WatchObserver::new(context.output.is_quiet());
        context.observe(observer.clone());
        let interrupt = Interrupt::listen()?;
        let device = tokio::select! {
            device = context.device(&self.device) => device?,
            () = interrupt.signaled(1) => return Err(Interrupt::failure()),
        };
        // Before a message is read, so that no two processes handle the same one.
        let _lock = match self.no_lock {
            true => None,
            false => Some(Lock::acquire_device(context.kandy()?.base_url(), &device)?),
        };
        let forward = match forwarder {
            Some(forwarder) => Some(ForwardInbox {
                forwarder,
                dead_letters: dead_letters(context, self.dead_letter.as_deref(), &device)?,
                device: device.id().clone(),
                keep: self.keep,
                count: self.count,
            }),
            None => None,
        };
        let mut messages = device.messages();
        if self.until_empty {
            // With a limit, do not wait between polls.
            messages = messages.min_interval(Duration::ZERO);
        } else if !self.poll {
            // A poll decides whether the inbox is empty, so a channel would help only without that.
            messages = messages.push();
        }
        if let Some(max_interval) = self.max_interval {
            messages = messages.max_interval(max_interval);
        }
        let mut source = MessageSource::new(messages.stream(), observer, self.until_empty);
        let ended = match forward {
            Some(forward) => forward.run(context, &mut source, &interrupt).await,
            None => self.follow(context, &mut source, &interrupt).await,
        };
        source.close(ended, &interrupt).await
    }

    /// Handles one message after another.
    async fn follow(&self, context: &Context, source: &mut MessageSource, interrupt: &Interrupt) -> Result {
        let (mut count, mut failed) = (0, 0);
        while self.count.is_none_or(|most| count < most.get()) {
            let next = tokio::select! {
                biased;
                () = interrupt.signaled(1) => return Err(Interrupt::failure()),
                next = source.next() => next?,
            };
            let Some(message) = next else { break };
            // Acknowledge after the line is flushed, never before: a kill in between redelivers the message, and loses none.
            count += 1;
            if !self.handle(context, &message, interrupt).await? {
                failed += 1;
            } else if !self.keep
                && let Err(error) = message.ack().await
            {
                // The message stays acknowledged, and its deletion is retried.
                eprint(format_args!("kandy: {error}"));
            }
        }
        match failed {
            0 => Ok(()),
            _ => Err(Failure::Some(format!("the command failed for {failed} of {count} messages"))),
        }
    }

    /// Prints a message or runs the command. Returns whether it may be acknowledged.
    async fn handle(&self, context: &Context, message: &IncomingMessage, interrupt: &Interrupt) -> Result<bool> {
        let whole = row::whole(message);
        match &self.exec {
            Some(command) => exec::run(command, message, &whole, interrupt).await,
            None => {
                context.output.line(&MESSAGES, whole, |_| row::row(message))?;
                Ok(true)
            }
        }
    }
}
