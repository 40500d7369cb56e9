//! Requests of personal contacts and address books of a user.

use crate::support::handles::user;

request_snapshots! {
    personal_contact_list: "personal_contact_list" => |kandy| user(kandy).contacts();
    personal_contact_create: "personal_contact_create" => |kandy| {
        user(kandy)
            .create_contact("anna@example.com", "anna")
            .first_name("Anna")
            .last_name("Doe")
            .home_phone("+14055671234")
            .mobile_number("+14055671235")
            .business_number("+14055671236")
            .fax("+14055671237")
            .email("anna@example.com")
    };
    personal_contact_create_bare: "personal_contact_create" @ "bare" => |kandy| {
        user(kandy).create_contact("anna@example.com", "anna")
    };
    personal_contact_delete: "personal_contact_delete" => |kandy| {
        user(kandy).delete_contact("9e018d28484242be83f090c7323bf275")
    };
    user_device_address_book_get: "user_device_address_book_get" => |kandy| {
        user(kandy).device_address_book().device_id("A149EBB9A69D4E66B62D26FBDEF440C5")
    };
    user_device_address_book_get_bare: "user_device_address_book_get" @ "bare" => |kandy| {
        user(kandy).device_address_book()
    };
}
