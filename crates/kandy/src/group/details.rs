//! The builders that read and list groups, and [`GroupDetails`]. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, Timestamp, types};

use super::GroupImage;
use crate::{
    Error, FullUserId, GroupId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{Origin, Value as _, from_generated, value},
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
        let mut group = group;
        group.group_id.get_or_insert_with(|| self.group_id.to_string());
        GroupDetails::read(group, Origin::Response).map_err(|field| Error::missing(format!("result.{field}")))
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
            .map(|(at, group)| {
                GroupDetails::read(group, Origin::Response)
                    .map_err(|field| Error::missing(format!("result.groups[{at}].{field}")))
            })
            .collect()
    }
}

/// The details of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
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

value! {
    GroupDetails as Group {
        group_id: group_id,
        name: group_name,
        owners: owners,
        members: members,
        max_members: max_members,
        creation_time: creation_time,
        muted: muted,
        image: group_image,
    }
}

/// A member or owner of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct GroupMember {
    /// The user id with the domain.
    pub full_user_id: Option<FullUserId>,
    /// Whether this user is muted.
    pub muted: Option<bool>,
}

value! {
    GroupMember as GroupMember {
        full_user_id: full_user_id,
        muted: muted,
    }
}

from_generated!(GroupMember as GroupMember);

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
        self.image.as_ref().and_then(GroupImage::read_any)
    }

    /// Returns the details of a group without the optional ones, as a test needs it.
    ///
    /// ```
    /// let mut friends = kandy::GroupDetails::new("834f42eb5a1144a3b679f2d0be20112c");
    /// friends.name = Some("Friends".to_owned());
    /// assert!(friends.members.is_empty());
    /// ```
    pub fn new(group_id: impl Into<GroupId>) -> Self {
        Self {
            group_id: group_id.into(),
            name: None,
            owners: Vec::new(),
            members: Vec::new(),
            max_members: None,
            creation_time: None,
            muted: None,
            image: None,
        }
    }
}
