//! Requests of conversations and events.

use kandy::Order;

use super::MESSAGE_ID;
use crate::support::handles::{conversation, group, user};

request_snapshots! {
    conversation_list: "conversation_list" => |kandy| user(kandy).conversations();
    conversation_delete: "conversation_delete" => |kandy| {
        user(kandy).delete_conversations(["anna@example.com", "834f42eb5a1144a3b679f2d0be20112c"])
    };
    conversation_delete_one: "conversation_delete" @ "one" => |kandy| conversation(kandy).delete();
    conversation_message_list: "conversation_message_list" => |kandy| {
        conversation(kandy)
            .messages()
            .number_of_records(20)
            .message_sequence_number(41)
            .timestamp(1_426_176_529_057)
            .order(Order::Backward)
    };
    conversation_message_list_forward: "conversation_message_list" @ "forward" => |kandy| {
        conversation(kandy).messages().order(Order::Forward)
    };
    conversation_message_list_bare: "conversation_message_list" @ "bare" => |kandy| conversation(kandy).messages();
    conversation_message_list_of_group: "conversation_message_list" @ "of_group" => |kandy| {
        user(kandy).conversation(group(kandy).id()).messages()
    };
    conversation_message_delete: "conversation_message_delete" => |kandy| {
        conversation(kandy).delete_messages([MESSAGE_ID, "080eccac-08d5-4c9a-9490-58f3a633a30c"])
    };
    event_send: "event_send" => |kandy| {
        let wake_up = user(kandy).wake_up("anna@example.com");
        wake_up.message_id("ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0").client_timestamp(1_409_754_477_079)
    };
}
