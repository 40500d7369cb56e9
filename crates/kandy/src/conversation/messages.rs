use kandy_sys::{Client, ExtraFields};

use crate::{
    ConversationId, Error, MessageId, PendingMessage, Result, check,
    error::result_of,
    message::MESSAGES_PER_REQUEST,
    pipeline::{Call, Request, request},
};

/// In which order messages are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The oldest first.
    Forward,
    /// The newest first.
    Backward,
}

impl Order {
    /// The text, as the service spells it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
        }
    }
}

/// [`Conversation::messages`](crate::Conversation::messages), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListConversationMessages {
    call: Call,
    conversation_id: ConversationId,
    number_of_records: Option<u32>,
    message_sequence_number: Option<i64>,
    timestamp: Option<i64>,
    order: Option<Order>,
}

impl ListConversationMessages {
    pub(super) fn new(call: Call, conversation_id: ConversationId) -> Self {
        Self {
            call,
            conversation_id,
            number_of_records: None,
            message_sequence_number: None,
            timestamp: None,
            order: None,
        }
    }

    /// How many messages to answer.
    pub fn number_of_records(mut self, number_of_records: u32) -> Self {
        self.number_of_records = Some(number_of_records);
        self
    }

    /// The number of a message of the conversation, presumably the one to begin at.
    pub fn message_sequence_number(mut self, message_sequence_number: i64) -> Self {
        self.message_sequence_number = Some(message_sequence_number);
        self
    }

    /// A moment, presumably the one to begin at, in milliseconds since 1970-01-01 UTC.
    pub fn timestamp(mut self, milliseconds: i64) -> Self {
        self.timestamp = Some(milliseconds);
        self
    }

    /// The order of the messages.
    pub fn order(mut self, order: Order) -> Self {
        self.order = Some(order);
        self
    }
}

request!(ListConversationMessages => ConversationMessages);

impl Request for ListConversationMessages {
    type Output = ConversationMessages;

    fn subject(&self) -> String {
        format!("conversation {:?}", self.conversation_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<ConversationMessages> {
        check::fits_query("conversation_id", self.conversation_id.as_str())?;
        if self.number_of_records == Some(0) {
            return Err(Error::argument("number_of_records", "it is 0; ask for one at least"));
        }
        let conversation_type = if self.conversation_id.is_group() { "group" } else { "single" };
        let answer = client
            .conversation_message_list(
                self.conversation_id.as_str(),
                conversation_type,
                self.message_sequence_number,
                self.number_of_records.map(Into::into),
                self.order.map(Order::as_str),
                self.timestamp,
            )
            .await;
        let list = result_of("conversation_message_list", answer)?;
        let messages = list.messages.into_iter().map(PendingMessage::from).collect();
        Ok(ConversationMessages { messages, extra: list.extra })
    }
}

/// Messages of a conversation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConversationMessages {
    /// The messages. What is not known of one, such as its number, is in its [`extra`](PendingMessage::extra).
    pub messages: Vec<PendingMessage>,
    /// Whatever else came, in the service's spelling.
    pub extra: ExtraFields,
}

/// [`Conversation::delete_messages`](crate::Conversation::delete_messages), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteConversationMessages {
    call: Call,
    conversation_id: ConversationId,
    messages: Vec<MessageId>,
}

impl DeleteConversationMessages {
    pub(super) fn new(call: Call, conversation_id: ConversationId, messages: Vec<MessageId>) -> Self {
        Self { call, conversation_id, messages }
    }
}

request!(DeleteConversationMessages => ());

impl Request for DeleteConversationMessages {
    type Output = ();

    fn subject(&self) -> String {
        format!("{} messages of conversation {:?}", self.messages.len(), self.conversation_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("conversation_id", self.conversation_id.as_str())?;
        for message in &self.messages {
            check::message_id("messages", message)?;
        }
        for messages in check::lists_for_query("messages", &self.messages, MessageId::as_str, MESSAGES_PER_REQUEST)? {
            let answer = client.conversation_message_delete(self.conversation_id.as_str(), &messages).await;
            result_of("conversation_message_delete", answer)?;
        }
        Ok(())
    }
}
