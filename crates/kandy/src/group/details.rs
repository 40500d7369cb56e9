//! The builders that read and list groups, and [`GroupDetails`]. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, Timestamp, types};

use super::GroupImage;
use crate::{
    Error, FullUserId, GroupId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Group::details`](crate::Group::details).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct GetGroupDetails {
    call: CallContext,
    group_id: GroupId,
}

impl GetGroupDetails {
    pub(super) fn new(call: CallContext, group_id: GroupId) -> Self {
        Self { call, group_id }
    }
}

request!(GetGroupDetails => GroupDetails);

impl CallSpec for GetGroupDetails {
    type Response = Envelope<types::Group>;
    type Output = GroupDetails;

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        Ok(api.group_get(self.group_id.as_str()))
    }

    fn read(&self, group: Decoded<Self::Response>) -> Result<GroupDetails> {
        // A response without an id describes the group that was requested.
        let group_id = group.group_id.as_deref().map_or_else(|| self.group_id.clone(), Into::into);
        Ok(GroupDetails::read(group_id, group))
    }
}

/// Builder for [`User::groups`](crate::User::groups).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListGroups {
    call: CallContext,
}

impl ListGroups {
    pub(crate) fn new(call: CallContext) -> Self {
        Self { call }
    }
}

request!(ListGroups => Vec<GroupDetails>);

impl CallSpec for ListGroups {
    type Response = Envelope<types::GroupList>;
    type Output = Vec<GroupDetails>;

    fn subject(&self) -> String {
        "the user".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.group_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<Vec<GroupDetails>> {
        let groups = list.groups.into_iter().enumerate();
        groups
            .map(|(at, group)| match group.group_id.as_deref() {
                Some(group_id) => Ok(GroupDetails::read(group_id.into(), group)),
                None => Err(Error::missing(format!("result.groups[{at}].group_id"))),
            })
            .collect()
    }
}

/// The details of a group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupDetails {
    /// Its id.
    pub group_id: GroupId,
    /// Its name.
    pub name: Option<String>,
    /// The users who own it.
    pub owners: Vec<GroupMember>,
    /// The users who are members of it.
    pub members: Vec<GroupMember>,
    /// The maximum number of members.
    pub max_members: Option<i64>,
    /// When it was created.
    pub creation_time: Option<Timestamp>,
    /// Whether the user of the handle has muted it.
    pub muted: Option<bool>,
    /// Its image, as the service returns it; empty if it has none. Its form is not known;
    /// [`group_image`](Self::group_image) assumes that it is the form in which an image is set.
    pub image: Option<ExtraFields>,
}

/// A member or owner of a group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupMember {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// Whether this user is muted.
    pub muted: Option<bool>,
}

impl GroupDetails {
    /// Returns the image, if it has the form in which an image is set.
    ///
    /// ```
    /// # async fn example(friends: kandy::Group) -> kandy::Result<()> {
    /// if let Some(image) = friends.details().await?.group_image() {
    ///     println!("{:?}", image.content_name);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn group_image(&self) -> Option<GroupImage> {
        self.image.as_ref().and_then(GroupImage::read)
    }

    fn read(group_id: GroupId, group: types::Group) -> Self {
        let members = |members: Option<Vec<types::GroupMember>>| {
            members.unwrap_or_default().into_iter().map(GroupMember::from).collect()
        };
        Self {
            group_id,
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
