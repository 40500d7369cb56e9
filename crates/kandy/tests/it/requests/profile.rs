//! Requests of user profiles.

use crate::support::handles::user;

request_snapshots! {
    user_profile_get: "user_profile_get" => |kandy| user(kandy).profile("anna", "example.com");
    user_profile_set: "user_profile_set" => |kandy| {
        user(kandy)
            .set_profile()
            .first_name("Russ")
            .last_name("Élan & Sons")
            .status_text("Out for lunch")
            .image_details(r#"{"name": "russ.png"}"#)
            .user_data("anything")
    };
    user_profile_set_status: "user_profile_set" @ "status" => |kandy| user(kandy).set_profile().status_text("");
}
