//! Groups.

use std::sync::Arc;

use kandy_sys::{Client, Members, Timestamp, types};

use crate::{
    FullUserId, GroupId, MessageContent, MessageId, Result, check,
    error::answer_of,
    pipeline::{Call, Caller, Request, request},
};

/// A group of users, as one of its members sees it.
///
/// Made by [`User::group`](crate::User::group). It is cheap to clone, and shares the access token of its user.
///
/// ```
/// # async fn example(russ: kandy::User) -> kandy::Result<()> {
/// let friends = russ.group("834f42eb5a1144a3b679f2d0be20112c");
/// println!("{} members", friends.details().await?.members.len());
/// friends.send_message("Hello, all").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Group {
    caller: Arc<Caller>,
    raw: Client,
    id: GroupId,
}

impl Group {
    pub(crate) fn new(caller: Arc<Caller>, raw: Client, id: GroupId) -> Self {
        Self { caller, raw, id }
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
    /// [`Error::Answer`](crate::Error::Answer).
    pub fn details(&self) -> GetGroupDetails {
        GetGroupDetails { call: Call::new(&self.caller), group_id: self.id.clone() }
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
        SendGroupMessage {
            call: Call::new(&self.caller),
            group_id: self.id.clone(),
            content: content.into(),
            message_id: MessageId::random(),
        }
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
}

/// [`Group::details`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetGroupDetails {
    call: Call,
    group_id: GroupId,
}

request!(GetGroupDetails => GroupDetails);

impl Request for GetGroupDetails {
    type Output = GroupDetails;

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<GroupDetails> {
        check::fits_query("group_id", self.group_id.as_str())?;
        let group = answer_of("group_get", client.group_get(self.group_id.as_str()).await)?;
        Ok(GroupDetails::read(&self.group_id, group))
    }
}

/// What is known of a group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupDetails {
    /// Its id.
    pub group_id: GroupId,
    /// Its name.
    pub name: Option<String>,
    /// The users who own it.
    pub owners: Vec<GroupMember>,
    /// The users in it.
    pub members: Vec<GroupMember>,
    /// How many members it may have.
    pub max_members: Option<i64>,
    /// When it was created.
    pub creation_time: Option<Timestamp>,
    /// Whether the user who asks has muted it.
    pub muted: Option<bool>,
    /// Its image, as the service has it; empty when there is none. Its form is not known.
    pub image: Option<Members>,
}

/// A user in a group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupMember {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// Whether this user is muted.
    pub muted: Option<bool>,
}

impl GroupDetails {
    fn read(group_id: &GroupId, group: types::Group) -> Self {
        let members = |members: Option<Vec<types::GroupMember>>| {
            members.unwrap_or_default().into_iter().map(GroupMember::from).collect()
        };
        Self {
            group_id: group.group_id.map_or_else(|| group_id.clone(), Into::into),
            name: group.group_name,
            owners: members(group.owners),
            members: members(group.members),
            max_members: group.max_members.and_then(|number| number.as_i64()),
            creation_time: group.creation_time,
            muted: group.muted,
            image: group.group_image,
        }
    }
}

impl From<types::GroupMember> for GroupMember {
    fn from(member: types::GroupMember) -> Self {
        Self { full_user_id: member.full_user_id.map(Into::into), muted: member.muted }
    }
}

/// [`Group::send_message`], in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct SendGroupMessage {
    call: Call,
    group_id: GroupId,
    content: MessageContent,
    message_id: MessageId,
}

impl SendGroupMessage {
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
        answer_of("group_message_send", client.group_message_send(&body).await)?;
        Ok(self.message_id.clone())
    }
}
