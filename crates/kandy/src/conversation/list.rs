use kandy_sys::{Client, ExtraFields, types};

use crate::{
    ConversationId, Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// The most conversations that go into the query of one request.
const CONVERSATIONS_PER_REQUEST: usize = 10;

/// [`User::delete_conversations`](crate::User::delete_conversations) or [`Conversation::delete`](crate::Conversation::delete), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteConversations {
    call: Call,
    conversations: Vec<ConversationId>,
}

impl DeleteConversations {
    pub(crate) fn new(call: Call, conversations: Vec<ConversationId>) -> Self {
        Self { call, conversations }
    }
}

request!(DeleteConversations => ());

impl Request for DeleteConversations {
    type Output = ();

    fn subject(&self) -> String {
        match &self.conversations[..] {
            [one] => format!("conversation {:?}", one.as_str()),
            all => format!("{} conversations", all.len()),
        }
    }

    async fn run(&self, client: &Client) -> Result<()> {
        let lists = check::lists_for_query(
            "conversations",
            &self.conversations,
            ConversationId::as_str,
            CONVERSATIONS_PER_REQUEST,
        )?;
        for conversations in lists {
            result_of("conversation_delete", client.conversation_delete(&conversations).await)?;
        }
        Ok(())
    }
}

/// [`User::conversations`](crate::User::conversations), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListConversations {
    call: Call,
}

impl ListConversations {
    pub(crate) fn new(call: Call) -> Self {
        Self { call }
    }
}

request!(ListConversations => Vec<ConversationDetails>);

impl Request for ListConversations {
    type Output = Vec<ConversationDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    async fn run(&self, client: &Client) -> Result<Vec<ConversationDetails>> {
        let list = result_of("conversation_list", client.conversation_list().await)?;
        Ok(list.conversations.into_iter().map(ConversationDetails::from).collect())
    }
}

/// What is known of a conversation.
///
/// The form in which it comes is not known. That its id is where requests have it is an assumption; all of it is
/// kept.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConversationDetails {
    /// Its id, if it came as `conversation_id`.
    pub conversation_id: Option<ConversationId>,
    /// All that came, the id too, in the service's spelling.
    pub extra: ExtraFields,
}

impl From<types::Conversation> for ConversationDetails {
    fn from(conversation: types::Conversation) -> Self {
        let extra = ExtraFields::from(conversation);
        let conversation_id = extra.get("conversation_id").and_then(|id| id.as_str()).filter(|id| !id.is_empty());
        Self { conversation_id: conversation_id.map(Into::into), extra }
    }
}
