//! Calls of presence.

use super::{Call, CallSetup, Handles};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { domain, russ, .. } = setup.handles;
    let users = ["russ@example.com", "anna@example.com"];
    Some(match operation {
        // A domain and a user can both make the call, so they take turns.
        "last_seen_list" if setup.number.is_multiple_of(2) => {
            Call::new(domain, domain.last_seen(users), |list| assert_eq!(list.users.len(), 2))
        }
        "last_seen_list" => Call::new(russ, russ.last_seen(users), |list| assert_eq!(list.users.len(), 2)),
        _ => return None,
    })
}
