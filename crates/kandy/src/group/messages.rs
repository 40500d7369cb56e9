//! [`SendGroupMessage`]: the builder of a message to a group. Depends on `check`, `message` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    GroupId, MessageContent, MessageId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Group::send_message`](crate::Group::send_message).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendGroupMessage {
    call: CallContext,
    group_id: GroupId,
    content: MessageContent,
    message_id: MessageId,
}

impl SendGroupMessage {
    pub(super) fn new(call: CallContext, group_id: GroupId, content: MessageContent) -> Self {
        Self { call, group_id, content, message_id: MessageId::random() }
    }

    /// Sets the id of the message, instead of a random one.
    pub fn message_id(mut self, message_id: impl Into<MessageId>) -> Self {
        self.message_id = message_id.into();
        self
    }
}

request!(SendGroupMessage => MessageId);

impl CallSpec for SendGroupMessage {
    type Response = Envelope<NoResult>;
    type Output = MessageId;

    fn subject(&self) -> String {
        format!("message {} to group {:?}", self.message_id, self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        check::message_id("message_id", &self.message_id)?;
        let body = types::GroupMessageSend {
            message: types::GroupMessage {
                content_type: self.content.content_type().clone(),
                group_id: self.group_id.to_string(),
                message: self.content.clone().into(),
                message_type: None,
                uuid: self.message_id.to_string(),
            },
        };
        Ok(api.group_message_send(&body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<MessageId> {
        Ok(self.message_id.clone())
    }
}
