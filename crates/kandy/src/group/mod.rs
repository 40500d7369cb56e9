//! Chat groups: their details, their members, and messages to them. Depends on `check`, `content`, `message` and
//! `pipeline`. Begin reading at [`Group`]; [`user`] has the methods of a user, and each other module one kind of
//! builder.

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

/// A handle of a group of users, with the access token of one of its members.
///
/// Created by [`User::group`](crate::User::group). It is cheap to clone, and shares the access token of its user.
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

    /// Returns the id of the group.
    pub fn id(&self) -> &GroupId {
        &self.id
    }

    /// Returns the details of the group: its name, its owners and its members.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport),
    /// [`Error::Decode`](crate::Error::Decode).
    pub fn details(&self) -> GetGroupDetails {
        GetGroupDetails::new(self.call(), self.id.clone())
    }

    /// Sends a message to the members of the group.
    ///
    /// The content is a text, or any other [`MessageContent`]. The message gets a random id, which is returned. It is
    /// retried only if the failed attempt was certainly not applied: see
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty or the message id is not a UUID;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn send_message(&self, content: impl Into<MessageContent>) -> SendGroupMessage {
        SendGroupMessage::new(self.call(), self.id.clone(), content.into())
    }

    /// Changes the name or the image of the group, or both. Its owners may do so; whether others may is not known.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id or the name is empty, or neither is set;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn update(&self) -> UpdateGroup {
        UpdateGroup::new(self.call(), self.id.clone())
    }

    /// Deletes the group for all its members. Its owners may do so; whether others may is not known.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn delete(&self) -> DeleteGroup {
        DeleteGroup::new(self.call(), self.id.clone())
    }

    /// Adds users to the group, named by user id and domain: `anna@example.com`.
    /// [`max_members`](GroupDetails::max_members) is the maximum number of members.
    ///
    /// Whether users who are members already make the request fail is not known, so it is retried only if the failed
    /// attempt was certainly not applied: see [`may_have_been_applied`](crate::Error::may_have_been_applied).
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, the list of users is empty or a user is
    /// not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP),
    /// [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn add_members<I>(&self, members: I) -> AddMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        AddMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect())
    }

    /// Removes members from the group: any number, ten in a request.
    ///
    /// The requests are sent in sequence. When one fails, the members of the earlier requests are removed.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty or a user is not of the form
    /// `user@domain.name`, before anything is sent; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP),
    /// [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn remove_members<I>(&self, members: I) -> RemoveMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        RemoveMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect())
    }

    /// Removes the user of this handle from the group.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn leave(&self) -> LeaveGroup {
        LeaveGroup::new(self.call(), self.id.clone())
    }

    /// Mutes the group for the user of this handle, and sets [`muted`](GroupDetails::muted). Other effects are not
    /// known.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn mute(&self) -> MuteGroup {
        MuteGroup::new(self.call(), self.id.clone(), true)
    }

    /// Unmutes the group for the user of this handle: the reverse of [`mute`](Self::mute).
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty;
    /// [`is_not_found`](crate::Error::is_not_found); [`Error::Api`](crate::Error::Api) with
    /// [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP) and others; [`Error::Transport`](crate::Error::Transport).
    pub fn unmute(&self) -> MuteGroup {
        MuteGroup::new(self.call(), self.id.clone(), false)
    }

    /// Mutes members of the group, named by user id and domain, and sets [`GroupMember::muted`]. Other effects are not
    /// known.
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, the list of users is empty or a user is
    /// not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP),
    /// [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn mute_members<I>(&self, members: I) -> MuteMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        MuteMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect(), true)
    }

    /// Unmutes members of the group: the reverse of [`mute_members`](Self::mute_members).
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
    /// [`Error::Argument`](crate::Error::Argument) when the group id is empty, the list of users is empty or a user is
    /// not of the form `user@domain.name`; [`is_not_found`](crate::Error::is_not_found);
    /// [`Error::Api`](crate::Error::Api) with [`Status::NOT_IN_GROUP`](crate::Status::NOT_IN_GROUP),
    /// [`Status::USER_NOT_FOUND`](crate::Status::USER_NOT_FOUND) and others;
    /// [`Error::Transport`](crate::Error::Transport).
    pub fn unmute_members<I>(&self, members: I) -> MuteMembers
    where
        I: IntoIterator,
        I::Item: Into<FullUserId>,
    {
        MuteMembers::new(self.call(), self.id.clone(), members.into_iter().map(Into::into).collect(), false)
    }

    /// Returns the generated client, with the token handling of the user, for operations that are not wrapped.
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
