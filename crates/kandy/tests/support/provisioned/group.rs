use kandy::Group;

use super::{Call, Stage, answering};

/// A group of its own, with both users in it.
async fn made(stage: &Stage<'_>) -> Group {
    let maker = &stage.maker().russ;
    let created = maker.create_group(stage.name()).await.expect("created");
    maker.group(&created.group_id).add_members(["anna@example.com"]).await.expect("added");
    stage.handles.russ.group(created.group_id)
}

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let russ = &stage.handles.russ;
    let group = russ.group(stage.of.group.clone());
    Some(match operation {
        "group_list" => answering(russ, russ.groups(), |groups| assert_eq!(groups.len(), 1)),
        "group_create" => answering(russ, russ.create_group(stage.name()), |_| {}),
        "group_get" => answering(&group, group.details(), |group| assert_eq!(group.name.as_deref(), Some("Friends"))),
        "group_update" => {
            let group = made(stage).await;
            answering(&group, group.update().name(format!("changed-{}", stage.number)), |()| {})
        }
        "group_delete" => {
            let group = made(stage).await;
            answering(&group, group.delete(), |()| {})
        }
        "group_member_add" => {
            let created = stage.maker().russ.create_group(stage.name()).await.expect("created");
            let group = russ.group(created.group_id);
            answering(&group, group.add_members(["anna@example.com"]), |()| {})
        }
        "group_member_remove" => {
            let group = made(stage).await;
            answering(&group, group.remove_members(["anna@example.com"]), |()| {})
        }
        "group_leave" => {
            let group = stage.handles.anna.group(made(stage).await.id());
            answering(&group, group.leave(), |()| {})
        }
        "group_mute" => {
            let group = made(stage).await;
            answering(&group, group.mute(), |()| {})
        }
        "group_member_mute" => {
            let group = made(stage).await;
            answering(&group, group.mute_members(["anna@example.com"]), |()| {})
        }
        "group_message_send" => answering(&group, group.send_message(stage.name()), |_| {}),
        _ => return None,
    })
}

/// What the groups of a user show of an operation that changes them.
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
