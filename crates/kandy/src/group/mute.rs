//! Who is mute in a group, and for whom it is.

use kandy_sys::{Client, types};

use super::members::named;
use crate::{
    FullUserId, GroupId, Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`Group::mute`](crate::Group::mute) or [`Group::unmute`](crate::Group::unmute), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct MuteGroup {
    call: Call,
    group_id: GroupId,
    mute: bool,
}

impl MuteGroup {
    pub(super) fn new(call: Call, group_id: GroupId, mute: bool) -> Self {
        Self { call, group_id, mute }
    }
}

request!(MuteGroup => ());

impl Request for MuteGroup {
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("group_id", self.group_id.as_str())?;
        result_of("group_mute", client.group_mute(self.group_id.as_str(), self.mute).await).map(drop)
    }
}

/// [`Group::mute_members`](crate::Group::mute_members) or [`Group::unmute_members`](crate::Group::unmute_members), in
/// the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct MuteMembers {
    call: Call,
    group_id: GroupId,
    members: Vec<FullUserId>,
    mute: bool,
}

impl MuteMembers {
    pub(super) fn new(call: Call, group_id: GroupId, members: Vec<FullUserId>, mute: bool) -> Self {
        Self { call, group_id, members, mute }
    }
}

request!(MuteMembers => ());

impl Request for MuteMembers {
    type Output = ();

    fn subject(&self) -> String {
        format!("{} members of group {:?}", self.members.len(), self.group_id.as_str())
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::given("group_id", self.group_id.as_str())?;
        let body = types::GroupMemberMute {
            group_id: self.group_id.to_string(),
            members: named(&self.members)?,
            mute: self.mute,
        };
        result_of("group_member_mute", client.group_member_mute(&body).await).map(drop)
    }
}
