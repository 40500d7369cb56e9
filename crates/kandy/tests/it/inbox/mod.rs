//! The inbox: delivery, acknowledgement, polling, and messages that the service refuses to delete.

mod delivery;
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
