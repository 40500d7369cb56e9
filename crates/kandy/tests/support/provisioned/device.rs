use super::{Call, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    Some(match operation {
        "device_address_book_get" => {
            answering(&stage.tablet(), stage.tablet().address_book(), |book| assert_eq!(book.len(), 1))
        }
        "device_address_book_upload" => {
            let entry = kandy::AddressBookEntry::new(["+14055671234"]).first_name(stage.name());
            answering(&stage.phone(), stage.phone().upload_address_book([entry]), |()| {})
        }
        "device_address_book_hint_list" => {
            answering(&stage.tablet(), stage.tablet().address_book_hints(), |hints| assert_eq!(hints.extra.len(), 1))
        }
        "device_address_book_delete" => {
            stage.of.add_contact();
            answering(&stage.tablet(), stage.tablet().delete_address_book(), |()| {})
        }
        "message_send" => {
            answering(&stage.phone(), stage.phone().send_message("anna@example.com", stage.name()), |_| {})
        }
        "message_list" => answering(&stage.tablet(), stage.tablet().pending_messages(), |pending| {
            assert_eq!(pending.messages.len(), 1)
        }),
        "message_delete" => {
            let message =
                stage.of.phone(stage.maker()).send_message("anna@example.com", stage.name()).await.expect("sent");
            answering(&stage.tablet(), stage.tablet().delete_messages([message]), |_| {})
        }
        "sms_send" => answering(&stage.phone(), stage.phone().send_sms("+12245556666", stage.name()), |_| {}),
        _ => return None,
    })
}
