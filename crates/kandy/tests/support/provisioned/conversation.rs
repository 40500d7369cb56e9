use super::{Call, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let russ = &stage.handles.russ;
    let anna = russ.conversation("anna@example.com");
    let send = async || stage.of.phone(stage.maker()).send_message("anna@example.com", stage.name()).await;
    Some(match operation {
        "conversation_list" => answering(russ, russ.conversations(), |conversations| {
            assert_eq!(conversations[0].conversation_id, Some("anna@example.com".into()));
        }),
        "conversation_delete" => {
            send().await.expect("sent");
            answering(russ, russ.delete_conversations(["anna@example.com"]), |()| {})
        }
        "conversation_message_list" => {
            answering(&anna, anna.messages().number_of_records(20), |list| assert_eq!(list.messages.len(), 1))
        }
        "conversation_message_delete" => {
            let message = send().await.expect("sent");
            answering(&anna, anna.delete_messages([message]), |()| {})
        }
        "event_send" => answering(russ, russ.wake_up("anna@example.com"), |_| {}),
        _ => return None,
    })
}

/// What the conversations of a user show of an operation that changes them.
pub(super) async fn effects(russ: &kandy::User, operation: &str) -> usize {
    match operation {
        "conversation_delete" => russ.conversations().await.expect("a list").len(),
        _ => russ.conversation("anna@example.com").messages().await.expect("a list").messages.len(),
    }
}
