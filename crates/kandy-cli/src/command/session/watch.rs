//! `kandy session watch`.

use std::{num::NonZeroU64, ops::ControlFlow, time::SystemTime};

use clap::Args;
use kandy::{ChannelEvent, SessionEvent, SessionEventKind, SessionEventType};
use serde_json::{Map, Value};

use crate::{
    arguments::UserArguments,
    command::channel::{follow, until_signal},
    context::Context,
    failure::Result,
    output::OutputSchema,
};

/// Print the events of a session, or of all sessions of the user, on one line each
///
/// Each line has the time, the type, the session, the user whom the event is about or who sent the data, and the data,
/// separated by tabs. With --json it is the event as JSON; with --jq it is the output of the program. Credentials are
/// masked, unless --show-secrets is given.
///
/// Changes of the state of the channel are shown on stderr. A lost channel is opened again; events in between are lost:
/// `kandy session show` prints who takes part. With a session id, the command ends when the session is deleted.
#[derive(Args)]
#[command(after_help = "Examples:
  kandy session watch --user russ 9b7e…
  kandy session watch --user russ --jq 'select(.message_type == \"sessionData\") | .payload'")]
pub(crate) struct Watch {
    #[command(flatten)]
    user: UserArguments,
    /// Id of the session (default: all sessions of the user)
    session_id: Option<String>,
    /// Stop after this number of events
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
}

/// Events. The names are those of the frames; `time` is when the event was received.
const EVENTS: OutputSchema = OutputSchema {
    name: "events",
    operation: "",
    at: "",
    id: "session_id",
    columns: &["time", "message_type", "session_id", "full_user_id", "payload"],
};

impl Watch {
    pub(super) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run(
            "not supported, because the events come over a connection that stays open; use `kandy session show \
            --dry-run`",
        )?;
        context.check_fields(&EVENTS)?;
        until_signal(self.follow(context)).await
    }

    async fn follow(&self, context: &Context) -> Result {
        let user = context.user(&self.user)?;
        // The channel would stay silent for an id that does not exist. Other failures show when it is opened.
        if let Some(session_id) = &self.session_id
            && let Err(error) = user.session(session_id.as_str()).details().await
            && error.is_not_found()
        {
            return Err(error.into());
        }
        let mut count = 0;
        follow(context, &user, |frame| {
            let Some(ChannelEvent::Session(event)) = ChannelEvent::from_frame(frame) else {
                return Ok(ControlFlow::Continue(()));
            };
            let session_id = event.session_id.as_ref().map(|id| id.as_str());
            if self.session_id.is_some() && session_id != self.session_id.as_deref() {
                return Ok(ControlFlow::Continue(()));
            }
            let is_over = event.kind == SessionEventKind::Change(SessionEventType::Terminated);
            context.output.line(&EVENTS, object(event), |event| event)?;
            count += 1;
            match is_over && self.session_id.is_some() || self.count.is_some_and(|most| count >= most.get()) {
                true => Ok(ControlFlow::Break(())),
                false => Ok(ControlFlow::Continue(())),
            }
        })
        .await
    }
}

/// Returns an event with the names of its frame.
fn object(event: SessionEvent) -> Value {
    // A payload that cannot be decoded is among the other members, as text.
    let mut members: Map<String, Value> =
        event.extra.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let kind = match event.kind {
        SessionEventKind::Data(payload) => {
            members.entry("payload").or_insert(payload);
            "sessionData".to_owned()
        }
        SessionEventKind::Change(change) => change.as_str().to_owned(),
        _ => String::new(),
    };
    let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
    let session_id = event.session_id.map(|id| id.as_str().to_owned());
    let full_user_id = event.full_user_id.map(|user| user.as_str().to_owned());
    members.insert("time".to_owned(), time.into());
    members.insert("message_type".to_owned(), kind.into());
    members.insert("session_id".to_owned(), session_id.into());
    members.insert("full_user_id".to_owned(), full_user_id.into());
    Value::Object(members)
}
