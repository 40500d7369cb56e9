//! Clients, clones and threads.

use std::thread;

use kandy_emulator::Emulator;

use crate::{client, domain, requests_of, user};

#[test]
fn many_threads_share_one_client() {
    const THREADS: usize = 16;
    const CALLS: usize = 20;
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let (_, phone) = user(&domain, "russ").expect("a user");
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let phone = phone.clone();
            scope.spawn(move || {
                for call in 0..CALLS {
                    phone.send_sms("+12245556666", format!("{thread} {call}")).send().expect("sent");
                }
            });
        }
    });
    let mut texts: Vec<_> = emulator.sms().into_iter().map(|sms| sms.text).collect();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), THREADS * CALLS);
    assert_eq!(requests_of(&emulator, "sms_send"), THREADS * CALLS);
    assert_eq!(requests_of(&emulator, "user_access_token_get"), 1, "one token for all threads");
}

#[test]
fn clients_are_independent() {
    let emulators = [(); 2].map(|()| Emulator::start().expect("a free port"));
    let [first, second] = emulators.each_ref().map(|emulator| {
        let kandy = client(emulator);
        domain(&kandy, emulator).expect("a domain")
    });
    first.create_user("russ").send().expect("a user");
    drop(first);
    assert!(second.users().send().expect("a list").is_empty());
}

#[test]
fn a_handle_outlives_its_client() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    drop(kandy);
    let (user, phone) = user(&domain, "russ").expect("a user");
    drop((domain, user));
    let builder = phone.send_sms("+12245556666", "Hello");
    drop(phone);
    builder.send().expect("the builder alone keeps the thread");
    assert_eq!(emulator.sms().len(), 1);
}

#[test]
fn calls_run_at_once_without_threads() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator).expect("a domain");
    let calls = ["russ", "anna", "bert"].map(|user_id| domain.create_user(user_id).start());
    for call in calls {
        call.wait().expect("created");
    }
    assert_eq!(domain.users().send().expect("a list").len(), 3);
}
