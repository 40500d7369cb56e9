//! The builders that list, add and remove users of a hunt group. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use crate::{
    Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

/// Builder for [`HuntGroup::users`](crate::HuntGroup::users).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListHuntGroupUsers {
    call: CallContext,
    hunt_group: String,
}

impl ListHuntGroupUsers {
    pub(super) fn new(call: CallContext, hunt_group: String) -> Self {
        Self { call, hunt_group }
    }
}

request!(ListHuntGroupUsers => HuntGroupUserList);

impl CallSpec for ListHuntGroupUsers {
    type Response = Envelope<types::HuntGroupUserList>;
    type Output = HuntGroupUserList;

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.hunt_group)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.hunt_group)?;
        Ok(api.hunt_group_user_list(&self.hunt_group))
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<HuntGroupUserList> {
        Ok(list.into())
    }
}

/// The users of a hunt group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HuntGroupUserList {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(HuntGroupUserList as HuntGroupUserList);

from_generated!(HuntGroupUserList as HuntGroupUserList);

/// Builder for [`HuntGroup::add_user`](crate::HuntGroup::add_user).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddHuntGroupUser {
    call: CallContext,
    body: types::HuntGroupUserAdd,
}

impl AddHuntGroupUser {
    pub(super) fn new(call: CallContext, huntgroup_name: String, user_name: String) -> Self {
        Self { call, body: types::HuntGroupUserAdd { huntgroup_name, user_name } }
    }
}

request!(AddHuntGroupUser => ());

impl CallSpec for AddHuntGroupUser {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} of hunt group {:?}", self.body.user_name, self.body.huntgroup_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.body.huntgroup_name)?;
        check::fits_query("user_name", &self.body.user_name)?;
        Ok(api.hunt_group_user_add(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`HuntGroup::remove_user`](crate::HuntGroup::remove_user).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveHuntGroupUser {
    call: CallContext,
    hunt_group: String,
    user_name: String,
}

impl RemoveHuntGroupUser {
    pub(super) fn new(call: CallContext, hunt_group: String, user_name: String) -> Self {
        Self { call, hunt_group, user_name }
    }
}

request!(RemoveHuntGroupUser => ());

impl CallSpec for RemoveHuntGroupUser {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} of hunt group {:?}", self.user_name, self.hunt_group)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.hunt_group)?;
        check::fits_query("user_name", &self.user_name)?;
        Ok(api.hunt_group_user_remove(&self.hunt_group, &self.user_name))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
