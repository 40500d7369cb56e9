//! [`SendSessionData`]: sends data to participants of a session. Depends on `outgoing` and `starter`.

use std::{fmt, future::IntoFuture, sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use kandy_sys::BoxFuture;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};

use super::{
    failure::failure,
    outgoing::{Outgoing, SEND_SESSION_DATA},
    starter::Starter,
};
use crate::{Clock, Error, FullUserId, Result, SessionId, check, error::Phase};

/// Builder for [`Channel::send_session_data`](super::Channel::send_session_data).
#[must_use = "nothing is sent until it is awaited"]
pub struct SendSessionData {
    pub(super) outgoing: mpsc::Sender<Box<Outgoing>>,
    pub(super) starter: Arc<Starter>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) timeout: Duration,
    pub(super) session_id: SessionId,
    /// The JSON as it is sent: a [`RawValue`] of the caller keeps its numbers and the order of its members.
    pub(super) payload: Result<Box<RawValue>>,
    pub(super) destination: Option<FullUserId>,
    /// The id of the confirmation to wait for.
    pub(super) id: Option<String>,
}

impl SendSessionData {
    /// Sends the data to one participant instead of all. The user is given by user id and domain: `anna@example.com`.
    pub fn to(mut self, full_user_id: impl Into<FullUserId>) -> Self {
        self.destination = Some(full_user_id.into());
        self
    }

    /// Waits until the service confirms that it has taken the data. Without it, awaiting ends once the data is sent,
    /// and a refusal goes unnoticed.
    pub fn confirmed(mut self) -> Self {
        // Upper case, as other clients send it.
        self.id = Some(uuid::Uuid::new_v4().to_string().to_uppercase());
        self
    }

    /// Sets how long to wait, for the channel to be connected and for the confirmation together. By default it is the
    /// timeout of the client.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Checks the arguments and returns the text of the frame that would be sent, without sending anything.
    ///
    /// ```
    /// # fn example(channel: kandy::Channel) -> kandy::Result<()> {
    /// println!("{}", channel.send_session_data("0af3", [20, 30]).to("anna@example.com").preview()?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when an argument cannot be used.
    pub fn preview(&self) -> Result<String> {
        check::given("session_id", self.session_id.as_str())?;
        if let Some(destination) = &self.destination {
            check::full_user_id("destination", destination)?;
        }
        let frame = Frame {
            message_type: "sessionData",
            session_id: self.session_id.as_str(),
            destination: self.destination.as_ref().map(FullUserId::as_str),
            payload: self.payload.as_ref().map_err(Error::clone)?,
            id: self.id.as_deref(),
        };
        serde_json::to_string(&frame).map_err(|error| Error::argument("payload", error.to_string()))
    }

    async fn send(self) -> Result<()> {
        let frame = self.preview()?;
        self.starter.start();
        let (started, mut has_started) = oneshot::channel();
        let (done, result) = oneshot::channel();
        let outgoing = Box::new(Outgoing { frame, id: self.id, started, done });
        let (queue, timeout) = (self.outgoing, self.timeout);
        let sending = Box::pin(async move {
            queue.send(outgoing).await.ok()?;
            result.await.ok()
        });
        let (result, phase) = match select(sending, self.clock.sleep(timeout)).await {
            Either::Left((result, _)) => (result, Phase::Receive),
            Either::Right(_) => (None, Phase::Timeout),
        };
        if let Some(result) = result {
            return result;
        }
        // From here on the frame is not sent, unless that began before.
        has_started.close();
        Err(match has_started.try_recv() {
            Ok(()) => failure(SEND_SESSION_DATA, phase, "the service did not confirm it"),
            Err(_) => failure(SEND_SESSION_DATA, Phase::Channel, "nothing was sent"),
        })
    }
}

impl IntoFuture for SendSessionData {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for SendSessionData {
    /// Without the payload, which is the caller's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendSessionData")
            .field("session_id", &self.session_id)
            .field("destination", &self.destination)
            .finish_non_exhaustive()
    }
}

/// The frame, as other clients send it.
#[derive(Serialize)]
struct Frame<'a> {
    message_type: &'static str,
    session_id: &'a str,
    /// All participants, if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'a str>,
    payload: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
}
