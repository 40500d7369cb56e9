//! The methods of [`User`] for conversations and wake-up events. Depends on the builders of the parent module.

use super::{Conversation, DeleteConversations, ListConversations, SendWakeUp};
use crate::{ConversationId, FullUserId, User, pipeline::CallContext};

/// Conversations, and wake-up events.
impl User {
    /// Lists the conversations of the user. The form of the response is not known.
    ///
    /// Operation `conversation_list`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// for conversation in russ.conversations().await? {
    ///     println!("{:?}", conversation.conversation_id);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn conversations(&self) -> ListConversations {
        ListConversations::new(CallContext::new(&self.client))
    }

    /// Returns a handle of a conversation of this user: with another user, named by user id and domain, or in a group,
    /// named by its id. Sends nothing.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let anna = russ.conversation("anna@example.com");
    /// println!("{} messages", anna.messages().await?.messages.len());
    /// # Ok(()) }
    /// ```
    pub fn conversation(&self, conversation_id: impl Into<ConversationId>) -> Conversation {
        Conversation::new(self.client.clone(), self.raw.clone(), conversation_id.into())
    }

    /// Deletes conversations: any number, ten in a request. The other participants most likely keep them.
    ///
    /// The requests are sent in sequence. When one fails, the conversations of the earlier requests are deleted.
    ///
    /// Operation `conversation_delete`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// russ.delete_conversations(["anna@example.com", "bert@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when an id is empty, before anything is sent;
    /// [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn delete_conversations<I>(&self, conversations: I) -> DeleteConversations
    where
        I: IntoIterator,
        I::Item: Into<ConversationId>,
    {
        DeleteConversations::new(CallContext::new(&self.client), conversations.into_iter().map(Into::into).collect())
    }

    /// Sends an event to a user, named by user id and domain, that is not displayed: it wakes up a sleeping mobile
    /// client for a call that follows. It gets a random id, which is returned.
    ///
    /// It is retried only if the failed attempt was certainly not applied: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `event_send`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// russ.wake_up("anna@example.com").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the receiver is not of the form `user@domain.name` or the
    /// message id is not a UUID; [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn wake_up(&self, to: impl Into<FullUserId>) -> SendWakeUp {
        SendWakeUp::new(CallContext::new(&self.client), to.into())
    }
}
