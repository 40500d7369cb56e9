use kandy::{ExtraFields, HuntGroup, NewHuntGroup};
use serde_json::Value;

use super::{Call, Handles, Provisioned, Stage, answering, learn_user};

/// The hunt group that users and administrators come to and go from.
pub(super) const SUPPORT: &str = "support";

fn new(name: &str) -> NewHuntGroup<'_> {
    NewHuntGroup {
        name,
        kind: "roundrobin",
        pilot_uri_address: "support@example.com",
        overflow_dest: "operator@example.com",
        anonymous_uri: "anonymous@example.com",
    }
}

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { domain, .. } = stage.handles;
    let support = domain.hunt_group(SUPPORT);
    Some(match operation {
        "hunt_group_create" => answering(domain, domain.create_hunt_group(new(&stage.name())), |()| {}),
        "hunt_group_delete" => {
            stage.maker().domain.create_hunt_group(new(&stage.name())).await.expect("created");
            let made = domain.hunt_group(stage.name());
            answering(&made, made.delete(), |()| {})
        }
        "hunt_group_list" => {
            made(stage).await;
            answering(domain, domain.hunt_groups(), |list| assert_eq!(count(&list.extra, "huntgroups"), 1))
        }
        "hunt_group_user_list" => {
            made(stage).await;
            answering(&support, support.users(), |list| assert_eq!(count(&list.extra, "users"), 0))
        }
        "hunt_group_admin_list" => {
            made(stage).await;
            answering(&support, support.admins(), |list| assert_eq!(count(&list.extra, "admins"), 0))
        }
        "hunt_group_user_add" => {
            user(stage).await;
            answering(&support, support.add_user(stage.name()), |()| {})
        }
        "hunt_group_admin_add" => {
            user(stage).await;
            answering(&support, support.add_admin(stage.name()), |()| {})
        }
        "hunt_group_user_remove" => {
            user(stage).await.add_user(stage.name()).await.expect("added");
            answering(&support, support.remove_user(stage.name()), |()| {})
        }
        "hunt_group_admin_remove" => {
            user(stage).await.add_admin(stage.name()).await.expect("added");
            answering(&support, support.remove_admin(stage.name()), |()| {})
        }
        _ => return None,
    })
}

/// The hunt group that users come to, which is made when it is first needed.
pub(super) async fn made(stage: &Stage<'_>) -> HuntGroup {
    let domain = &stage.maker().domain;
    match domain.create_hunt_group(new(SUPPORT)).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => domain.hunt_group(SUPPORT),
    }
}

/// Makes a user who is in no hunt group yet.
async fn user(stage: &Stage<'_>) -> HuntGroup {
    let created = stage.maker().domain.create_user(stage.name()).await.expect("created");
    learn_user(&stage.of.credentials, &created);
    made(stage).await
}

fn count(members: &ExtraFields, list: &str) -> usize {
    members.get(list).and_then(Value::as_array).map(Vec::len).expect("a list")
}

/// How many there are of what an operation adds or takes away.
pub(super) async fn effects(of: &Provisioned, operation: &str) -> usize {
    let domain = &of.patient.domain;
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
