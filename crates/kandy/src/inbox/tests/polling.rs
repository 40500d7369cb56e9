//! When an inbox polls.

use std::time::Duration;

use super::service::{Service, idle, message, next};
use crate::{Device, InboxBuilder};

const SECOND: Duration = Duration::from_secs(1);

fn milliseconds(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[tokio::test(start_paused = true)]
async fn an_inbox_polls_the_less_often_the_longer_nothing_arrives() {
    type Configure = fn(InboxBuilder) -> InboxBuilder;
    let default: Configure = |inbox| inbox;
    let quick: Configure = |inbox| inbox.min_interval(milliseconds(100)).max_interval(SECOND);
    let zero: Configure = |inbox| inbox.min_interval(Duration::ZERO).max_interval(Duration::ZERO);
    let inverted: Configure = |inbox| inbox.min_interval(SECOND).max_interval(milliseconds(1));
    for (configure, random, intervals) in [
        (default, 0.0, vec![500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]),
        // The random part is half of what exceeds the minimum.
        (default, 1.0, vec![500, 750, 1_250, 2_250, 4_250, 8_250, 15_250, 15_250]),
        (default, 0.5, vec![500, 875, 1_625, 3_125, 6_125, 12_125, 22_625]),
        (quick, 0.0, vec![100, 200, 400, 800, 1_000, 1_000]),
        (zero, 0.0, vec![1, 1, 1]),
        (inverted, 1.0, vec![1_000, 1_000]),
        // A clock of the program draws what it should not.
        (quick, 7.0, vec![100, 150, 250, 450, 550, 550]),
        (quick, -1.0, vec![100, 200, 400, 800, 1_000, 1_000]),
    ] {
        let service = Service::with_random([], random);
        let mut inbox = configure(service.device.messages()).stream();
        idle(&mut inbox, milliseconds(intervals.iter().sum::<u64>() + 1)).await;
        let mut expected = vec![0];
        expected.extend(intervals.iter().scan(0, |time, interval| {
            *time += u128::from(*interval);
            Some(*time)
        }));
        let polls = service.state().polls.clone();
        assert!(polls.starts_with(&expected), "{random}: {polls:?} {expected:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_message_makes_it_poll_often_again() {
    let service = Service::new([]);
    service.state().arriving = vec![(3_000, message(1)), (3_600, message(2))];
    let mut inbox = service.inbox();
    next(&mut inbox).await;
    next(&mut inbox).await;
    idle(&mut inbox, 4 * SECOND).await;
    assert_eq!(service.state().polls, [0, 500, 1_500, 3_500, 4_000, 4_500, 5_500, 7_500]);
}

#[tokio::test(start_paused = true)]
async fn the_time_that_the_program_needs_counts() {
    let service = Service::new([message(1)]);
    let mut inbox = service.inbox();
    next(&mut inbox).await;
    for (needed, polls) in [(300, 500), (500, 1_000), (700, 1_700)] {
        tokio::time::advance(milliseconds(needed)).await;
        service.state().pending.push(message(usize::try_from(polls).expect("small")));
        next(&mut inbox).await;
        assert_eq!(service.state().polls.last(), Some(&polls));
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_between_a_response_and_the_next_poll_is_the_interval() {
    let service = Service::new([]);
    service.state().delay = milliseconds(200);
    idle(&mut service.inbox(), milliseconds(2_500)).await;
    assert_eq!(service.state().polls, [0, 700, 1_900]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_the_inbox_is_polled() {
    let service = Service::new([message(1)]);
    let device: &Device = &service.device;
    let inbox = device.messages().stream();
    tokio::time::advance(60 * SECOND).await;
    assert!(!inbox.is_pushed());
    inbox.close().await.expect("nothing to delete");
    assert!(service.state().polls.is_empty() && service.state().deletes.is_empty());
}
