use super::{Call, Handles, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { russ, anna, .. } = stage.handles;
    Some(match operation {
        "personal_contact_list" => answering(russ, russ.contacts(), |_| {}),
        "personal_contact_create" => {
            let create = russ.create_contact("anna@example.com", stage.name()).first_name("Anna");
            answering(russ, create, |_| {})
        }
        "personal_contact_delete" => {
            let contact = stage.maker().russ.create_contact("anna@example.com", stage.name()).await.expect("created");
            answering(russ, russ.delete_contact(contact), |()| {})
        }
        "user_device_address_book_get" => answering(anna, anna.device_address_book(), |book| assert_eq!(book.len(), 1)),
        _ => return None,
    })
}
