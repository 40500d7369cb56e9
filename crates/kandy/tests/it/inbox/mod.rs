//! The inbox: delivery, acknowledgement, polling, and messages that the service refuses to delete.

mod delivery;
mod polling;
#[cfg(feature = "push")]
mod push;
#[cfg(feature = "push")]
mod push_and_poll;
#[cfg(feature = "push")]
mod push_deletes;
#[cfg(feature = "push")]
mod push_emulator;
mod refused_deletes;

use kandy::{Error, Inbox, IncomingMessage};

/// Returns the next `count` messages, and the errors between them. Panics at the tenth error.
async fn take_with_errors(inbox: &mut Inbox, count: usize) -> (Vec<IncomingMessage>, Vec<Error>) {
    let (mut taken, mut errors) = (Vec::new(), Vec::new());
    while taken.len() < count {
        match inbox.next().await.expect("a message") {
            Ok(message) => taken.push(message),
            Err(error) => errors.push(error),
        }
        assert!(errors.len() < 10, "{errors:?}");
    }
    (taken, errors)
}

/// Returns the next `count` messages, and skips up to nine errors between them.
async fn take(inbox: &mut Inbox, count: usize) -> Vec<IncomingMessage> {
    take_with_errors(inbox, count).await.0
}

/// Returns the numbers that are the texts of messages.
fn numbers(messages: &[IncomingMessage]) -> Vec<usize> {
    let text = |message: &IncomingMessage| message.content.as_ref().unwrap().text().unwrap().parse().unwrap();
    messages.iter().map(text).collect()
}
