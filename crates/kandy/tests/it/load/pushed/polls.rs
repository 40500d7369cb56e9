//! The poll that an established channel asks for, when it fails, or is dropped.

use std::time::Duration;

use futures_util::FutureExt;
use kandy::{Clock, Kandy, RetryPolicy};
use kandy_emulator::InjectedFault;

use super::{fast_clock::FastClock, senders::RECIPIENT};
use crate::support::emulator::TestDomain;

/// The poll interval: long enough that no poll falls between the one at the start and that of the established channel.
const INTERVAL: Duration = Duration::from_secs(40);
/// More than the interval, which doubles once, and less than the five minutes between polls while messages are pushed.
const SOON: Duration = Duration::from_secs(200);

/// Ways in which the second poll, that of the established channel, returns nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Case {
    Fails,
    /// The program drops it by a call of `flush`.
    IsDropped,
}

#[tokio::test]
async fn the_poll_of_an_established_channel_is_repeated() {
    for case in [Case::Fails, Case::IsDropped] {
        let test = TestDomain::start().await;
        let ((anna, _), (_, desk)) = (test.create_user("anna").await, test.create_user("russ").await);
        let (token, device_id) = (anna.access_token().await.expect("a token"), anna.devices().await.expect("devices"));
        let clock = FastClock::start();
        let kandy = Kandy::builder().base_url(test.emulator.base_url()).clock(clock.clone());
        let kandy = kandy.retry(RetryPolicy::never()).build().expect("a client");
        let device = kandy.user_with_token(token.expose()).device(&device_id[0].device_id);
        // Only a poll can find the message.
        test.emulator.inject(InjectedFault::lost_push());
        let fault = match case {
            Case::Fails => InjectedFault::http(503),
            Case::IsDropped => InjectedFault::stall(),
        };
        test.emulator.inject(fault.on("message_list").nth(2));

        let mut inbox = device.messages().min_interval(INTERVAL).push().stream();
        while test.emulator.faults()[1].hits == 0 {
            let item = inbox.next().now_or_never();
            assert!(item.is_none() || case == Case::Fails, "{item:?}");
            tokio::task::yield_now().await;
        }
        desk.send_message(RECIPIENT, "Hello").await.expect("sent");
        let sent = clock.now();
        if case == Case::IsDropped {
            inbox.flush().await.expect("nothing to delete");
        }
        let message = loop {
            if let Some(Ok(message)) = inbox.next().await {
                break message;
            }
        };
        assert_eq!(message.content.as_ref().and_then(|content| content.text()), Some("Hello"), "{case:?}");
        let late = clock.now() - sent;
        assert!(late < SOON, "{case:?}: after {late:?}");
        assert!(inbox.is_pushed(), "{case:?}");
    }
}
