//! Requests of presence.

use crate::support::handles::{domain, user};

request_snapshots! {
    last_seen_list: "last_seen_list" => |kandy| user(kandy).last_seen(["anna@example.com", "russ@example.com"]);
    last_seen_list_by_domain: "last_seen_list" @ "by_domain" => |kandy| domain(kandy).last_seen(["anna@example.com"]);
}
