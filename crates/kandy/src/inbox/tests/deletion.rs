//! A message is deleted only after it was acknowledged, and then it is deleted.

use std::time::Duration;

use futures_util::{FutureExt as _, future::join_all};

use super::service::{Service, ack, chat, idle, ids, items, message, messages, next, take, texts};
use crate::testing::Reply;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn what_is_not_acknowledged_is_never_deleted() {
    for acknowledged in [vec![], vec![0], vec![2], vec![0, 1, 2], (0..10).collect(), (3..25).collect::<Vec<_>>()] {
        for ends in ["close", "flush", "poll", "drop"] {
            let service = Service::new(messages(0..25));
            let mut inbox = service.inbox();
            let taken = take(&mut inbox, 25).await;
            assert!(service.state().deletes.is_empty());
            for number in &acknowledged {
                taken[*number].ack().await.expect("acknowledged");
            }
            // Ten in a request, and nine at most wait.
            let tens = acknowledged.len() / 10;
            assert_eq!(service.state().deletes.len(), tens);
            match ends {
                "close" => inbox.close().await.expect("deleted"),
                "flush" => inbox.flush().await.expect("deleted"),
                "poll" => idle(&mut inbox, MINUTE).await,
                _ => drop(inbox),
            }
            let deleted = match ends {
                "drop" => tens * 10,
                _ => acknowledged.len(),
            };
            let left = (0..25).filter(|number| !acknowledged[..deleted].contains(number));
            assert_eq!(service.pending(), ids(left), "{ends} {acknowledged:?}");
            assert_eq!(service.state().deletes.len(), deleted.div_ceil(10), "{ends} {acknowledged:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_is_deleted_before_the_wait_for_the_next_poll() {
    let service = Service::new(messages(0..3));
    let mut inbox = service.inbox();
    ack(&take(&mut inbox, 3).await).await;
    assert!(service.state().deletes.is_empty());
    idle(&mut inbox, Duration::from_millis(1)).await;
    // The process may be killed while it waits.
    assert_eq!(service.state().deletes, [(0, ids(0..3))]);
    assert_eq!(service.state().polls, [0]);
}

#[tokio::test(start_paused = true)]
async fn after_the_inbox_each_acknowledgement_deletes() {
    for is_closed in [true, false] {
        let service = Service::new([message(0), message(1), chat("", "2"), chat("a", "3"), chat("a", "4")]);
        let mut inbox = service.inbox();
        let taken = take(&mut inbox, 5).await;
        match is_closed {
            true => inbox.close().await.expect("nothing to delete"),
            false => drop(inbox),
        }
        ack(&taken[..4]).await;
        // The second message of its id is not acknowledged.
        assert_eq!(service.take_deletes(), [ids([0]), ids([1])]);
        ack(&taken[4..]).await;
        assert_eq!(service.take_deletes(), [["a"]]);
        // A second acknowledgement has no effect.
        ack(&taken).await;
        assert!(service.take_deletes().is_empty());
        assert_eq!(service.pending(), [""]);
    }
}

#[tokio::test(start_paused = true)]
async fn messages_of_one_id_are_deleted_when_all_are_acknowledged() {
    for (pending, early) in [(["a", "a"], 0), (["a", "a"], 1), (["AB-c", "abc"], 0)] {
        let service = Service::new([chat(pending[0], "1"), chat(pending[1], "2")]);
        let mut inbox = service.inbox();
        let mut taken = take(&mut inbox, 2).await;
        let late = taken.remove(1 - early);
        // Twice in turn and at the same time: one message counts once.
        ack(&taken).await;
        ack(&taken).await;
        join_all([taken[0].ack(), taken[0].ack()]).await;
        inbox.flush().await.expect("nothing to delete");
        idle(&mut inbox, MINUTE).await;
        assert!(service.state().deletes.is_empty(), "a deletion deletes both");
        late.ack().await.expect("acknowledged");
        inbox.close().await.expect("deleted");
        assert_eq!(service.take_deletes().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_arrives_keeps_its_id_from_deletion() {
    // The deletion of the first fails, and meanwhile a second one is listed, or it is listed while the deletion runs.
    for is_running in [false, true] {
        let service = Service::new([chat("a", "1")]);
        let mut inbox = service.inbox();
        service.refuse(|_| Some(Reply::http(503)));
        let first = next(&mut inbox).await;
        first.ack().await.expect("acknowledged");
        service.state().pending.push(chat("a", "2"));
        let second = match is_running {
            false => items(&mut inbox, MINUTE).await.0,
            true => {
                service.state().delay = Duration::from_millis(50);
                let tracker = inbox.tracker.clone();
                let mut deletion = Box::pin(tracker.flush());
                assert!(deletion.as_mut().now_or_never().is_none(), "it runs");
                let (second, _) = items(&mut inbox, MINUTE).await;
                deletion.await.expect_err("refused");
                second
            }
        };
        assert_eq!(texts(&second), ["2"]);
        service.accept();
        service.take_deletes();
        idle(&mut inbox, MINUTE).await;
        inbox.flush().await.expect("nothing to delete");
        assert!(service.take_deletes().is_empty(), "it would delete the second");
        ack(&second).await;
        inbox.close().await.expect("deleted");
        assert_eq!(service.take_deletes(), [["a"]]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_is_repeated_and_blocks_no_message() {
    let failures = [
        Reply::http(503),
        Reply::http(401),
        Reply::failure(crate::Phase::Connect),
        Reply::failure(crate::Phase::Timeout),
        Reply::success().body("<html>"),
    ];
    for failure in failures {
        let service = Service::new(messages(0..20));
        let reply = failure.clone();
        service.refuse(move |_| Some(reply.clone()));
        let mut inbox = service.inbox();
        let mut failed = Vec::new();
        for (number, message) in take(&mut inbox, 20).await.iter().enumerate() {
            failed.extend(message.ack().await.err().map(|_| number));
        }
        assert_eq!(failed, [9, 19], "{failure:?}: not at each acknowledgement");
        // Each poll reports it again, since it is not refused, and yields what is new.
        service.state().pending.push(message(20));
        let (taken, errors) = items(&mut inbox, Duration::from_millis(1600)).await;
        assert_eq!((texts(&taken), errors.len()), (vec!["20".to_owned()], 2), "{failure:?} {errors:?}");
        assert!(errors[0].contains("20 messages"), "{errors:?}");
        inbox.flush().await.expect_err("not deleted");
        service.accept();
        idle(&mut inbox, MINUTE).await;
        assert_eq!(service.pending(), ["m20"], "{failure:?}");
        inbox.close().await.expect("deleted");
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_was_not_deleted_is_deleted_again() {
    // Of two requests the second fails, or is dropped while it runs.
    for is_dropped in [false, true] {
        let service = Service::new(messages(0..15));
        let mut inbox = service.inbox();
        let taken = take(&mut inbox, 15).await;
        service.refuse(|_| Some(Reply::http(503)));
        for message in &taken {
            let _ = message.ack().await;
        }
        service.take_deletes();
        if is_dropped {
            service.accept();
            service.state().delay = Duration::from_millis(50);
            let flush = tokio::time::timeout(Duration::from_millis(75), inbox.flush());
            flush.await.expect_err("dropped");
            service.state().delay = Duration::ZERO;
        } else {
            service.refuse(|ids| (ids.len() < 10).then(|| Reply::http(503)));
            inbox.flush().await.expect_err("the second request fails");
            service.accept();
        }
        assert_eq!(service.take_deletes(), [ids(0..10), ids(10..15)]);
        inbox.close().await.expect("deleted");
        assert_eq!(service.take_deletes(), [ids(10..15)]);
        assert!(service.pending().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_future_is_dropped_loses_no_acknowledgement() {
    for ends in ["close", "flush", "poll"] {
        let service = Service::new(messages(0..3));
        let mut inbox = service.inbox();
        ack(&take(&mut inbox, 3).await).await;
        service.state().delay = Duration::from_millis(50);
        // The deletion of the cycle is on its way, and its result is lost.
        let reply = || Reply::failure(crate::Phase::Timeout);
        service.refuse(move |_| Some(reply()));
        assert!(inbox.next().now_or_never().is_none());
        assert_eq!(service.take_deletes(), [ids(0..3)]);
        service.accept();
        match ends {
            "close" => inbox.close().await.expect("deleted"),
            "flush" => inbox.flush().await.expect("deleted"),
            _ => idle(&mut inbox, MINUTE).await,
        }
        assert_eq!((service.take_deletes(), service.pending().len()), (vec![ids(0..3)], 0), "{ends}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_another_program_deleted_is_not_deleted() {
    // A new message may have got its id.
    let service = Service::new(messages(0..2));
    service.refuse(|_| Some(Reply::http(503)));
    let mut inbox = service.inbox();
    ack(&take(&mut inbox, 2).await).await;
    service.state().pending.remove(0);
    let (taken, _) = items(&mut inbox, MINUTE).await;
    assert!(taken.is_empty());
    service.state().pending.push(message(0));
    assert_eq!(texts(&items(&mut inbox, MINUTE).await.0), ["0"]);
    service.accept();
    service.take_deletes();
    inbox.close().await.expect("deleted");
    assert_eq!((service.take_deletes(), service.pending()), (vec![ids([1])], ids([0])));
}
