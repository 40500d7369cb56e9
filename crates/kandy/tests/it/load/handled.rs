//! What a process that is killed does with its inbox: it reports each message on a line, and acknowledges it.

use std::{io::Write, time::Duration};

use kandy::{Device, Inbox, Kandy, KandyBuilder};
use tokio::time::timeout;

/// The prefix of the lines for handled messages.
pub(super) const HANDLED: &str = "handled ";

/// The text of the last message.
pub(super) const LAST: &str = "last";

/// The longest wait for a message.
const LONG_TIMEOUT: Duration = Duration::from_secs(20);

/// Returns the device whose base URL, token and id are the words of an environment variable. `None` without the variable:
/// the test is not run as the process of another.
pub(super) fn device_in(variable: &str, configure: impl FnOnce(KandyBuilder) -> KandyBuilder) -> Option<Device> {
    let arguments = std::env::var(variable).ok()?;
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let [base_url, token, device_id] = arguments[..] else { panic!("three words") };
    // Ends a line that the test harness may have begun.
    print_now("\n");
    let kandy = configure(Kandy::builder().base_url(base_url)).build().expect("a client");
    Some(kandy.user_with_token(token).device(device_id))
}

/// Handles messages up to the last one.
pub(super) async fn handle_all(mut inbox: Inbox) {
    // The timeout ends the loop if a message is lost.
    while let Some(message) = timeout(LONG_TIMEOUT, inbox.try_next()).await.expect("a message").expect("no error") {
        print_now(&format!("{HANDLED}{}\n", message.id.as_ref().expect("an id")));
        message.ack().await.expect("acknowledged");
        if message.content.as_ref().and_then(|content| content.text()) == Some(LAST) {
            break;
        }
    }
    inbox.close().await.expect("closed");
}

/// Writes a line and flushes it, so that the parent reads it whole even if this process is killed next.
pub(super) fn print_now(line: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).expect("a pipe");
}
