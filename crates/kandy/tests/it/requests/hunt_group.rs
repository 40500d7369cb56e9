//! Requests of hunt groups.

use crate::support::handles::{NEW_HUNT_GROUP, domain, hunt_group};

request_snapshots! {
    hunt_group_create: "hunt_group_create" => |kandy| domain(kandy).create_hunt_group(NEW_HUNT_GROUP);
    hunt_group_delete: "hunt_group_delete" => |kandy| hunt_group(kandy).delete();
    hunt_group_list: "hunt_group_list" => |kandy| domain(kandy).hunt_groups();
    hunt_group_user_add: "hunt_group_user_add" => |kandy| hunt_group(kandy).add_user("russ");
    hunt_group_user_remove: "hunt_group_user_remove" => |kandy| hunt_group(kandy).remove_user("russ");
    hunt_group_user_list: "hunt_group_user_list" => |kandy| hunt_group(kandy).users();
    hunt_group_admin_add: "hunt_group_admin_add" => |kandy| hunt_group(kandy).add_admin("anna");
    hunt_group_admin_remove: "hunt_group_admin_remove" => |kandy| hunt_group(kandy).remove_admin("anna");
    hunt_group_admin_list: "hunt_group_admin_list" => |kandy| hunt_group(kandy).admins();
}
