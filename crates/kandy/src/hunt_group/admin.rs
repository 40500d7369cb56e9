use kandy_sys::{Client, ExtraFields, types};

use crate::{
    Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`HuntGroup::admins`](crate::HuntGroup::admins), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListHuntGroupAdmins {
    call: Call,
    hunt_group: String,
}

impl ListHuntGroupAdmins {
    pub(super) fn new(call: Call, hunt_group: String) -> Self {
        Self { call, hunt_group }
    }
}

request!(ListHuntGroupAdmins => HuntGroupAdminList);

impl Request for ListHuntGroupAdmins {
    type Output = HuntGroupAdminList;

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.hunt_group)
    }

    async fn run(&self, client: &Client) -> Result<HuntGroupAdminList> {
        check::fits_query("name", &self.hunt_group)?;
        let list = result_of("hunt_group_admin_list", client.hunt_group_admin_list(&self.hunt_group).await)?;
        Ok(HuntGroupAdminList { extra: list.into() })
    }
}

/// The administrators of a hunt group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HuntGroupAdminList {
    /// All that came.
    pub extra: ExtraFields,
}

/// [`HuntGroup::add_admin`](crate::HuntGroup::add_admin), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddHuntGroupAdmin {
    call: Call,
    body: types::HuntGroupAdminAdd,
}

impl AddHuntGroupAdmin {
    pub(super) fn new(call: Call, huntgroup_name: String, admin_name: String) -> Self {
        Self { call, body: types::HuntGroupAdminAdd { huntgroup_name, admin_name } }
    }
}

request!(AddHuntGroupAdmin => ());

impl Request for AddHuntGroupAdmin {
    type Output = ();

    fn subject(&self) -> String {
        format!("administrator {:?} of hunt group {:?}", self.body.admin_name, self.body.huntgroup_name)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("name", &self.body.huntgroup_name)?;
        check::fits_query("admin_name", &self.body.admin_name)?;
        result_of("hunt_group_admin_add", client.hunt_group_admin_add(&self.body).await)?;
        Ok(())
    }
}

/// [`HuntGroup::remove_admin`](crate::HuntGroup::remove_admin), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveHuntGroupAdmin {
    call: Call,
    hunt_group: String,
    admin_name: String,
}

impl RemoveHuntGroupAdmin {
    pub(super) fn new(call: Call, hunt_group: String, admin_name: String) -> Self {
        Self { call, hunt_group, admin_name }
    }
}

request!(RemoveHuntGroupAdmin => ());

impl Request for RemoveHuntGroupAdmin {
    type Output = ();

    fn subject(&self) -> String {
        format!("administrator {:?} of hunt group {:?}", self.admin_name, self.hunt_group)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("name", &self.hunt_group)?;
        check::fits_query("admin_name", &self.admin_name)?;
        let answer = client.hunt_group_admin_remove(&self.admin_name, &self.hunt_group).await;
        result_of("hunt_group_admin_remove", answer)?;
        Ok(())
    }
}
