//! Calls that search the directory.

use super::{Call, CallSetup, Handles};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { russ, .. } = setup.handles;
    Some(match operation {
        "directory_list" => Call::new(russ, russ.directory(), |users| assert_eq!(users.len(), 2)),
        "directory_search" => Call::new(russ, russ.search_directory("ANN"), |users| assert_eq!(users.len(), 1)),
        "directory_search_by_name" => Call::new(russ, russ.search_directory_by_name("ANN"), |users| {
            assert!(users.is_empty(), "they have no names")
        }),
        "directory_search_by_phone_number" => {
            Call::new(russ, russ.search_directory_by_phone_number("1"), |users| assert!(users.is_empty()))
        }
        "directory_search_by_user_id" => {
            Call::new(russ, russ.search_directory_by_user_id("ann"), |users| assert_eq!(users.len(), 1))
        }
        _ => return None,
    })
}
