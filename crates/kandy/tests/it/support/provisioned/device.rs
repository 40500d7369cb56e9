//! Calls of a device: address book, messages and SMS.

use super::{Call, CallSetup};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    Some(match operation {
        "device_address_book_get" => {
            Call::new(&setup.tablet(), setup.tablet().address_book(), |book| assert_eq!(book.len(), 1))
        }
        "device_address_book_upload" => {
            let entry = kandy::AddressBookEntry::new(["+14055671234"]).first_name(setup.name());
            Call::new(&setup.phone(), setup.phone().upload_address_book([entry]), |()| {})
        }
        "device_address_book_hint_list" => {
            Call::new(&setup.tablet(), setup.tablet().address_book_hints(), |hints| assert_eq!(hints.extra.len(), 1))
        }
        "device_address_book_delete" => {
            setup.provisioned.add_contact();
            Call::new(&setup.tablet(), setup.tablet().delete_address_book(), |()| {})
        }
        "message_send" => {
            Call::new(&setup.phone(), setup.phone().send_message("anna@example.com", setup.name()), |_| {})
        }
        "message_list" => Call::new(&setup.tablet(), setup.tablet().pending_messages(), |pending| {
            assert_eq!(pending.messages.len(), 1)
        }),
        "message_delete" => {
            let message = setup
                .provisioned
                .phone(setup.default_handles())
                .send_message("anna@example.com", setup.name())
                .await
                .expect("sent");
            Call::new(&setup.tablet(), setup.tablet().delete_messages([message]), |_| {})
        }
        "sms_send" => Call::new(&setup.phone(), setup.phone().send_sms("+12245556666", setup.name()), |_| {}),
        _ => return None,
    })
}
