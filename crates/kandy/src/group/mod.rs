//! Groups: their details, their members, and messages to them.

mod create_update_delete;
mod details;
mod image;
mod members;
mod messages;
mod mute;
mod user;

use kandy_sys::Client;

pub use self::{
    create_update_delete::{CreateGroup, CreatedGroup, DeleteGroup, UpdateGroup},
    details::{GetGroupDetails, GroupDetails, GroupMember, ListGroups},
    image::GroupImage,
    members::{AddMembers, LeaveGroup, RemoveMembers},
    messages::SendGroupMessage,
    mute::{MuteGroup, MuteMembers},
};
use crate::{
    FullUserId, GroupId, MessageContent,
    pipeline::{AuthenticatedClient, CallContext, HandleArc},
};

/// A group of users, as one of its members sees it.
///
/// Made by [`User::group`](crate::User::group). It is cheap to clone, and shares the access token of its user.
///
/// ```
/// # async fn example(russ: kandy::User) -> kandy::Result<()> {
/// let friends = russ.group("834f42eb5a1144a3b679f2d0be20112c");
/// println!("{} members", friends.details().await?.members.len());
/// friends.add_members(["anna@example.com"]).await?;
/// friends.send_message("Hello, all").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Group {
    client: HandleArc<AuthenticatedClient>,
    raw: Client,
    id: GroupId,
}

impl Group {
    pub(crate) fn new(client: HandleArc<AuthenticatedClient>, raw: Client, id: GroupId) -> Self {
        Self { client, raw, id }
    }

    /// The id of the group.
    pub fn id(&self) -> &GroupId {
        &self.id
    }

    /// What is known of the group: its name, its owners and its members.
    ///
    /// Operation `group_get`.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// for member in friends.details().await?.members {
    ///     println!("{:?}", member.full_user_id);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty; [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn details(&self) -> GetGroupDetails {
        GetGroupDetails::new(self.call(), self.id.clone())
    }

    /// Sends a message to the members of the group.
    ///
    /// The content is a text, or any other [`MessageContent`]. The message gets a random id, which is
    /// answered. It is never sent again by itself: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `group_message_send`.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// let id = friends.send_message("Hello, all").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty or the message id is no UUID;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn send_message(&self, content: impl Into<MessageContent>) -> SendGroupMessage {
        SendGroupMessage::new(self.call(), self.id.clone(), content.into())
    }

    /// Changes the name or the image of the group, or both. Who may do that is not known; its owners may.
    ///
    /// Operation `group_update`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.update().name("Best friends").await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id or the name is empty, or there is nothing to change; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn update(&self) -> UpdateGroup {
        UpdateGroup::new(self.call(), self.id.clone())
    }

    /// Deletes the group for all its members. Who may do that is not known; its owners may.
    ///
    /// Operation `group_delete`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.delete().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn delete(&self) -> DeleteGroup {
        DeleteGroup::new(self.call(), self.id.clone())
    }

    /// Puts users into the group, who are named by user id and domain: `anna@example.com`. How many members there may be,
    /// [`max_members`](GroupDetails::max_members) says.
    ///
    /// Whether those who are members already are in the way is not known, so it is never sent again by itself: see
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied).
    ///
    /// Operation `group_member_add`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.add_members(["anna@example.com", "bert@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, there is no user or one is not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP), [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn add_members<I>(&self, members: I) -> AddMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        AddMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect())
    }

    /// Puts members out of the group: any number, ten in a request.
    ///
    /// The requests go one after another. When one fails, the members of those before it are out.
    ///
    /// Operation `group_member_remove`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.remove_members(["anna@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty or a user is not of the form `user@domain.name`, before anything is sent; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP), [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn remove_members<I>(&self, members: I) -> RemoveMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        RemoveMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect())
    }

    /// Takes the user whose handle this is out of the group.
    ///
    /// Operation `group_leave`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.leave().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn leave(&self) -> LeaveGroup {
        LeaveGroup::new(self.call(), self.id.clone())
    }

    /// Mutes the group for the user whose handle this is: [`muted`](GroupDetails::muted) says so from now on. What else it
    /// does is not known.
    ///
    /// Operation `group_mute`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.mute().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn mute(&self) -> MuteGroup {
        MuteGroup::new(self.call(), self.id.clone(), true)
    }

    /// Ends what [`mute`](Self::mute) began.
    ///
    /// Operation `group_mute`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.unmute().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn unmute(&self) -> MuteGroup {
        MuteGroup::new(self.call(), self.id.clone(), false)
    }

    /// Mutes members of the group, who are named by user id and domain: [`GroupMember::muted`] says so from now on. What else
    /// it does is not known.
    ///
    /// Operation `group_member_mute`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.mute_members(["anna@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, there is no user or one is not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP), [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn mute_members<I>(&self, members: I) -> MuteMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        MuteMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect(), true)
    }

    /// Ends what [`mute_members`](Self::mute_members) began.
    ///
    /// Operation `group_member_mute`, confidence B.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// friends.unmute_members(["anna@example.com"]).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, there is no user or one is not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP), [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn unmute_members<I>(&self, members: I) -> MuteMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        MuteMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect(), false)
    }

    /// The generated client, with the token handling of the user, for what is not wrapped.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> Result<(), Box<dyn std::error::Error>> {
    /// let group = friends.raw().group_get(friends.id().as_str()).await?.into_inner().into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn raw(&self) -> &Client {
        &self.raw
    }

    fn call(&self) -> CallContext {
        CallContext::new(&self.client)
    }
}
