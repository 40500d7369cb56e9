//! What is dropped in the middle is cancelled, and nothing else is.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
    time::Duration,
};

use kandy::blocking::{Device, PendingCall};

use crate::server::HoldingServer;

/// A way to drop a call while the server works on it.
type DropIt = fn(PendingCall<kandy::Result<()>>);

const DROPS: [(&str, DropIt); 3] = [
    ("dropped", drop),
    ("unwound", |call| {
        let unwound = catch_unwind(AssertUnwindSafe(move || {
            let _call = call;
            std::panic::resume_unwind(Box::new("the caller panics"));
        }));
        assert!(unwound.is_err());
    }),
    ("dropped with its thread", |call| drop(thread::spawn(move || drop(call)).join())),
];

/// Makes another call, which shows that the client works and that nothing was sent before it.
fn assert_nothing_was_sent(server: &HoldingServer, phone: &Device) {
    let other = phone.delete_address_book().start();
    let request = server.next();
    assert!(request.target.starts_with("DELETE /devices/"), "{}", request.target);
    request.succeed();
    other.wait().expect("no error");
    assert!(server.others().is_empty());
}

#[test]
fn a_call_that_is_dropped_is_cancelled_and_not_sent_again() {
    for (name, drop_it) in DROPS {
        eprintln!("{name}");
        let server = HoldingServer::start();
        let phone = server.device();
        let call = phone.send_sms("+12245556666", "Hello").start();
        let request = server.next();
        drop_it(call);
        request.expect_closed();
        assert_nothing_was_sent(&server, &phone);
    }
}

#[test]
fn a_call_that_is_dropped_before_it_is_sent_is_never_sent() {
    let server = HoldingServer::start();
    let kandy = server.client();
    let phone = kandy.user_with_token("UAT-token").device("A149");
    // Occupies the thread of the client, so that the call cannot begin.
    let (release, is_released) = mpsc::channel::<()>();
    let (occupied, is_occupied) = mpsc::channel();
    let blocked = thread::spawn(move || {
        kandy.block_on(async move {
            occupied.send(()).expect("the test waits");
            is_released.recv().expect("the test goes on");
        })
    });
    is_occupied.recv().expect("the thread runs");
    drop(phone.send_sms("+12245556666", "Hello").start());
    release.send(()).expect("it waits");
    blocked.join().expect("no panic").expect("it ran");
    assert_nothing_was_sent(&server, &phone);
}

#[test]
fn a_call_on_another_thread_completes_although_the_client_is_dropped() {
    let server = HoldingServer::start();
    let kandy = server.client();
    let user = kandy.user_with_token("UAT-token");
    let phone = user.device("A149");
    let call = thread::spawn(move || phone.send_sms("+12245556666", "Hello").send());
    let request = server.next();
    drop((kandy, user));
    request.succeed();
    call.join().expect("no panic").expect("it completes");
}

#[test]
fn a_list_that_is_dropped_is_cancelled() {
    let server = HoldingServer::start();
    let domain = server.client().domain_with_token("DAK-key", "DAT-token");
    let mut users = domain.users().iter();
    let first = thread::scope(|scope| {
        let first = scope.spawn(|| users.next());
        let mut request = server.next();
        request.begin_list();
        (first.join().expect("no panic"), request)
    });
    let (first, request) = first;
    assert_eq!(first.expect("an item").expect("no error").user_id.as_str(), "russ");
    drop(users);
    request.expect_closed();
}

#[test]
fn a_bulk_that_is_dropped_is_cancelled_and_takes_no_more_items() {
    let server = HoldingServer::start();
    let phone = server.device();
    let taken = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = taken.clone();
    let items = std::iter::from_fn(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Some(kandy::Sms::new("+12245556666", "Hello"))
    });
    let mut outcomes = phone.send_many_sms(items).concurrency(3);
    let held = thread::scope(|scope| {
        let first = scope.spawn(|| outcomes.next());
        let mut held: Vec<_> = (0..3).map(|_| server.next()).collect();
        held.remove(0).succeed();
        assert!(first.join().expect("no panic").expect("an outcome").result.is_ok());
        held
    });
    drop(outcomes);
    held.into_iter().for_each(crate::server::HeldRequest::expect_closed);
    assert_eq!(taken.load(std::sync::atomic::Ordering::Relaxed), 3, "items that were taken");
    assert!(server.others().is_empty());
}

#[test]
fn an_inbox_that_is_dropped_is_cancelled() {
    let server = HoldingServer::start();
    let mut inbox = server.device().messages().iter();
    // The poll makes progress only while something waits for the inbox.
    let request = loop {
        assert!(inbox.next_within(Duration::from_millis(1)).expect("no error").is_none(), "nothing arrived");
        if let Some(request) = server.try_next() {
            break request;
        }
    };
    drop(inbox);
    request.expect_closed();
}
