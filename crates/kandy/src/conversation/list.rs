//! The builders that list and delete conversations. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use crate::{
    ConversationId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, Driver, api, nothing_sent, request},
    value::{Origin, Value, from_generated, serde_by, without_credentials},
};

/// The maximum number of conversations in the query of one request.
const CONVERSATIONS_PER_REQUEST: usize = 10;

/// Builder for [`User::delete_conversations`](crate::User::delete_conversations) and
/// [`Conversation::delete`](crate::Conversation::delete).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteConversations {
    call: CallContext,
    conversations: Vec<ConversationId>,
}

impl DeleteConversations {
    pub(crate) fn new(call: CallContext, conversations: Vec<ConversationId>) -> Self {
        Self { call, conversations }
    }
}

request!(DeleteConversations => ());

impl DeleteConversations {
    /// Checks the arguments, and returns the conversations of each request, as JSON.
    fn lists(&self) -> Result<Vec<String>> {
        let (ids, max) = (&self.conversations, CONVERSATIONS_PER_REQUEST);
        check::lists_for_query("conversations", ids, ConversationId::as_str, max)
    }
}

impl CallSpec for DeleteConversations {
    type Response = Envelope<NoResult>;
    type Output = ();

    const IS_SINGLE: bool = false;

    fn subject(&self) -> String {
        format!("{} conversations", self.conversations.len())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let lists = self.lists()?;
        let first = lists.first().ok_or_else(|| nothing_sent("preview"))?;
        Ok(api.conversation_delete(first).into_owned(api))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }

    async fn execute(&self, driver: &mut Driver<'_>) -> Result<()> {
        // All lists are checked and encoded before the first request, so that a bad argument deletes nothing.
        for list in self.lists()? {
            driver.send(api().conversation_delete(&list)).await?;
        }
        Ok(())
    }
}

/// Builder for [`User::conversations`](crate::User::conversations).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListConversations {
    call: CallContext,
}

impl ListConversations {
    pub(crate) fn new(call: CallContext) -> Self {
        Self { call }
    }
}

request!(ListConversations => Vec<ConversationDetails>);

impl CallSpec for ListConversations {
    type Response = Envelope<types::ConversationList>;
    type Output = Vec<ConversationDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.conversation_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<ConversationDetails>> {
        Ok(list.conversations.into_iter().map(Into::into).collect())
    }
}

/// The details of a conversation.
///
/// The form of the response is not known. That the id has the same name as in requests is an assumption. All fields are
/// kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConversationDetails {
    /// Its id, if the response has it as `conversation_id`.
    pub conversation_id: Option<ConversationId>,
    /// All fields of the response, with the id, in the service's spelling.
    pub extra: ExtraFields,
}

/// The name that the id has in requests.
const CONVERSATION_ID: &str = "conversation_id";

impl Value<types::Conversation> for ConversationDetails {
    fn read(conversation: types::Conversation, _: Origin) -> std::result::Result<Self, &'static str> {
        let extra = ExtraFields::from(conversation);
        let conversation_id = extra.get(CONVERSATION_ID).and_then(|id| id.as_str()).filter(|id| !id.is_empty());
        Ok(Self { conversation_id: conversation_id.map(Into::into), extra })
    }

    fn write(&self) -> types::Conversation {
        let mut fields = without_credentials(&self.extra);
        if let Some(conversation_id) = &self.conversation_id {
            fields.insert(CONVERSATION_ID.to_owned(), conversation_id.as_str().into());
        }
        fields.into()
    }
}

serde_by!(ConversationDetails, Conversation);

from_generated!(ConversationDetails as Conversation);
