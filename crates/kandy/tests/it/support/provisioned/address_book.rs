//! Calls of personal contacts and the address books of a user.

use super::{Call, CallSetup, Handles};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { russ, anna, .. } = setup.handles;
    Some(match operation {
        "personal_contact_list" => Call::new(russ, russ.contacts(), |_| {}),
        "personal_contact_create" => {
            let create = russ.create_contact("anna@example.com", setup.name()).first_name("Anna");
            Call::new(russ, create, |_| {})
        }
        "personal_contact_delete" => {
            let contact =
                setup.default_handles().russ.create_contact("anna@example.com", setup.name()).await.expect("created");
            Call::new(russ, russ.delete_contact(contact), |()| {})
        }
        "user_device_address_book_get" => Call::new(anna, anna.device_address_book(), |book| assert_eq!(book.len(), 1)),
        _ => return None,
    })
}
