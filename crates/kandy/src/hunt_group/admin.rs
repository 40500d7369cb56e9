//! The builders that list, add and remove administrators of a hunt group. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use crate::{
    Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

/// Builder for [`HuntGroup::admins`](crate::HuntGroup::admins).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListHuntGroupAdmins {
    call: CallContext,
    hunt_group: String,
}

impl ListHuntGroupAdmins {
    pub(super) fn new(call: CallContext, hunt_group: String) -> Self {
        Self { call, hunt_group }
    }
}

request!(ListHuntGroupAdmins => HuntGroupAdminList);

impl CallSpec for ListHuntGroupAdmins {
    type Response = Envelope<types::HuntGroupAdminList>;
    type Output = HuntGroupAdminList;

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.hunt_group)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.hunt_group)?;
        Ok(api.hunt_group_admin_list(&self.hunt_group))
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<HuntGroupAdminList> {
        Ok(list.into())
    }
}

/// The administrators of a hunt group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HuntGroupAdminList {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(HuntGroupAdminList as HuntGroupAdminList);

from_generated!(HuntGroupAdminList as HuntGroupAdminList);

/// Builder for [`HuntGroup::add_admin`](crate::HuntGroup::add_admin).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddHuntGroupAdmin {
    call: CallContext,
    body: types::HuntGroupAdminAdd,
}

impl AddHuntGroupAdmin {
    pub(super) fn new(call: CallContext, huntgroup_name: String, admin_name: String) -> Self {
        Self { call, body: types::HuntGroupAdminAdd { huntgroup_name, admin_name } }
    }
}

request!(AddHuntGroupAdmin => ());

impl CallSpec for AddHuntGroupAdmin {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("administrator {:?} of hunt group {:?}", self.body.admin_name, self.body.huntgroup_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.body.huntgroup_name)?;
        check::fits_query("admin_name", &self.body.admin_name)?;
        Ok(api.hunt_group_admin_add(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`HuntGroup::remove_admin`](crate::HuntGroup::remove_admin).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveHuntGroupAdmin {
    call: CallContext,
    hunt_group: String,
    admin_name: String,
}

impl RemoveHuntGroupAdmin {
    pub(super) fn new(call: CallContext, hunt_group: String, admin_name: String) -> Self {
        Self { call, hunt_group, admin_name }
    }
}

request!(RemoveHuntGroupAdmin => ());

impl CallSpec for RemoveHuntGroupAdmin {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("administrator {:?} of hunt group {:?}", self.admin_name, self.hunt_group)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.hunt_group)?;
        check::fits_query("admin_name", &self.admin_name)?;
        Ok(api.hunt_group_admin_remove(&self.admin_name, &self.hunt_group))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
