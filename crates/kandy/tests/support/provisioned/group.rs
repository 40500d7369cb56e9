use super::{Call, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let group = stage.handles.russ.group(stage.of.group.clone());
    Some(match operation {
        "group_get" => answering(&group, group.details(), |group| assert_eq!(group.name.as_deref(), Some("Friends"))),
        "group_message_send" => answering(&group, group.send_message(stage.name()), |_| {}),
        _ => return None,
    })
}
