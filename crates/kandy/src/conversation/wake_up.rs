//! [`SendWakeUp`]: the builder of a wake-up event. Depends on `check`, `message` and `pipeline`.

use std::time::{SystemTime, UNIX_EPOCH};

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    FullUserId, MessageId, Result, check,
    decode::Decoded,
    message::PRIVATE,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`User::wake_up`](crate::User::wake_up).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendWakeUp {
    call: CallContext,
    to: FullUserId,
    message_id: MessageId,
    client_timestamp: Option<i64>,
}

impl SendWakeUp {
    pub(crate) fn new(call: CallContext, to: FullUserId) -> Self {
        Self { call, to, message_id: MessageId::random(), client_timestamp: None }
    }

    /// Sets the id of the event, instead of a random one.
    pub fn message_id(mut self, message_id: impl Into<MessageId>) -> Self {
        self.message_id = message_id.into();
        self
    }

    /// Sets the time of the sender, in milliseconds since 1970-01-01 UTC, instead of reading the
    /// [`Clock`](crate::Clock) of the client.
    pub fn client_timestamp(mut self, milliseconds: i64) -> Self {
        self.client_timestamp = Some(milliseconds);
        self
    }
}

request!(SendWakeUp => MessageId);

impl CallSpec for SendWakeUp {
    type Response = Envelope<NoResult>;
    type Output = MessageId;

    fn subject(&self) -> String {
        format!("event {} to {:?}", self.message_id, self.to.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::full_user_id("to", &self.to)?;
        check::message_id("message_id", &self.message_id)?;
        // A closure: the clock is read only if no time is set.
        let now = || milliseconds(self.call.clock().now_utc());
        let body = types::PrivateEventSend {
            message: types::PrivateEvent {
                destination: self.to.to_string(),
                message: types::PrivateEventContent { type_: "WAKEUP".to_owned() },
                message_type: PRIVATE.into(),
                uuid: self.message_id.to_string(),
            },
        };
        Ok(api.event_send(self.client_timestamp.unwrap_or_else(now), &body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<MessageId> {
        Ok(self.message_id.clone())
    }
}

/// Returns milliseconds since 1970-01-01 UTC; 0 for a clock that is set to an earlier time.
fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
