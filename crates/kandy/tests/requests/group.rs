use crate::{MESSAGE_ID, support::handles::group};

pins! {
    group_get: "group_get" => |kandy| group(kandy).details();
    group_message_send: "group_message_send" => |kandy| group(kandy).send_message("Hello, all").message_id(MESSAGE_ID);
}
