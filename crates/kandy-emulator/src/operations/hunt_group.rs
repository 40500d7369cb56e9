//! Operations of the tag Hunt Group. The emulator has no calls to distribute, so the groups are only stored.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault,
    types::{RolloverGroup, RolloverGroupDetails},
};
use serde_json::json;

use super::{handler::Handler, lookup};
use crate::{
    protocol::{
        call::Call,
        listing::Progress,
        refusal::{exists, unknown},
        reply::{Outcome, Reply},
    },
    state::{DomainNo, HuntGroup, Role, State, UserNo},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("hunt_group_create", Handler::Domain(create)),
    ("hunt_group_delete", Handler::Domain(delete)),
    ("hunt_group_list", Handler::Domain(list)),
    ("hunt_group_user_add", Handler::Domain(|state, call, domain| add(state, call, domain, Role::User))),
    ("hunt_group_user_remove", Handler::Domain(|state, call, domain| remove(state, call, domain, Role::User))),
    ("hunt_group_user_list", Handler::Domain(|state, call, domain| members(state, call, domain, Role::User))),
    ("hunt_group_admin_add", Handler::Domain(|state, call, domain| add(state, call, domain, Role::Admin))),
    ("hunt_group_admin_remove", Handler::Domain(|state, call, domain| remove(state, call, domain, Role::Admin))),
    ("hunt_group_admin_list", Handler::Domain(|state, call, domain| members(state, call, domain, Role::Admin))),
    ("rollover_group_get", Handler::User(rollover_group)),
];

/// The parameter with the name of a hunt group.
const NAME: &str = "huntgroup_name";

impl Role {
    /// The parameter with the name of a user in this role, and the member of the result with the list.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::User => ("user_name", "users"),
            Self::Admin => ("admin_name", "admins"),
        }
    }

    fn object(self) -> &'static str {
        match self {
            Self::User => "user of the hunt group",
            Self::Admin => "administrator of the hunt group",
        }
    }
}

fn no_such_group() -> ApiFault {
    unknown("hunt group")
}

fn create(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let fields = call.fields()?;
    let name = fields.required(NAME)?;
    let group = HuntGroup::new(
        fields.required("huntgroup_type")?,
        fields.required("pilot_uri_address")?,
        fields.required("overflow_dest")?,
        fields.required("anonymous_uri")?,
    );
    if state.hunt_groups.create(domain, name, group) { Reply::done() } else { Err(exists("hunt group").into()) }
}

fn delete(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let name = call.require(NAME)?;
    if state.hunt_groups.remove(domain, name) { Reply::done() } else { Err(no_such_group().into()) }
}

fn list(state: &mut State, _: &Call, domain: DomainNo) -> Outcome {
    let describe = |(name, group): (&str, &HuntGroup)| {
        json!({
            NAME: name,
            "huntgroup_type": group.kind,
            "pilot_uri_address": group.pilot_uri_address,
            "overflow_dest": group.overflow_dest,
            "anonymous_uri": group.anonymous_uri,
        })
    };
    let groups: Vec<_> = state.hunt_groups.of_domain(domain).map(describe).collect();
    Reply::result(json!({"huntgroups": groups}))
}

fn add(state: &mut State, call: &Call, domain: DomainNo, role: Role) -> Outcome {
    let fields = call.fields()?;
    let (name, user_name) = (fields.required(NAME)?, fields.required(role.names().0)?);
    state.hunt_groups.get(domain, &name).ok_or_else(no_such_group)?;
    let user = lookup::user_by_name(state, domain, &user_name)?;
    match state.hunt_groups.add_member(domain, &name, role, user) {
        true => Reply::done(),
        false => Err(exists(role.object()).into()),
    }
}

fn remove(state: &mut State, call: &Call, domain: DomainNo, role: Role) -> Outcome {
    let (name, user_name) = (call.require(NAME)?, call.require(role.names().0)?);
    state.hunt_groups.get(domain, name).ok_or_else(no_such_group)?;
    let user = lookup::user_by_name(state, domain, user_name)?;
    match state.hunt_groups.remove_member(domain, name, role, user) {
        true => Reply::done(),
        false => Err(unknown(role.object()).into()),
    }
}

/// Describes a hunt group to a user of the domain. Anonymous users may read it too: they are the callers of a hunt
/// group.
fn rollover_group(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let name = call.require("group_name")?;
    let domain = lookup::domain_of(state, user)?;
    let group = state.hunt_groups.get(domain, name).ok_or_else(no_such_group)?;
    let agents = group.members(Role::User).filter_map(|user| state.users.get(user));
    let group = RolloverGroup {
        group_policy: Some(group.kind.to_string().into()),
        agents: Some(agents.map(|user| state.full_user_id(user).into()).collect()),
        extra: Default::default(),
    };
    Reply::result(RolloverGroupDetails { group: Some(group), extra: Default::default() })
}

fn members(state: &mut State, call: &Call, domain: DomainNo, role: Role) -> Outcome {
    let group_name = call.require(NAME)?.to_owned();
    let group = state.hunt_groups.get(domain, &group_name).ok_or_else(no_such_group)?;
    let (name, list) = role.names();
    let (mut last, end) = (None, group.members(role).next_back());
    Reply::list(state, json!({list: []}), move |state, page| {
        let (Some(group), Some(end)) = (state.hunt_groups.get(domain, &group_name), end) else { return Progress::Done };
        let members = group.members_after(role, last).map(|no| (no, no));
        page.fill(members, &mut last, end, |no| {
            let user = state.users.get(no)?;
            Some(json!({name: user.user_id(), "full_user_id": state.full_user_id(user)}))
        })
    })
}
