//! Conversations: the messages of a user with another user or a group, as the service stores them. Depends on `check`,
//! `message` and `pipeline`. Begin reading at [`Conversation`]; [`user`] has the methods of a user.

mod list;
mod messages;
mod user;
mod wake_up;

use kandy_sys::Client;

pub use self::{
    list::{ConversationDetails, DeleteConversations, ListConversations},
    messages::{ConversationMessages, DeleteConversationMessages, ListConversationMessages, Order},
    wake_up::SendWakeUp,
};
use crate::{
    ConversationId, MessageId,
    pipeline::{AuthenticatedClient, CallContext, HandleArc},
};

/// A handle of a conversation of a user, with another user or in a group.
///
/// Created by [`User::conversation`](crate::User::conversation). It is cheap to clone, and shares the access token of
/// its user.
///
/// ```
/// # async fn example(russ: kandy::User) -> kandy::Result<()> {
/// let anna = russ.conversation("anna@example.com");
/// for message in anna.messages().number_of_records(20).await?.messages {
///     println!("{:?}: {:?}", message.sender, message.content);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Conversation {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
    id: ConversationId,
}

impl Conversation {
    pub(crate) fn new(client: HandleArc<AuthenticatedClient>, raw: Client, id: ConversationId) -> Self {
        Self { client, raw, id }
    }

    /// Returns the id of the conversation.
    pub fn id(&self) -> &ConversationId {
        &self.id
    }

    /// Lists the messages of the conversation, or a part of them.
    ///
    /// How the three options that select a part combine is not known, nor is the form of a message; it is assumed to be
    /// that of a pending message.
    ///
    /// Operation `conversation_message_list`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// use kandy::Order;
    ///
    /// # async fn example(anna: kandy::Conversation) -> kandy::Result<()> {
    /// let latest = anna.messages().number_of_records(20).order(Order::Backward).await?;
    /// println!("{} messages", latest.messages.len());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the id is empty or a number is too small;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport), [`Error::Decode`](crate::Error::Decode).
    pub fn messages(&self) -> ListConversationMessages {
        ListConversationMessages::new(CallContext::new(&self.client), self.id.clone())
    }

    /// Deletes messages of the conversation: any number, ten in a request. The other participants most likely keep
    /// them.
    ///
    /// The requests are sent in sequence. When one fails, the messages of the earlier requests are deleted.
    ///
    /// Operation `conversation_message_delete`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// # async fn example(anna: kandy::Conversation) -> kandy::Result<()> {
    /// anna.delete_messages(["bcd2fa752c3c4fdf97d08b0a48f622f0"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the id is empty or one of the message ids is not a UUID, before
    /// anything is sent; [`Error::Api`](crate::Error::Api), [`Error::Transport`](crate::Error::Transport).
    pub fn delete_messages<I>(&self, messages: I) -> DeleteConversationMessages
    where
        I: IntoIterator,
        I::Item: Into<MessageId>,
    {
        let messages = messages.into_iter().map(Into::into).collect();
        DeleteConversationMessages::new(CallContext::new(&self.client), self.id.clone(), messages)
    }

    /// Deletes the conversation. The other participants most likely keep it.
    ///
    /// Operation `conversation_delete`, confidence C: seen in one version of one client.
    ///
    /// ```
    /// # async fn example(anna: kandy::Conversation) -> kandy::Result<()> {
    /// anna.delete().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the id is empty; [`Error::Api`](crate::Error::Api),
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete(&self) -> DeleteConversations {
        DeleteConversations::new(CallContext::new(&self.client), vec![self.id.clone()])
    }

    /// Returns the generated client, with the token handling of the user, for operations that are not wrapped.
    ///
    /// ```
    /// # async fn example(anna: kandy::Conversation) -> Result<(), Box<dyn std::error::Error>> {
    /// let list = anna.raw().conversation_list().await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }
}
