//! Requests of sessions.

use crate::support::handles::{session, user};

request_snapshots! {
    session_create: "session_create" => |kandy| {
        user(kandy)
            .create_session()
            .session_type("support")
            .name("help")
            .description("Support session")
            .nickname("User 1")
            .first_name("User")
            .last_name("One")
            .phone_number("303-555-1212")
            .email("user1@domain.com")
    };
    session_create_bare: "session_create" @ "bare" => |kandy| user(kandy).create_session();
    session_get: "session_get" => |kandy| session(kandy).details();
    session_get_by_name: "session_get_by_name" => |kandy| user(kandy).session_by_name("help & more");
    session_list: "session_list" => |kandy| user(kandy).sessions().session_type("support");
    session_list_bare: "session_list" @ "bare" => |kandy| user(kandy).sessions();
    session_list_by_type: "session_list_by_type" => |kandy| user(kandy).sessions_by_type("support");
    session_list_by_creator: "session_list_by_creator" => |kandy| user(kandy).own_sessions();
    session_start: "session_start" => |kandy| session(kandy).start();
    session_stop: "session_stop" => |kandy| session(kandy).stop();
    session_delete: "session_delete" => |kandy| session(kandy).delete();
    session_join: "session_join" => |kandy| {
        session(kandy)
            .join()
            .nickname("User 2")
            .first_name("User")
            .last_name("Two")
            .phone_number("303-555-1213")
            .email("user2@domain.com")
    };
    session_join_bare: "session_join" @ "bare" => |kandy| session(kandy).join();
    session_leave: "session_leave" => |kandy| session(kandy).leave().reason("done");
    session_leave_bare: "session_leave" @ "bare" => |kandy| session(kandy).leave();
    session_participant_accept: "session_participant_accept" => |kandy| session(kandy).accept("user2@domain.com");
    session_participant_reject: "session_participant_reject" => |kandy| {
        session(kandy).reject("user2@domain.com").reason("no")
    };
    session_participant_reject_bare: "session_participant_reject" @ "bare" => |kandy| {
        session(kandy).reject("user2@domain.com")
    };
    session_participant_boot: "session_participant_boot" => |kandy| {
        session(kandy).boot("user2@domain.com").reason("no")
    };
    session_participant_boot_bare: "session_participant_boot" @ "bare" => |kandy| {
        session(kandy).boot("user2@domain.com")
    };
}
