//! `kandy session data`: data for participants of a session, over the data channel.

use clap::{Args, Subcommand};
use kandy::{Channel, ChannelEvent, SendSessionData};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use super::one_session::OneSession;
use crate::{
    command::channel::{FRAMES, FrameMask, print, print_state},
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    output::CHANGE,
    stdin,
};

/// Send data to participants of a session
#[derive(Subcommand)]
pub(crate) enum Data {
    Send(Send),
}

/// Send data to the participants of a session over the data channel
///
/// The command opens a data channel and waits until the service confirms that it has taken the data, for --timeout in
/// all. If the confirmation does not come, the exit code is 5: the data may have been sent.
#[derive(Args)]
#[command(after_help = "Examples:
  kandy session data send --user russ 9b7e… '{\"type\": \"cursor\", \"x\": 20}'
  kandy session data send --user russ 9b7e… --to anna@example.com --text 'Hello'
  jq '.screen' page.json | kandy session data send --user russ 9b7e… -")]
pub(crate) struct Send {
    #[command(flatten)]
    session: OneSession,
    /// Data as JSON, or - for stdin
    #[arg(allow_negative_numbers = true)]
    payload: String,
    /// Take the data as a text instead of JSON
    #[arg(long)]
    text: bool,
    /// Send the data to this participant, a user id with or without the domain (default: all other participants)
    #[arg(long, value_name = "FULL_USER_ID")]
    to: Option<String>,
    /// Do not wait for the confirmation: a refusal goes unnoticed
    #[arg(long)]
    no_confirm: bool,
}

impl Data {
    pub(super) async fn run(self, context: &Context) -> Result {
        match self {
            Self::Send(command) => command.run(context).await,
        }
    }
}

impl Send {
    async fn run(self, context: &Context) -> Result {
        let payload = self.payload()?;
        if context.is_dry_run() {
            context.output.check_fields(&FRAMES)?;
        } else {
            context.output.check_fields(&CHANGE)?;
        }
        let to = match &self.to {
            Some(to) => Some(context.full_user_id(&self.session.user, to.clone()).await?),
            None => None,
        };
        let mut channel = context.user(&self.session.user)?.channel();
        let mut call = channel.send_session_data(&*self.session.session_id, payload);
        if let Some(to) = to {
            call = call.to(to);
        }
        if context.is_dry_run() {
            let frame = call.preview()?;
            if !self.no_confirm {
                eprint("the frame that is sent also has a random `id`, which the confirmation repeats");
            }
            return print(context, &FrameMask::new(context.shows_secrets()).frame(&frame));
        }
        if !self.no_confirm {
            call = call.confirmed();
        }
        send(context, &mut channel, call).await?;
        // Without a confirmation, the service may not have read the frame yet.
        channel.close().await;
        context.output.changed(self.session.said("sent data to"), Value::Null)
    }

    fn payload(&self) -> Result<Box<RawValue>> {
        let (text, source) = match self.payload.as_str() {
            "-" => (stdin::text_without_line_end()?, "stdin"),
            text => (text.to_owned(), "PAYLOAD"),
        };
        if self.text {
            return to_raw_value(&text).map_err(|error| Failure::usage(format!("{source}: {error}")));
        }
        // As it is, so that no number is rounded. The invalid text is not shown, because it may contain a secret.
        RawValue::from_string(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Failure::usage(format!(
                "{source}: line {line}, column {column}: this is not JSON; with --text it is sent as a text"
            ))
        })
    }
}

/// Sends, and shows on stderr why the channel is not connected meanwhile.
async fn send(context: &Context, channel: &mut Channel, call: SendSessionData) -> Result {
    let ended = async {
        // The events are taken, too: without room for them, the channel would not read the confirmation.
        while let Some(event) = channel.next().await {
            if let ChannelEvent::State(state @ kandy::ChannelState::Lost { .. }) = event? {
                print_state(context, &state);
            }
        }
        Ok(())
    };
    tokio::select! {
        biased;
        // Before the result, which does not have the reason.
        Err(error) = ended => Err(error),
        sent = call => Ok(sent?),
    }
}
