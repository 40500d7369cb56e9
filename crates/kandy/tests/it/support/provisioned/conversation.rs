//! Calls of conversations and events.

use super::{Call, CallSetup};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let russ = &setup.handles.russ;
    let anna = russ.conversation("anna@example.com");
    let send =
        async || setup.provisioned.phone(setup.default_handles()).send_message("anna@example.com", setup.name()).await;
    Some(match operation {
        "conversation_list" => Call::new(russ, russ.conversations(), |conversations| {
            assert_eq!(conversations[0].conversation_id, Some("anna@example.com".into()));
        }),
        "conversation_delete" => {
            send().await.expect("sent");
            Call::new(russ, russ.delete_conversations(["anna@example.com"]), |()| {})
        }
        "conversation_message_list" => {
            Call::new(&anna, anna.messages().number_of_records(20), |list| assert_eq!(list.messages.len(), 1))
        }
        "conversation_message_delete" => {
            let message = send().await.expect("sent");
            Call::new(&anna, anna.delete_messages([message]), |()| {})
        }
        "event_send" => Call::new(russ, russ.wake_up("anna@example.com"), |_| {}),
        _ => return None,
    })
}

/// Counts what an operation changes in the conversations of a user.
pub(super) async fn effects(russ: &kandy::User, operation: &str) -> usize {
    match operation {
        "conversation_delete" => russ.conversations().await.expect("a list").len(),
        _ => russ.conversation("anna@example.com").messages().await.expect("a list").messages.len(),
    }
}
