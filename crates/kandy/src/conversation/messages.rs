//! The builders that list and delete the messages of a conversation. Depends on `check`, `message` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};
use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, Error, MessageId, PendingMessage, Result, check,
    decode::Decoded,
    message::MESSAGES_PER_REQUEST,
    pipeline::{CallContext, CallSpec, Driver, api, nothing_sent, request},
    value::{iterate, serialize_extra},
};

/// The order of the messages in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The oldest first.
    Forward,
    /// The newest first.
    Backward,
}

impl Order {
    /// Returns the service's spelling.
    fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        }
    }
}

/// Builder for [`Conversation::messages`](crate::Conversation::messages).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListConversationMessages {
    call: CallContext,
    conversation_id: ConversationId,
    number_of_records: Option<u32>,
    message_sequence_number: Option<i64>,
    timestamp: Option<i64>,
    order: Option<Order>,
}

impl ListConversationMessages {
    pub(super) fn new(call: CallContext, conversation_id: ConversationId) -> Self {
        Self {
            call,
            conversation_id,
            number_of_records: None,
            message_sequence_number: None,
            timestamp: None,
            order: None,
        }
    }

    /// Sets the number of messages to return.
    pub fn number_of_records(mut self, number_of_records: u32) -> Self {
        self.number_of_records = Some(number_of_records);
        self
    }

    /// Sets the sequence number of a message of the conversation, presumably the first to return.
    pub fn message_sequence_number(mut self, message_sequence_number: i64) -> Self {
        self.message_sequence_number = Some(message_sequence_number);
        self
    }

    /// Sets a time, presumably that of the first message to return, in milliseconds since 1970-01-01 UTC.
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.timestamp = Some(milliseconds);
        self
    }

    /// Sets the order of the messages.
    pub fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }
}

request!(ListConversationMessages => ConversationMessages);

impl CallSpec for ListConversationMessages {
    type Response = Envelope<types::ConversationMessages>;
    type Output = ConversationMessages;

    fn subject(&self) -> String {
        format!("conversation {:?}", self.conversation_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("conversation_id", self.conversation_id.as_str())?;
        if self.number_of_records == Some(0) {
            return Err(Error::argument("number_of_records", "it is 0; ask for one at least"));
        }
        // The operation needs the type besides the id. Ids of users have an `@`, those of groups have none.
        let conversation_type = if self.conversation_id.is_group() { "group" } else { "single" };
        Ok(api.conversation_message_list(
            self.conversation_id.as_str(),
            conversation_type,
            self.message_sequence_number,
            self.number_of_records.map(Into::into),
            self.order.map(Order::as_str),
            self.timestamp,
        ))
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<ConversationMessages> {
        let messages = list.messages.into_iter().map(PendingMessage::from).collect();
        Ok(ConversationMessages { messages, extra: list.extra })
    }
}

/// Messages of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ConversationMessages {
    /// The messages. Fields without a known meaning, such as the sequence number, are in
    /// [`extra`](PendingMessage::extra).
    pub messages: Vec<PendingMessage>,
    /// All other fields of the response, in the service's spelling.
    #[serde(flatten, serialize_with = "serialize_extra")]
    pub extra: ExtraFields,
}

iterate!(ConversationMessages by messages: PendingMessage);

/// Builder for [`Conversation::delete_messages`](crate::Conversation::delete_messages).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteConversationMessages {
    call: CallContext,
    conversation_id: ConversationId,
    messages: Vec<MessageId>,
}

impl DeleteConversationMessages {
    pub(super) fn new(call: CallContext, conversation_id: ConversationId, messages: Vec<MessageId>) -> Self {
        Self { call, conversation_id, messages }
    }
}

request!(DeleteConversationMessages => ());

impl DeleteConversationMessages {
    /// Checks the arguments, and returns the messages of each request, as JSON.
    fn lists(&self) -> Result<Vec<String>> {
        check::fits_query("conversation_id", self.conversation_id.as_str())?;
        for message in &self.messages {
            check::message_id("messages", message)?;
        }
        check::lists_for_query("messages", &self.messages, MessageId::as_str, MESSAGES_PER_REQUEST)
    }
}

impl CallSpec for DeleteConversationMessages {
    type Response = Envelope<NoResult>;
    type Output = ();

    const IS_SINGLE: bool = false;

    fn subject(&self) -> String {
        format!("{} messages of conversation {:?}", self.messages.len(), self.conversation_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let lists = self.lists()?;
        let first = lists.first().ok_or_else(|| nothing_sent("preview"))?;
        Ok(api.conversation_message_delete(self.conversation_id.as_str(), first).into_owned(api))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }

    async fn execute(&self, driver: &mut Driver<'_>) -> Result<()> {
        // All lists are checked and encoded before the first request, so that a bad argument deletes nothing.
        for list in self.lists()? {
            driver.send(api().conversation_message_delete(self.conversation_id.as_str(), &list)).await?;
        }
        Ok(())
    }
}
