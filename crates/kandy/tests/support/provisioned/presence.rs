use super::{Call, Handles, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { domain, russ, .. } = stage.handles;
    let users = ["russ@example.com", "anna@example.com"];
    Some(match operation {
        // Either of them may ask.
        "last_seen_list" if stage.number.is_multiple_of(2) => {
            answering(domain, domain.last_seen(users), |list| assert_eq!(list.users.len(), 2))
        }
        "last_seen_list" => answering(russ, russ.last_seen(users), |list| assert_eq!(list.users.len(), 2)),
        _ => return None,
    })
}
