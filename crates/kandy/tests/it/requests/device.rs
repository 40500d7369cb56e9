//! Requests of a device: address book, messages and SMS.

use kandy::{AddressBookEntry, MessageContent, UploadedContent};

use super::MESSAGE_ID;
use crate::support::handles::device;

request_snapshots! {
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
        device(kandy).send_message("anna@example.com", MessageContent::location(48.2, 16.37)).message_id(MESSAGE_ID)
    };
    message_send_image: "message_send" @ "image" => |kandy| {
        let photo = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "friends.png", "image/png");
        device(kandy).send_message("anna@example.com", MessageContent::image(&photo)).message_id(MESSAGE_ID)
    };
    message_send_contact: "message_send" @ "contact" => |kandy| {
        let card = UploadedContent::new("5c1d7e9a0b3f4826a1c4e6f80d2b3a59", "bert.vcf", "text/vcard");
        device(kandy).send_message("anna@example.com", MessageContent::contact(&card, "Bert")).message_id(MESSAGE_ID)
    };
    message_send_json: "message_send" @ "json" => |kandy| {
        let order = MessageContent::json(&["pizza", "wine"]).expect("JSON");
        device(kandy).send_message("anna@example.com", order).message_id(MESSAGE_ID)
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
