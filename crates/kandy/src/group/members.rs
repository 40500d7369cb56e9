//! The builders that add and remove members of a group, and that leave it. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use crate::{
    Error, FullUserId, GroupId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, Driver, api, nothing_sent, request},
};

/// The maximum number of users in the query of one request.
const MEMBERS_PER_REQUEST: usize = 10;

/// Checks the users in a request body, at least one, and returns them as text.
pub(super) fn named(members: &[FullUserId]) -> Result<Vec<String>> {
    if members.is_empty() {
        return Err(Error::argument("members", "the list is empty; give at least one user"));
    }
    for member in members {
        check::full_user_id("members", member)?;
    }
    Ok(members.iter().map(FullUserId::to_string).collect())
}

/// Builder for [`Group::add_members`](crate::Group::add_members).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddMembers {
    call: CallContext,
    group_id: GroupId,
    members: Vec<FullUserId>,
}

impl AddMembers {
    pub(super) fn new(call: CallContext, group_id: GroupId, members: Vec<FullUserId>) -> Self {
        Self { call, group_id, members }
    }
}

request!(AddMembers => ());

impl CallSpec for AddMembers {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("{} users for group {:?}", self.members.len(), self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        let body = types::GroupMemberAdd { members: named(&self.members)? };
        Ok(api.group_member_add(self.group_id.as_str(), &body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Group::remove_members`](crate::Group::remove_members).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveMembers {
    call: CallContext,
    group_id: GroupId,
    members: Vec<FullUserId>,
}

impl RemoveMembers {
    pub(super) fn new(call: CallContext, group_id: GroupId, members: Vec<FullUserId>) -> Self {
        Self { call, group_id, members }
    }

    /// Checks the arguments, and returns the members of each request, as JSON.
    fn lists(&self) -> Result<Vec<String>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        for member in &self.members {
            check::full_user_id("members", member)?;
        }
        check::lists_for_query("members", &self.members, FullUserId::as_str, MEMBERS_PER_REQUEST)
    }
}

request!(RemoveMembers => ());

impl CallSpec for RemoveMembers {
    type Response = Envelope<NoResult>;
    type Output = ();

    const IS_SINGLE: bool = false;

    fn subject(&self) -> String {
        format!("{} members of group {:?}", self.members.len(), self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        let lists = self.lists()?;
        let first = lists.first().ok_or_else(|| nothing_sent("preview"))?;
        Ok(api.group_member_remove(self.group_id.as_str(), first).into_owned(api))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }

    async fn execute(&self, driver: &mut Driver<'_>) -> Result<()> {
        // All lists are checked and encoded before the first request, so that a bad argument removes no member.
        for list in self.lists()? {
            driver.send(api().group_member_remove(self.group_id.as_str(), &list)).await?;
        }
        Ok(())
    }
}

/// Builder for [`Group::leave`](crate::Group::leave).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct LeaveGroup {
    call: CallContext,
    group_id: GroupId,
}

impl LeaveGroup {
    pub(super) fn new(call: CallContext, group_id: GroupId) -> Self {
        Self { call, group_id }
    }
}

request!(LeaveGroup => ());

impl CallSpec for LeaveGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        Ok(api.group_leave(self.group_id.as_str()))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
