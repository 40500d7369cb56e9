//! `kandy message watch`: follows the inbox.
//!
//! A message is acknowledged after it was printed or its command succeeded, and deleted in batches; so none is lost and
//! a killed process sees at most ten again (`kill_loses_nothing_and_redelivers_at_most_ten`). Begin with
//! [`Watch::run`].

use std::{num::NonZeroU64, time::Duration};

use clap::Args;
use kandy::IncomingMessage;

use super::{
    exec,
    row::{self, MESSAGES},
    source::{MessageSource, PollCounter},
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
/// A message is deleted only after its line is written, or, with --exec, after the command succeeds. Otherwise it stays
/// in the inbox and is delivered again by the next `watch`; so a message can arrive twice, but none is lost. Deletions
/// are sent in batches of ten and before each poll, so a killed process receives at most ten messages again. A message
/// that the service refuses to delete is reported once and stays; the others are deleted. On Ctrl-C, SIGTERM or a
/// closed terminal, the command deletes the processed messages and exits; a second Ctrl-C exits at once.
#[derive(Args)]
#[command(after_help = "Examples:
  kandy message watch --user anna
  kandy message watch --user anna --until-empty --jq '.message.text'
  kandy message watch --user anna --exec 'notify-send \"$KANDY_MESSAGE_SENDER\" \"$KANDY_MESSAGE_TEXT\"'")]
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
    /// Keep all messages in the inbox
    #[arg(long)]
    keep: bool,
    /// Stop after this number of messages
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// Stop when the inbox is empty
    #[arg(long)]
    until_empty: bool,
    /// Longest interval between polls of an empty inbox [default: 30s]
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
        let polls = PollCounter::default();
        context.observe(polls.clone());
        let interrupt = Interrupt::listen()?;
        let mut messages = tokio::select! {
            device = context.device(&self.device) => device?.messages(),
            () = interrupt.signaled(1) => return Err(Interrupt::failure()),
        };
        if self.until_empty {
            // With a limit, do not wait between polls.
            messages = messages.min_interval(Duration::ZERO);
        }
        if let Some(max_interval) = self.max_interval {
            messages = messages.max_interval(max_interval);
        }
        let mut source = MessageSource::new(messages.stream(), polls, self.until_empty);
        let ended = self.follow(context, &mut source, &interrupt).await;
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
