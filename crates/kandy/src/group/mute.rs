//! The builders that mute and unmute a group, or members of it. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, NoResult, types};

use super::members::named;
use crate::{
    FullUserId, GroupId, Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
};

/// Builder for [`Group::mute`](crate::Group::mute) and [`Group::unmute`](crate::Group::unmute).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct MuteGroup {
    call: CallContext,
    group_id: GroupId,
    mute: bool,
}

impl MuteGroup {
    pub(super) fn new(call: CallContext, group_id: GroupId, mute: bool) -> Self {
        Self { call, group_id, mute }
    }
}

request!(MuteGroup => ());

impl CallSpec for MuteGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("group {:?}", self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("group_id", self.group_id.as_str())?;
        Ok(api.group_mute(self.group_id.as_str(), self.mute))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Group::mute_members`](crate::Group::mute_members) and
/// [`Group::unmute_members`](crate::Group::unmute_members).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct MuteMembers {
    call: CallContext,
    group_id: GroupId,
    members: Vec<FullUserId>,
    mute: bool,
}

impl MuteMembers {
    pub(super) fn new(call: CallContext, group_id: GroupId, members: Vec<FullUserId>, mute: bool) -> Self {
        Self { call, group_id, members, mute }
    }
}

request!(MuteMembers => ());

impl CallSpec for MuteMembers {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("{} members of group {:?}", self.members.len(), self.group_id.as_str())
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::given("group_id", self.group_id.as_str())?;
        let body = types::GroupMemberMute {
            group_id: self.group_id.to_string(),
            members: named(&self.members)?,
            mute: self.mute,
        };
        Ok(api.group_member_mute(&body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
