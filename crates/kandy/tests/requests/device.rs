use kandy::{AddressBookEntry, ContentType, MessageContent};

use crate::{MESSAGE_ID, support::handles::device};

pins! {
    device_address_book_get: "device_address_book_get" => |kandy| device(kandy).address_book();
    device_address_book_upload: "device_address_book_upload" => |kandy| {
        let john = AddressBookEntry::new(["+14055671234", "+14055671235"]).first_name("John").last_name("Doe");
        device(kandy).upload_address_book([john, AddressBookEntry::new(["+14055671236"])])
    };
    device_address_book_hint_list: "device_address_book_hint_list" => |kandy| device(kandy).address_book_hints();
    device_address_book_delete: "device_address_book_delete" => |kandy| device(kandy).delete_address_book();
    message_send: "message_send" => |kandy| {
        device(kandy).send_message("anna@example.com", "let's meet tonight").message_id(MESSAGE_ID)
    };
    message_send_location: "message_send" @ "location" => |kandy| {
        let place = MessageContent::new(ContentType::Location, "location/utm")
            .field("location_latitude", 48.2)
            .field("location_longitude", 16.37)
            .field("media_map_zoom", 10);
        device(kandy).send_message("anna@example.com", place).message_id(MESSAGE_ID)
    };
    message_list: "message_list" => |kandy| device(kandy).pending_messages();
    message_list_with_clock: "message_list" @ "with_clock" => |kandy| {
        device(kandy).pending_messages().client_timestamp(1_409_754_477_079)
    };
    message_delete: "message_delete" => |kandy| {
        device(kandy).delete_messages(["bcd2fa752c3c4fdf97d08b0a48f622f0", "080eccac-08d5-4c9a-9490-58f3a633a30c"])
    };
    sms_send: "sms_send" => |kandy| device(kandy).send_sms("+12245556666", "Hello, Kandy SMS! 👋").from("+11234567890");
    sms_send_bare: "sms_send" @ "bare" => |kandy| device(kandy).send_sms("+12245556666", "Hello");
}
