//! Requests of chat groups.

use kandy::{GroupImage, UploadedContent};

use super::MESSAGE_ID;
use crate::support::handles::{group, user};

fn image() -> GroupImage {
    let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png").length(20480);
    GroupImage::from(&photo)
}

request_snapshots! {
    group_list: "group_list" => |kandy| user(kandy).groups();
    group_create: "group_create" => |kandy| user(kandy).create_group("Friends").image(image());
    group_create_bare: "group_create" @ "bare" => |kandy| user(kandy).create_group("Friends");
    group_get: "group_get" => |kandy| group(kandy).details();
    group_update: "group_update" => |kandy| group(kandy).update().name("Best friends").image(image());
    group_update_name: "group_update" @ "name" => |kandy| group(kandy).update().name("Best friends");
    group_update_no_image: "group_update" @ "no_image" => |kandy| group(kandy).update().image(GroupImage::default());
    group_delete: "group_delete" => |kandy| group(kandy).delete();
    group_member_add: "group_member_add" => |kandy| group(kandy).add_members(["anna@example.com", "bert@example.com"]);
    group_member_remove: "group_member_remove" => |kandy| {
        group(kandy).remove_members(["anna@example.com", "bert@example.com"])
    };
    group_leave: "group_leave" => |kandy| group(kandy).leave();
    group_mute: "group_mute" => |kandy| group(kandy).mute();
    group_mute_end: "group_mute" @ "end" => |kandy| group(kandy).unmute();
    group_member_mute: "group_member_mute" => |kandy| group(kandy).mute_members(["anna@example.com"]);
    group_member_mute_end: "group_member_mute" @ "end" => |kandy| group(kandy).unmute_members(["anna@example.com"]);
    group_message_send: "group_message_send" => |kandy| group(kandy).send_message("Hello, all").message_id(MESSAGE_ID);
}
