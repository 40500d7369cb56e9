//! Calls of chat groups.

use kandy::Group;

use super::{Call, CallSetup};

/// Creates a group with both users in it.
async fn new_group(setup: &CallSetup<'_>) -> Group {
    let creator = &setup.default_handles().russ;
    let created = creator.create_group(setup.name()).await.expect("created");
    creator.group(&created.group_id).add_members(["anna@example.com"]).await.expect("added");
    setup.handles.russ.group(created.group_id)
}

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let russ = &setup.handles.russ;
    let group = russ.group(setup.provisioned.group.clone());
    Some(match operation {
        "group_list" => Call::new(russ, russ.groups(), |groups| assert_eq!(groups.len(), 1)),
        "group_create" => Call::new(russ, russ.create_group(setup.name()), |_| {}),
        "group_get" => Call::new(&group, group.details(), |group| assert_eq!(group.name.as_deref(), Some("Friends"))),
        "group_update" => {
            let group = new_group(setup).await;
            Call::new(&group, group.update().name(format!("changed-{}", setup.number)), |()| {})
        }
        "group_delete" => {
            let group = new_group(setup).await;
            Call::new(&group, group.delete(), |()| {})
        }
        "group_member_add" => {
            let created = setup.default_handles().russ.create_group(setup.name()).await.expect("created");
            let group = russ.group(created.group_id);
            Call::new(&group, group.add_members(["anna@example.com"]), |()| {})
        }
        "group_member_remove" => {
            let group = new_group(setup).await;
            Call::new(&group, group.remove_members(["anna@example.com"]), |()| {})
        }
        "group_leave" => {
            let group = setup.handles.anna.group(new_group(setup).await.id());
            Call::new(&group, group.leave(), |()| {})
        }
        "group_mute" => {
            let group = new_group(setup).await;
            Call::new(&group, group.mute(), |()| {})
        }
        "group_member_mute" => {
            let group = new_group(setup).await;
            Call::new(&group, group.mute_members(["anna@example.com"]), |()| {})
        }
        "group_message_send" => Call::new(&group, group.send_message(setup.name()), |_| {}),
        _ => return None,
    })
}

/// Counts what an operation changes in the groups of a user.
pub(super) async fn effects(russ: &kandy::User, operation: &str) -> usize {
    let groups = russ.groups().await.expect("a list");
    let members = groups.iter().flat_map(|group| group.owners.iter().chain(&group.members));
    match operation {
        "group_update" => {
            groups.iter().filter(|group| group.name.as_deref().is_some_and(|name| name.starts_with("changed-"))).count()
        }
        "group_mute" => groups.iter().filter(|group| group.muted == Some(true)).count(),
        "group_member_mute" => members.filter(|member| member.muted == Some(true)).count(),
        _ => members.count(),
    }
}
