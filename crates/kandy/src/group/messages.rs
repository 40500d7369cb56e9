use kandy_sys::{Client, types};

use crate::{
    GroupId, MessageContent, MessageId, Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`Group::send_message`](crate::Group::send_message), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendGroupMessage {
    call: Call,
    group_id: GroupId,
    content: MessageContent,
    message_id: MessageId,
}

impl SendGroupMessage {
    pub(super) fn new(call: Call, group_id: GroupId, content: MessageContent) -> Self {
        Self { call, group_id, content, message_id: MessageId::random() }
    }

    /// Uses this id instead of a random one.
    pub fn message_id(mut self, message_id: impl Into<MessageId>) -> Self {
        self.message_id = message_id.into();
        self
    }
}

request!(SendGroupMessage => MessageId);

impl Request for SendGroupMessage {
    type Output = MessageId;

    fn subject(&self) -> String {
        format!("message {} to group {:?}", self.message_id, self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<MessageId> {
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
        result_of("group_message_send", client.group_message_send(&body).await)?;
        Ok(self.message_id.clone())
    }
}
