//! Requests of directory searches.

use crate::support::handles::user;

request_snapshots! {
    directory_list: "directory_list" => |kandy| user(kandy).directory();
    directory_search: "directory_search" => |kandy| user(kandy).search_directory("Élan & Sons");
    directory_search_by_name: "directory_search_by_name" => |kandy| user(kandy).search_directory_by_name("Doe");
    directory_search_by_phone_number: "directory_search_by_phone_number" => |kandy| {
        user(kandy).search_directory_by_phone_number("+13524096582")
    };
    directory_search_by_user_id: "directory_search_by_user_id" => |kandy| {
        user(kandy).search_directory_by_user_id("anna")
    };
}
