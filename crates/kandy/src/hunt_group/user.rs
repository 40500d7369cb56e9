use kandy_sys::{Client, ExtraFields, types};

use crate::{
    Result, check,
    error::result_of,
    pipeline::{Call, Request, request},
};

/// [`HuntGroup::users`](crate::HuntGroup::users), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListHuntGroupUsers {
    call: Call,
    hunt_group: String,
}

impl ListHuntGroupUsers {
    pub(super) fn new(call: Call, hunt_group: String) -> Self {
        Self { call, hunt_group }
    }
}

request!(ListHuntGroupUsers => HuntGroupUserList);

impl Request for ListHuntGroupUsers {
    type Output = HuntGroupUserList;

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.hunt_group)
    }

    async fn run(&self, client: &Client) -> Result<HuntGroupUserList> {
        check::fits_query("name", &self.hunt_group)?;
        let list = result_of("hunt_group_user_list", client.hunt_group_user_list(&self.hunt_group).await)?;
        Ok(HuntGroupUserList { extra: list.into() })
    }
}

/// The users of a hunt group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HuntGroupUserList {
    /// All that came.
    pub extra: ExtraFields,
}

/// [`HuntGroup::add_user`](crate::HuntGroup::add_user), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct AddHuntGroupUser {
    call: Call,
    body: types::HuntGroupUserAdd,
}

impl AddHuntGroupUser {
    pub(super) fn new(call: Call, huntgroup_name: String, user_name: String) -> Self {
        Self { call, body: types::HuntGroupUserAdd { huntgroup_name, user_name } }
    }
}

request!(AddHuntGroupUser => ());

impl Request for AddHuntGroupUser {
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} of hunt group {:?}", self.body.user_name, self.body.huntgroup_name)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("name", &self.body.huntgroup_name)?;
        check::fits_query("user_name", &self.body.user_name)?;
        result_of("hunt_group_user_add", client.hunt_group_user_add(&self.body).await)?;
        Ok(())
    }
}

/// [`HuntGroup::remove_user`](crate::HuntGroup::remove_user), in the making.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct RemoveHuntGroupUser {
    call: Call,
    hunt_group: String,
    user_name: String,
}

impl RemoveHuntGroupUser {
    pub(super) fn new(call: Call, hunt_group: String, user_name: String) -> Self {
        Self { call, hunt_group, user_name }
    }
}

request!(RemoveHuntGroupUser => ());

impl Request for RemoveHuntGroupUser {
    type Output = ();

    fn subject(&self) -> String {
        format!("user {:?} of hunt group {:?}", self.user_name, self.hunt_group)
    }

    async fn run(&self, client: &Client) -> Result<()> {
        check::fits_query("name", &self.hunt_group)?;
        check::fits_query("user_name", &self.user_name)?;
        let answer = client.hunt_group_user_remove(&self.hunt_group, &self.user_name).await;
        result_of("hunt_group_user_remove", answer)?;
        Ok(())
    }
}
