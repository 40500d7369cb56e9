//! A healthy channel: every message is pushed.

use super::senders::{SENDERS, Senders};
use crate::support::emulator::TestDomain;

const MESSAGES: usize = 1_000;
/// The inbox polls when it starts, when its channel is connected, and perhaps once more.
const POLLS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_pushed_once_and_in_order() {
    let test = TestDomain::start().await;
    let (_, device) = test.create_user("anna").await;
    let senders = Senders::create(&test).await;
    let mut inbox = device.messages().push().stream();
    // The first message arrives by a poll or by push; from the second on, the channel is connected.
    for text in ["first", "second"] {
        senders.send_one(text).await;
        let message = inbox.try_next().await.expect("no error").expect("a message");
        message.ack().await.expect("acknowledged");
    }

    let sending = tokio::spawn({
        let senders = senders.clone();
        async move { senders.send_all(MESSAGES).await }
    });
    let mut next = [0; SENDERS];
    for _ in 0..MESSAGES {
        let message = inbox.try_next().await.expect("no error").expect("a message");
        let text = message.content.as_ref().and_then(|content| content.text()).expect("a text");
        let (sender, number) = text.split_once(' ').expect("two words");
        let next = &mut next[sender.parse::<usize>().expect("a number")];
        assert_eq!(number, next.to_string(), "of sender {sender}");
        *next += 1;
        message.ack().await.expect("acknowledged");
        senders.permit_one();
    }
    assert_eq!(next, [MESSAGES / SENDERS; SENDERS]);
    sending.await.expect("no panic");
    inbox.close().await.expect("closed");

    let polls = test.requests_of("message_list");
    println!("{MESSAGES} messages, {polls} polls");
    assert!(polls <= POLLS, "{polls}");
    assert!(device.pending_messages().await.expect("messages").messages.is_empty());
}
