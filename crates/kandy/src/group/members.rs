//! Who is in a group.

use kandy_sys::{Client, types};

use crate::{
    Error, FullUserId, GroupId, Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// The most users that go into the query of one request.
const MEMBERS_PER_REQUEST: usize = 10;

/// Users who are named in a body: at least one.
pub(super) fn named(members: &[FullUserId]) -> Result<Vec<String>> {
    if members.is_empty() {
        return Err(Error::argument("members", "there is none"));
    }
    for member in members {
        check::full_user_id("members", member)?;
    }
    Ok(members.iter().map(FullUserId::to_string).collect())
}

/// [`Group::add_members`](crate::Group::add_members), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddMembers {
    call: Call,
    group_id: GroupId,
    members: Vec<FullUserId>,
}

impl AddMembers {
    pub(super) fn new(call: Call, group_id: GroupId, members: Vec<FullUserId>) -> Self {
        Self { call, group_id, members }
    }
}

request!(AddMembers => ());

impl Request for AddMembers {
    type Output = ();

    fn subject(&self) -> String {
        format!("{} users for group {:?}", self.members.len(), self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("group_id", self.group_id.as_str())?;
        let body = types::GroupMemberAdd { members: named(&self.members)? };
        result_of("group_member_add", client.group_member_add(self.group_id.as_str(), &body).await).map(drop)
    }
}

/// [`Group::remove_members`](crate::Group::remove_members), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveMembers {
    call: Call,
    group_id: GroupId,
    members: Vec<FullUserId>,
}

impl RemoveMembers {
    pub(super) fn new(call: Call, group_id: GroupId, members: Vec<FullUserId>) -> Self {
        Self { call, group_id, members }
    }
}

request!(RemoveMembers => ());

impl Request for RemoveMembers {
    type Output = ();

    fn subject(&self) -> String {
        format!("{} members of group {:?}", self.members.len(), self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("group_id", self.group_id.as_str())?;
        for member in &self.members {
            check::full_user_id("members", member)?;
        }
        for members in check::lists_for_query("members", &self.members, FullUserId::as_str, MEMBERS_PER_REQUEST)? {
            let answer = client.group_member_remove(self.group_id.as_str(), &members).await;
            result_of("group_member_remove", answer)?;
        }
        Ok(())
    }
}

/// [`Group::leave`](crate::Group::leave), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct LeaveGroup {
    call: Call,
    group_id: GroupId,
}

impl LeaveGroup {
    pub(super) fn new(call: Call, group_id: GroupId) -> Self {
        Self { call, group_id }
    }
}

request!(LeaveGroup => ());

impl Request for LeaveGroup {
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("group_id", self.group_id.as_str())?;
        result_of("group_leave", client.group_leave(self.group_id.as_str()).await).map(drop)
    }
}
