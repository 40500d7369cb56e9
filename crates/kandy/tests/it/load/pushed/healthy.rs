//! A healthy channel: every message is pushed.

use std::time::Duration;

use super::senders::{SENDERS, Senders};
use crate::support::emulator::TestDomain;

const MESSAGES: usize = 1_000;
/// The inbox polls at the start, and when its channel is established.
const POLLS: usize = 2;
/// The poll interval, longer than the test takes: all other messages are pushed.
const INTERVAL: Duration = Duration::from_secs(600);

/// When the messages are sent: before the channel is established and on, or after.
const CASES: [(&str, bool); 2] = [("while connecting", false), ("while connected", true)];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_pushed_once_and_in_order() {
    for (name, is_connected) in CASES {
        let test = TestDomain::start().await;
        let (_, device) = test.create_user("anna").await;
        let senders = Senders::create(&test).await;
        let mut inbox = device.messages().min_interval(INTERVAL).push().stream();
        // The second one is pushed.
        for text in ["first", "second"].into_iter().filter(|_| is_connected) {
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
            assert_eq!(number, next.to_string(), "{name}: of sender {sender}");
            *next += 1;
            message.ack().await.expect("acknowledged");
            senders.permit_one();
        }
        assert_eq!(next, [MESSAGES / SENDERS; SENDERS]);
        assert!(inbox.is_pushed());
        sending.await.expect("no panic");
        inbox.close().await.expect("closed");

        let polls = test.requests_of("message_list");
        println!("{MESSAGES} messages {name}: {polls} polls");
        assert_eq!(polls, POLLS, "{name}");
        assert!(device.pending_messages().await.expect("messages").messages.is_empty());
    }
}
