use super::{Call, Handles, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { russ, .. } = stage.handles;
    Some(match operation {
        "directory_list" => answering(russ, russ.directory(), |users| assert_eq!(users.len(), 2)),
        "directory_search" => answering(russ, russ.search_directory("ANN"), |users| assert_eq!(users.len(), 1)),
        "directory_search_by_name" => answering(russ, russ.search_directory_by_name("ANN"), |users| {
            assert!(users.is_empty(), "they have no names")
        }),
        "directory_search_by_phone_number" => {
            answering(russ, russ.search_directory_by_phone_number("1"), |users| assert!(users.is_empty()))
        }
        "directory_search_by_user_id" => {
            answering(russ, russ.search_directory_by_user_id("ann"), |users| assert_eq!(users.len(), 1))
        }
        _ => return None,
    })
}
