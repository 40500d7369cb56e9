//! An inbox with push against the emulator, with faults of the channel.

use std::time::Duration;

use kandy_emulator::{ChannelMode, Emulator, InjectedFault};

use super::push::next;
use crate::support::emulator::TestDomain;

/// Sends messages one after another, and expects each once, in order. `before` is called before each is sent.
async fn expect_all(test: &TestDomain, count: usize, before: impl Fn(usize)) {
    let ((_, phone), (_, desk)) = (test.create_user("anna").await, test.create_user("russ").await);
    let mut inbox = phone.messages().push().push_interval(Duration::from_millis(200)).stream();
    for number in 0..count {
        before(number);
        desk.send_message("anna@example.com", number.to_string()).await.unwrap();
        let message = next(&mut inbox).await;
        let text = message.content.as_ref().and_then(|content| content.text());
        assert_eq!(text, Some(number.to_string().as_str()));
        message.ack().await.unwrap();
    }
    inbox.close().await.unwrap();
    let left = phone.pending_messages().await.unwrap().messages.len();
    // One of three is pushed twice; it is deleted only after a poll has counted the messages of its id.
    assert!(left <= count / 3, "{left} of {count} are not deleted");
    assert!(test.emulator.channels().is_empty() || test.emulator.drop_channels(None) > 0);
}

#[tokio::test]
async fn a_doorbell_alone_delivers_each_message_once() {
    let test = TestDomain::on(Emulator::builder().channel(ChannelMode::Doorbell).start().unwrap()).await;
    expect_all(&test, 50, |_| {}).await;
}

#[tokio::test]
async fn each_fault_of_a_push_delivers_each_message_once() {
    for fault in [
        InjectedFault::duplicate_push(),
        InjectedFault::lost_push(),
        InjectedFault::drop_channel(),
        InjectedFault::stall_channel(),
        InjectedFault::late_push(Duration::from_millis(300)),
        InjectedFault::close_after_upgrade(),
    ] {
        let test = TestDomain::start().await;
        let name = format!("{fault:?}");
        expect_all(&test, 12, |number| {
            if number % 3 == 1 {
                test.emulator.inject(fault.clone().times(1));
            }
            if number % 3 == 2 && name.contains("Stall") {
                test.emulator.drop_channels(None);
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_token_that_expires_while_connected_is_renewed_each_time() {
    let test = TestDomain::start().await;
    expect_all(&test, 4, |_| {
        test.emulator.drop_channels(Some(4401));
    })
    .await;
}
