//! Calls of hunt groups.

use kandy::{ExtraFields, HuntGroup, NewHuntGroup};
use serde_json::Value;

use super::{Call, CallSetup, Handles, Provisioned, record_user};
use crate::support::handles::NEW_HUNT_GROUP;

/// The hunt group that users and administrators are added to and removed from.
pub(super) const SUPPORT: &str = "support";

/// Returns the parameters of a new hunt group.
fn new(name: &str) -> NewHuntGroup<'_> {
    NewHuntGroup { name, ..NEW_HUNT_GROUP }
}

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { domain, .. } = setup.handles;
    let support = domain.hunt_group(SUPPORT);
    Some(match operation {
        "hunt_group_create" => Call::new(domain, domain.create_hunt_group(new(&setup.name())), |()| {}),
        "hunt_group_delete" => {
            setup.default_handles().domain.create_hunt_group(new(&setup.name())).await.expect("created");
            let created = domain.hunt_group(setup.name());
            Call::new(&created, created.delete(), |()| {})
        }
        "hunt_group_list" => {
            ensure_created(setup).await;
            Call::new(domain, domain.hunt_groups(), |list| assert_eq!(count(&list.extra, "huntgroups"), 1))
        }
        "hunt_group_user_list" => {
            ensure_created(setup).await;
            Call::new(&support, support.users(), |list| assert_eq!(count(&list.extra, "users"), 0))
        }
        "hunt_group_admin_list" => {
            ensure_created(setup).await;
            Call::new(&support, support.admins(), |list| assert_eq!(count(&list.extra, "admins"), 0))
        }
        "hunt_group_user_add" => {
            user(setup).await;
            Call::new(&support, support.add_user(setup.name()), |()| {})
        }
        "hunt_group_admin_add" => {
            user(setup).await;
            Call::new(&support, support.add_admin(setup.name()), |()| {})
        }
        "hunt_group_user_remove" => {
            user(setup).await.add_user(setup.name()).await.expect("added");
            Call::new(&support, support.remove_user(setup.name()), |()| {})
        }
        "hunt_group_admin_remove" => {
            user(setup).await.add_admin(setup.name()).await.expect("added");
            Call::new(&support, support.remove_admin(setup.name()), |()| {})
        }
        _ => return None,
    })
}

/// Returns the hunt group [`SUPPORT`], and creates it first if necessary.
pub(super) async fn ensure_created(setup: &CallSetup<'_>) -> HuntGroup {
    let domain = &setup.default_handles().domain;
    match domain.create_hunt_group(new(SUPPORT)).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => domain.hunt_group(SUPPORT),
    }
}

/// Creates a user that is in no hunt group, and returns [`SUPPORT`].
async fn user(setup: &CallSetup<'_>) -> HuntGroup {
    let created = setup.default_handles().domain.create_user(setup.name()).await.expect("created");
    record_user(&setup.provisioned.credentials, &created);
    ensure_created(setup).await
}

/// Returns the length of a list among the extra fields of a response.
fn count(extra: &ExtraFields, list: &str) -> usize {
    extra.get(list).and_then(Value::as_array).map(Vec::len).expect("a list")
}

/// Counts what an operation adds or removes.
pub(super) async fn effects(provisioned: &Provisioned, operation: &str) -> usize {
    let domain = &provisioned.default_handles.domain;
    let support = domain.hunt_group(SUPPORT);
    match operation {
        "hunt_group_create" | "hunt_group_delete" => {
            count(&domain.hunt_groups().await.expect("a list").extra, "huntgroups")
        }
        "hunt_group_user_add" | "hunt_group_user_remove" => {
            count(&support.users().await.expect("a list").extra, "users")
        }
        "hunt_group_admin_add" | "hunt_group_admin_remove" => {
            count(&support.admins().await.expect("a list").extra, "admins")
        }
        _ => 0,
    }
}
