//! User ids in lists.

use crate::bulk::refusal;

/// Returns why a user id of a list cannot be used, if it has a domain name: the domain of the credentials decides.
pub(super) fn has_domain(user_id: &str) -> Option<String> {
    const REASON: &str = "it contains `@`; give the part before it, without the domain name";
    user_id.contains('@').then(|| refusal("user_id", Some(user_id), REASON))
}
