//! The builders that create, list and delete hunt groups. Depends on `check` and `pipeline`.

use kandy_sys::{Call, Client, Envelope, ExtraFields, NoResult, types};

use crate::{
    Result, check,
    decode::Decoded,
    pipeline::{CallContext, CallSpec, request},
    value::{from_generated, value},
};

/// A hunt group to create. All fields are required.
#[derive(Clone, Copy, Debug)]
pub struct NewHuntGroup<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type: presumably how calls are distributed. The values are not known; `roundrobin` is the one that was seen,
    /// as the policy of another kind of group.
    pub kind: &'a str,
    /// The address of the group, presumably the one that callers use.
    pub pilot_uri_address: &'a str,
    /// Presumably the address for calls that the group does not accept.
    pub overflow_dest: &'a str,
    /// An address related to anonymous calls; its use is not known.
    pub anonymous_uri: &'a str,
}

/// Builder for [`Domain::create_hunt_group`](crate::Domain::create_hunt_group).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct CreateHuntGroup {
    call: CallContext,
    body: types::HuntGroupCreate,
}

impl CreateHuntGroup {
    pub(super) fn new(call: CallContext, hunt_group: NewHuntGroup<'_>) -> Self {
        let NewHuntGroup { name, kind, pilot_uri_address, overflow_dest, anonymous_uri } = hunt_group;
        Self {
            call,
            body: types::HuntGroupCreate {
                huntgroup_name: name.to_owned(),
                huntgroup_type: kind.to_owned(),
                pilot_uri_address: pilot_uri_address.to_owned(),
                overflow_dest: overflow_dest.to_owned(),
                anonymous_uri: anonymous_uri.to_owned(),
            },
        }
    }
}

request!(CreateHuntGroup => ());

impl CallSpec for CreateHuntGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.body.huntgroup_name)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        // All other operations have the name in the query: a hunt group with a name that does not fit there could not
        // even be deleted.
        check::fits_query("name", &self.body.huntgroup_name)?;
        check::given("kind", &self.body.huntgroup_type)?;
        check::given("pilot_uri_address", &self.body.pilot_uri_address)?;
        check::given("overflow_dest", &self.body.overflow_dest)?;
        check::given("anonymous_uri", &self.body.anonymous_uri)?;
        Ok(api.hunt_group_create(&self.body))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}

/// Builder for [`Domain::hunt_groups`](crate::Domain::hunt_groups).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct ListHuntGroups {
    call: CallContext,
}

impl ListHuntGroups {
    pub(super) fn new(call: CallContext) -> Self {
        Self { call }
    }
}

request!(ListHuntGroups => HuntGroupList);

impl CallSpec for ListHuntGroups {
    type Response = Envelope<types::HuntGroupList>;
    type Output = HuntGroupList;

    fn subject(&self) -> String {
        "the domain".to_owned()
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        Ok(api.hunt_group_list())
    }

    fn read(&self, list: Decoded<Self::Response>) -> Result<HuntGroupList> {
        Ok(list.into())
    }
}

/// The hunt groups of a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HuntGroupList {
    /// All fields of the response.
    pub extra: ExtraFields,
}

value!(HuntGroupList as HuntGroupList);

from_generated!(HuntGroupList as HuntGroupList);

/// Builder for [`HuntGroup::delete`](crate::HuntGroup::delete).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct DeleteHuntGroup {
    call: CallContext,
    hunt_group: String,
}

impl DeleteHuntGroup {
    pub(super) fn new(call: CallContext, hunt_group: String) -> Self {
        Self { call, hunt_group }
    }
}

request!(DeleteHuntGroup => ());

impl CallSpec for DeleteHuntGroup {
    type Response = Envelope<NoResult>;
    type Output = ();

    fn subject(&self) -> String {
        format!("hunt group {:?}", self.hunt_group)
    }

    fn describe<'a>(&'a self, api: &'a Client) -> Result<Call<'a, Self::Response>> {
        check::fits_query("name", &self.hunt_group)?;
        Ok(api.hunt_group_delete(&self.hunt_group))
    }

    fn read(&self, _: Decoded<Self::Response>) -> Result<()> {
        Ok(())
    }
}
